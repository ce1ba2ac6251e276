"""Private tables: each compound once, each row accounted for."""

from pathlib import Path

import pytest

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.read import Labelled, read_labelled
from fluidmol.errors import InputError

AUTO = OutcomeColumns()


def read(folder: Path, text: str, wanted: OutcomeColumns = AUTO) -> Labelled:
    path = folder / "assay.csv"
    path.write_text(text)
    found = read_labelled(path, wanted)
    assert found.n_rows == len(found) + found.n_merged + len(found.rejected)
    return found


def test_order_duplicates_and_conflicts(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "smiles,active\n"
        "CCN,0\n"  # 2
        "NCCCCO,1\n"  # 3
        "OCCCCN.O.Cl,1\n"  # 4: the same, as a salt
        "CCCl,1\n"  # 5: conflicts with 7 and 8
        "c1ccccc1,1\n"  # 6
        "ClCC,0\n"  # 7
        "C(C)Cl,0\n",  # 8
    )
    assert found.compounds.smiles == ("CCN", "NCCCCO", "c1ccccc1")
    assert found.active.tolist() == [False, True, True]
    assert found.n_merged == 1
    assert [(row.line, row.smiles) for row in found.rejected] == [(5, "CCCl"), (7, "ClCC"), (8, "C(C)Cl")]
    assert found.rejected[0].reason == (
        "conflicting classes: active here, but the same compound is inactive in lines 7, 8"
    )
    assert found.rejected[1].reason.endswith("active in line 5")


def test_stereoisomers_are_different_compounds(tmp_path: Path) -> None:
    found = read(tmp_path, "smiles,active\nC[C@H](N)C(=O)O,1\nC[C@@H](N)C(=O)O,0\nCC(N)C(=O)O,0\n")
    assert len(found) == 3


def test_every_rejected_row_has_its_line_and_reason(tmp_path: Path) -> None:
    found = read(
        tmp_path, "smiles,ic50\nCCO,1\nCCN,>2\nC1CC,3\nCCC\n,4\nCCCl,zero\n", OutcomeColumns(None, "ic50", 10, "uM")
    )
    assert found.outcome_column == "ic50"
    assert [(row.file, row.line, row.kind) for row in found.rejected] == [
        ("assay.csv", 3, "undecidable"),
        ("assay.csv", 4, "unreadable SMILES"),
        ("assay.csv", 5, "wrong number of fields"),
        ("assay.csv", 6, "empty SMILES"),
        ("assay.csv", 7, "not a number"),
    ]


def test_rows_without_a_class_are_not_standardised(tmp_path: Path) -> None:
    found = read(tmp_path, "smiles,active\nCCO,1\nC1CC,\n")
    assert [row.reason for row in found.rejected] == ["no class"]


def test_no_usable_row_counts_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no usable row: 3 rows.*unreadable SMILES \(2\), empty SMILES \(1\).*line 2"):
        read(tmp_path, "smiles,active\nC1CC,1\n,0\nC(C,1\n")
    with pytest.raises(InputError, match="a header and no rows"):
        read(tmp_path, "smiles,active\n", OutcomeColumns(None, "active", 1, "uM"))


def test_the_cache_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "assay.csv"
    path.write_text("smiles,active\nCCO,1\nC1CC,1\n[2H]OCC,1\nCCN,0\n")
    cache = StandardCache(tmp_path / "cache")
    cold, warm, without = (read_labelled(path, AUTO, cache=c) for c in (cache, cache, None))
    for other in (warm, without):
        assert other.compounds == cold.compounds
        assert other.rejected == cold.rejected
        assert other.active.tolist() == cold.active.tolist()
    assert len(cold.sha256) == 64
