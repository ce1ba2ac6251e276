"""One form for each molecule; a bad compound is a value with a reason."""

import logging
import os
import re

import attrs
import joblib
import pytest
from chembl_structure_pipeline import standardizer
from rdkit import Chem, rdBase

from fluidmol.chem.intake.parents import parent, standardise_one
from fluidmol.chem.intake.standardise import CHUNK, Standardised, standardise

DIVERSE = [
    # plain
    "CCO", "c1ccccc1O", "O=C(O)c1ccccc1OC(C)=O",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "C#CCN(C)[C@H](C)Cc1ccccc1", "C=C=C",
    "OB(O)c1ccccc1", "C[Si](C)(C)C", "FC(F)(F)S(=O)(=O)N",
    "OC1=NC=CC=C1", "CC(O)=NC", "C1CC2CCC1C2", "Clc1ccc(cc1)P(C)C",
    # charges and zwitterions
    "[NH3+]CC(=O)[O-]", "C[N+](C)(C)CC(=O)[O-]", "C[N+](C)(C)CCO", "CC(=O)[O-]", "C[NH+](C)C", "[O-]c1ccccc1",
    "C[N+](C)(C)CC([O-])CC[O-]", "[O-]C([N+](C)C)CC(=O)[O-]", "c1cc[nH+]cc1",
    "[CH3-]", "[N-]=[N+]=NCc1ccccc1", "CC(C)(C)[O-]",
    # groups that are normalised
    "CN(=O)=O", "O=[N+]([O-])c1ccccc1", "CS(C)=O", "C[S+]([O-])C",
    "c1cc[n+]([O-])cc1", "CN=N#N", "C[N+](=O)[O-]", "CCN=[N+]=[N-]",
    # salts, solvents, hydrates, mixtures
    "CCN.Cl", "[Na+].CC(=O)[O-]", "[Na+].[O-]C(=O)c1ccncc1C", "CN(C)CCc1c[nH]c2ccccc12.OC(=O)C(O)C(O)C(=O)O",
    "O.O.CCN(CC)CC.OS(=O)(=O)O", "C1CCNCC1.C1CCNCC1",
    "c1ccncc1.c1ccccc1C", "CC(=O)O.OC(=O)c1ccccc1", "ClCCl.CCOC(=O)c1ccncc1",
    "[K+].[O-]c1ccccc1Br", "[Cl-].C[N+](C)(C)Cc1ccccc1", "OC(=O)C(O)C(O)C(=O)O",
    "O[C@H]([C@@H](O)C(O)=O)C(O)=O", "O", "Cl", "CCO.O",
    "CC[O-].[Na+]", "CCO[Na]", "CC(=O)O[K]",
    "[Li]CCCC", "CN(C)C.Br.I", "OC(=O)C=CC(=O)O.CN1CCN(C)CC1", "C[n+]1ccccc1.[I-]",
    # isotopes and hydrogens
    "[2H]C([2H])([2H])O", "[13CH3]c1ccccc1", "[2H]c1ccccc1",
    "[H]C([H])([H])C", "[3H]CC", "[2H]O[2H]", "C[C@]([2H])(O)c1ccccc1",
    "[H]/N=C(/N)c1ccccc1", "[18F]CCO", "[H][H]",
    "[13C]", "Cl.[2H]N(C)C", "C[C@@]([H])(N)C(=O)O", "[H]C1=CC=CC=C1",
    # stereo
    "C[C@H](N)C(=O)O", "C/C=C/C", "C/C=C\\C(=O)O",
    "F/C=C/[2H]", "C[S@](=O)c1ccccc1", "O[C@@H]1CC[C@H](C)CC1", "C[C@@H](O)[C@H](O)C",
    "CC(C)=C=C(C)C", "C[P@](=O)(O)c1ccccc1", "[O-][S@@+](C)c1ccccc1", "C[C@H]1CCCC[C@@H]1[NH3+].[Cl-]",
]  # fmt: skip


def chain(n: int) -> list[str]:
    return ["C" * (1 + i % 60) + "N" + "C" * (i // 60) for i in range(n)]


@pytest.mark.parametrize("smiles", DIVERSE)
def test_the_short_way_gives_what_the_pipeline_gives(smiles: str) -> None:
    with rdBase.BlockLogs():
        theirs, excluded = standardizer.get_parent_mol(standardizer.standardize_mol(Chem.MolFromSmiles(smiles)))
        ours = parent(Chem.MolFromSmiles(smiles))
    assert not excluded
    assert Chem.MolToSmiles(ours) == Chem.MolToSmiles(theirs)


@pytest.mark.parametrize(
    ("raw", "smiles"),
    [
        ("C[NH+](C)C.[Cl-]", "CN(C)C"),
        ("[NH3+]CC(=O)[O-]", "NCC(=O)O"),
        ("CN(=O)=O", "C[N+](=O)[O-]"),
        ("[2H]C([2H])([2H])O", "CO"),
        (" CCO ", "CCO"),
        ("C1CCNCC1.C1CCNCC1", "C1CCNCC1"),
        ("OC[C@@H](C)N", "C[C@@H](N)CO"),
        ("[CH3:1][CH2:2][OH:3]", "CCO"),
        ("[H:4][C@:2]([CH3:1])([NH2:3])c1ccccc1", "C[C@@H](N)c1ccccc1"),
        ("\ufeffCCO\u200b", "CCO"),
        ("\u00a0CCO\u00a0", "CCO"),
        ("C%10CCCCC%10", "C1CCCCC1"),
        ("C%(100)CCCCC%(100)", "C1CCCCC1"),
    ],
)
def test_parents(raw: str, smiles: str) -> None:
    found = standardise_one(raw)
    assert found.smiles == smiles
    assert found.inchikey == Chem.MolToInchiKey(Chem.MolFromSmiles(smiles))
    assert not found.reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "empty SMILES"),
        ("  ", "empty SMILES"),
        ("C1CC", "unreadable SMILES: syntax error"),
        ("not a molecule", "unreadable SMILES: syntax error"),
        ("CC(C)(C)(C)C", "unreadable SMILES: .*valence"),
        ("c1cccc1", "unreadable SMILES: .*kekulize"),
        ("O", "no carbon"),
        ("[Na+].[Cl-]", "a mixture|no carbon"),
        ("*CC", "not one molecule"),
        ("[Pt](Cl)(Cl)(N)N", r"excluded by the ChEMBL pipeline.*\(Pt\)"),
        ("CC.[Fe]", "excluded by the ChEMBL pipeline"),
        ("c1ccncc1.c1ccccc1C", "a mixture: 2 fragments"),
        ("C" * 1001, "too large: 1001 atoms"),
        ("C" * 10_001, "too large: a SMILES of 10001 characters"),
        ("C\0C", "unreadable SMILES: syntax error"),
        ("\ud800", "unreadable SMILES|can't be standardised"),
        ("CCO ethanol", "text after the SMILES: 'ethanol'"),
        ("CC O", "text after the SMILES: 'O'"),
        ("CC\tO", "text after the SMILES: 'O'"),
        ("CC\nO", "text after the SMILES: 'O'"),
        ("C\u00a0C", "text after the SMILES: 'C'"),
        ("InChI=1S/CH4/h1H4", "an InChI, not a SMILES"),
        ("LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "an InChIKey, not a SMILES"),
        ("CCO>>CC=O", "a reaction, not one molecule"),
        ("CC>O>CC", "a reaction, not one molecule"),
        ("[#6]C", r"a pattern \(SMARTS\), not one molecule: it has '\[#6\]'"),
        ("[12#6]C", r"a pattern \(SMARTS\)"),
        ("[C,N]C", r"a pattern \(SMARTS\).* ','"),
        ("[C;H3]C", r"a pattern \(SMARTS\).* ';'"),
        ("C~C", r"a pattern \(SMARTS\).* '~'"),
        ('"CCO"', "unreadable SMILES: it has '\"'"),
        ("CCO\u00b2", r"unreadable SMILES: it has '\\xb2'"),
        ("C[O\u2212]", r"unreadable SMILES: it has '\\u2212'"),
        ("CN->[BH3]", "no InChIKey|unreadable SMILES"),
        ("C[C@H](N)O|&1:1|", r"unreadable SMILES: it has '\|'"),
    ],
)
def test_a_bad_compound_has_a_reason(raw: str, reason: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = standardise_one(raw)
    assert (found.smiles, found.inchikey) == ("", "")
    assert re.match(reason, found.reason)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("smiles", DIVERSE)
def test_law_a_standardised_molecule_is_its_own_parent(smiles: str) -> None:
    found = standardise_one(smiles)
    if not found.reason:
        # The note tells what the first text had that the standardised SMILES hasn't.
        assert standardise_one(found.smiles) == attrs.evolve(found, note="")


def test_order_and_repetitions() -> None:
    found = standardise(["OCC", "C1CC", "CCO", "OCC"])
    assert [item.smiles for item in found] == ["CCO", "", "CCO", "CCO"]
    assert standardise([]) == []


def test_progress_counts_distinct_molecules() -> None:
    seen: list[tuple[int, int]] = []
    many = chain(CHUNK + 10)
    standardise([*many, *many], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, CHUNK + 10), (CHUNK, CHUNK + 10), (CHUNK + 10, CHUNK + 10)]


def test_many_molecules_leave_this_process(caplog: pytest.LogCaptureFixture) -> None:
    many = chain(2 * CHUNK + 1)
    with caplog.at_level(logging.DEBUG, logger="fluidmol.chem.intake.standardise"):
        apart = standardise(many, n_jobs=2)
    workers = {record.args[1] for record in caplog.records if isinstance(record.args, tuple)}
    assert len(caplog.records) == 3
    assert workers
    assert os.getpid() not in workers
    assert apart == standardise(many, n_jobs=1)


def test_the_ambient_backend_is_honoured(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG, logger="fluidmol.chem.intake.standardise"),
        joblib.parallel_config(backend="loky", n_jobs=2),
    ):
        standardise(chain(CHUNK + 1))
    assert os.getpid() not in {record.args[1] for record in caplog.records if isinstance(record.args, tuple)}


def test_a_backend_that_gives_all_answers_at_once_will_do() -> None:
    with joblib.parallel_config(backend="multiprocessing", n_jobs=2):
        found = standardise(chain(CHUNK + 1))
    assert found == standardise(chain(CHUNK + 1), n_jobs=1)


def test_few_molecules_stay_in_this_process(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="fluidmol.chem.intake.standardise"):
        assert standardise(["CCO"], n_jobs=2) == [Standardised("CCO", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "")]
    assert [record.args for record in caplog.records] == [(1, os.getpid())]
