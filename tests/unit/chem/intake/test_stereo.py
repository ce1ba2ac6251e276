"""A racemate isn't the enantiomer that is drawn, and an extension that changes the compound is never ignored."""

import pytest
from rdkit import Chem

from fluidmol.chem.intake.parents import standardise_one
from fluidmol.chem.intake.structures.smiles_text import split_line
from fluidmol.chem.intake.structures.stereo import smiles_with_groups, without_unknown_stereo

AMINE = "C[C@H](N)c1ccccc1"
DIOL = "C[C@H](O)[C@@H](O)CC"


@pytest.mark.parametrize(
    ("raw", "smiles", "note"),
    [
        (f"{AMINE} |&1:1|", "CC(N)c1ccccc1", "racemic at 1 centre (&1): read without its stereo"),
        (f"{AMINE} |&4:1|", "CC(N)c1ccccc1", "racemic at 1 centre (&4): read without its stereo"),
        (
            f"{AMINE} |o1:1|",
            "CC(N)c1ccccc1",
            "one of two configurations, unknown which, at 1 centre (o1): read without its stereo",
        ),
        (
            f"{AMINE} |r|",
            "CC(N)c1ccccc1",
            "racemic or one of two, unknown which, at 1 centre (r): read without its stereo",
        ),
        (f"{AMINE}.Cl |&1:1|", "CC(N)c1ccccc1", "racemic at 1 centre (&1): read without its stereo"),
        ("[H][C@](C)(N)c1ccccc1 |&1:1|", "CC(N)c1ccccc1", "racemic at 1 centre (&1): read without its stereo"),
        (
            f"{DIOL} |&1:1,3|",
            "CCC(O)C(C)O",
            "racemic at 2 centres (&1): read without their stereo, and so without their relative configuration",
        ),
        (f"{DIOL} |a:1,&2:3|", "CCC(O)[C@H](C)O", "racemic at 1 centre (&2): read without its stereo"),
        (
            f"{DIOL} |r,a:1|",
            "CCC(O)[C@H](C)O",
            "racemic or one of two, unknown which, at 1 centre (r): read without its stereo",
        ),
        (
            f"{DIOL} |&1:1,o2:3|",
            "CCC(O)C(C)O",
            "racemic at 1 centre (&1): read without its stereo; "
            "one of two configurations, unknown which, at 1 centre (o2): read without its stereo",
        ),
        # With one of two ring centres gone, the other is none; RDKit writes both if only its mark is removed.
        ("O[C@@H]1CC[C@H](C)CC1 |o1:1|", "CC1CCC(O)CC1", "one of two"),
        ("C/C=C/[C@H](N)O |&1:3|", "C/C=C/C(N)O", "racemic"),
        ("ClC[C@TH1](N)(O)Br |&1:2|", "NC(O)(Br)CCl", "racemic"),
    ],
)
def test_stereo_in_an_open_group_is_removed_with_a_note(raw: str, smiles: str, note: str) -> None:
    found = standardise_one(raw)
    assert found.smiles == smiles, found.reason
    assert found.inchikey == Chem.MolToInchiKey(Chem.MolFromSmiles(smiles))
    assert found.note.startswith(note)


@pytest.mark.parametrize(
    ("raw", "smiles"),
    [
        (f"{AMINE} |a:1|", AMINE),
        (f"{AMINE} ||", AMINE),
        (f"{AMINE} |w:1.0|", "CC(N)c1ccccc1"),
        ("C[C@H](N)O |$C1;C2;N;$|", "C[C@H](N)O"),
        ("CCO |$_AV:a;b;c$,(0,0,;1.2,0,;2,.5,),lp:2:2,f:0|", "CCO"),
        ("CC(N)O |(0,0,;1,0,;1,1,;2,0,),wU:1.0|", "CC(N)O"),
        ("CC |^1:0|", "[CH2]C"),
        ("CC=CC |t:1|", "C/C=C/C"),
        ("CC=CC |c:1|", "C/C=C\\C"),
        ("C/C=C/C |ctu:1|", "CC=CC"),
        ("OC1=CC=CC=C1 |c:3,5,t:1|", "Oc1ccccc1"),
        # The racemic part is a salt, and stripped.
        ("CN(C)Cc1ccncc1.OC(=O)[C@H](O)c1ccccc1 |&1:13|", "CN(C)Cc1ccncc1"),
        ("CCO |atomProp:0.key.value:2.key.other|", "CCO"),
    ],
)
def test_extension_that_leaves_the_compound_as_it_is_gives_no_note(raw: str, smiles: str) -> None:
    found = standardise_one(raw)
    assert (found.smiles, found.note) == (smiles, ""), found.reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("CCO |Sg:n:1:n:ht|", "not one molecule: its extension has a repeated or grouped unit (Sg:)"),
        ("CCO |LN:1:1.3|", "not one molecule: its extension has a link node (LN:)"),
        ("CCO |m:0:1.2|", "not one molecule: its extension has a variable attachment (m:)"),
        ("CCO |SgD:1:a:b::::|", "not one molecule: its extension has data on a part of it (SgD:)"),
        ("CCO |C:0.0|", "not one molecule: its extension has coordinate bonds (C:)"),
        ("CCO |RG:_R1={C}|", "not one molecule: its extension has R groups (RG:)"),
        ("CCO |u:0|", "not one molecule: its extension has a query (u:)"),
        ("CCO |$R1;;$|", "not one molecule: the label 'R1'"),
        ("CCO |$_AP1;;$|", "not one molecule: the label '_AP1'"),
        ("CCO |$Ph;;$|", "not one molecule: the label 'Ph'"),
        ("CCO |$;;;$|", "unreadable extension after the SMILES: 4 labels for 3 atoms"),
        ("CCO |xx|", "unreadable extension after the SMILES: 'xx'"),
        ("CCO |xx:1|", "unreadable extension after the SMILES: 'xx:1'"),
        ("CCO |a|", "unreadable extension"),
        (f"{AMINE} |&:1|", "unreadable extension"),
        (f"{AMINE} |&1:1.2|", "unreadable extension"),
        (f"{AMINE} |&1:99|", "unreadable extension after the SMILES: '&1:99' names number 99 of 9"),
        (f"{AMINE} |&1:2|", "unreadable extension after the SMILES: '&1:2' names atom 2"),
        (f"{AMINE} |c:12|", "unreadable extension after the SMILES: 'c:12' names number 12 of 9"),
        (f"{DIOL} |&1:1,o2:1|", "unreadable extension after the SMILES: an atom is in two stereo groups"),
        (f"{AMINE} |&1:1", "unreadable extension after the SMILES: it isn't closed"),
        (f"{AMINE} |&1:1|x", "unreadable extension"),
        (f"{AMINE} |&1:1||", "unreadable extension"),
        (f"{AMINE} | |", "unreadable extension"),
        (f"{AMINE} |&1:1| name", "text after the SMILES: 'name'"),
    ],
)
def test_extension_that_changes_the_compound_or_is_broken_is_refused(raw: str, reason: str) -> None:
    found = standardise_one(raw)
    assert (found.smiles, found.inchikey, found.note) == ("", "", "")
    assert found.reason.startswith(reason), found.reason


@pytest.mark.parametrize(
    "raw", [AMINE, f"{AMINE} |&1:1|", f"{AMINE} |o3:1|", f"{DIOL} |&1:1,3|", f"{DIOL} |a:1,o1:3|", f"{AMINE} |a:1|"]
)
def test_groups_of_a_v3000_block_are_read_as_those_of_cxsmiles(raw: str) -> None:
    block = Chem.MolToV3KMolBlock(Chem.MolFromSmiles(raw))
    assert ("MDLV30/STERAC" in block or "MDLV30/STEREL" in block) == ("&" in raw or "o" in raw.partition("|")[2])
    read = standardise_one(smiles_with_groups(Chem.MolFromMolBlock(block)))
    direct = standardise_one(raw)
    assert (read.smiles, read.inchikey, bool(read.note)) == (direct.smiles, direct.inchikey, bool(direct.note))


def test_plain_molecule_of_a_block_is_written_as_plain_smiles() -> None:
    block = Chem.MolToMolBlock(Chem.MolFromSmiles(f"{AMINE} |a:1|"))
    assert smiles_with_groups(Chem.MolFromMolBlock(block)) == AMINE


def test_block_that_is_not_one_molecule_is_refused_through_its_smiles() -> None:
    polymer = Chem.MolFromMolBlock(Chem.MolToV3KMolBlock(Chem.MolFromSmiles("CCCO |Sg:n:1,2::ht|")))
    assert "(Sg:)" in standardise_one(smiles_with_groups(polymer)).reason
    link = Chem.MolFromSmiles("CCO")
    link.SetProp("_molLinkNodes", "1 3 2 2 1 2 3")
    assert "(LN:)" in standardise_one(smiles_with_groups(link)).reason
    attached = Chem.MolFromSmiles("CCO")
    attached.GetAtomWithIdx(0).SetIntProp("molAttchpt", 1)
    assert "'_AP1'" in standardise_one(smiles_with_groups(attached)).reason
    alias = Chem.MolFromSmiles("CCO")
    alias.GetAtomWithIdx(0).SetProp("molFileAlias", "Ph")
    assert "'Ph'" in standardise_one(smiles_with_groups(alias)).reason
    assert smiles_with_groups(Chem.MolFromSmiles("CCO")) == "CCO"


def test_line_is_split_into_smiles_extension_and_name() -> None:
    assert split_line(" CCO\tan alcohol ") == ("CCO", "", "an alcohol")
    assert split_line("CCO |a:1| an alcohol") == ("CCO", "|a:1|", "an alcohol")
    assert split_line("CCO |$C 1;;$|") == ("CCO", "|$C 1;;$|", "")
    assert split_line("CCO |a:1|x") == ("CCO", "|a:1|x", "")
    assert split_line("") == ("", "", "")


@pytest.mark.parametrize("centre", range(4))
def test_marks_are_removed_from_the_atom_that_is_named(centre: int) -> None:
    # Brackets, ring numbers, two-letter atoms and hydrogens before it are counted as RDKit counts them.
    smiles = "[H][C@](Cl)(Br)[13C@@H](F)c%10ccc(cc%10)[C@H](C)[N+](=O)[O-].Br[C@@H](C)Cl"
    marked = [atom.GetIdx() for atom in Chem.MolFromSmiles(smiles, sanitize=False).GetAtoms() if atom.GetChiralTag()]
    text, note = without_unknown_stereo(smiles, {"o1": [marked[centre]]})
    left = [atom.GetIdx() for atom in Chem.MolFromSmiles(text, sanitize=False).GetAtoms() if atom.GetChiralTag()]
    assert left == marked[:centre] + marked[centre + 1 :]
    assert Chem.CanonSmiles(text, useChiral=0) == Chem.CanonSmiles(smiles, useChiral=0)
    assert "at 1 centre (o1)" in note


@pytest.mark.parametrize("ring", ["O[C@@H]1CC[C@H](C)CC1", "O[C@@H]1CC[C@H](C)C1", "C[C@H]1CCCC[C@@H]1O"])
def test_racemic_ring_is_the_ring_without_stereo(ring: str) -> None:
    flat = standardise_one(ring.replace("@", ""))
    marked = [atom.GetIdx() for atom in Chem.MolFromSmiles(ring, sanitize=False).GetAtoms() if atom.GetChiralTag()]
    found = standardise_one(f"{ring} |&1:{marked[0]},{marked[1]}|")
    assert (found.smiles, found.inchikey) == (flat.smiles, flat.inchikey)
    assert standardise_one(f"{ring} |r|").inchikey == flat.inchikey
    assert standardise_one(f"{ring} |o1:{marked[0]},o2:{marked[1]}|").inchikey == flat.inchikey
