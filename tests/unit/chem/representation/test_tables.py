"""Public tables: what is used, and a reason for all the rest."""

import numpy as np
import pytest

from fluidmol.chem.representation.labelled_tables import read_tables
from fluidmol.errors import InputError, MissingFileError

from .conftest import write_table


@pytest.fixture
def said():
    return []


def read(paths, said, exclude=frozenset()):
    return read_tables(paths, exclude, said.append)


def test_classes_and_values_by_compound(chemistry, tmp_path, said):
    some, others = chemistry.take(np.arange(0, 60)), chemistry.take(np.arange(30, 100))
    values = np.arange(70.0)
    paths = [write_table(tmp_path / "b.csv", some), write_table(tmp_path / "a.csv", others, "value", values)]
    found = read(paths, said)
    assert [source.name for source in found.sources] == ["a.csv", "b.csv"]
    assert [source.used for source in found.sources] == [70, 60]
    assert found.classes.tolist() == [False, True]
    assert found.values.shape == (100, 2)
    row = found.compounds.inchikeys.index(chemistry.compounds.inchikeys[5])
    assert np.isnan(found.values[row, 0])
    assert found.values[row, 1] == chemistry.active[5]
    known = found.values[~np.isnan(found.values[:, 0]), 0]
    clipped = np.clip(values, *np.quantile(values, [0.01, 0.99]))
    np.testing.assert_allclose(np.sort(known), (clipped - clipped.mean()) / clipped.std(), rtol=1e-5)


def test_every_row_that_is_left_out_has_a_reason(chemistry, tmp_path, said):
    some = chemistry.take(np.arange(60))
    path = write_table(tmp_path / "a.csv", some)
    key = some.compounds.inchikeys
    extra = (
        f"C1CC,{key[0][:-1]}M,1", "CCO,nokey,1", "CCCO,AAAAAAAAAAAAAA-AAAAAAAAAA-N,",
        "CCCCO,BBBBBBBBBBBBBB-AAAAAAAAAA-N,2", "CCCCCO,CCCCCCCCCCCCCC-AAAAAAAAAA-N,yes",
        f"{some.compounds.smiles[1]},{key[1]},{int(some.active[1])}",
        f"{some.compounds.smiles[2]},{key[2]},{int(not some.active[2])}", "CCO,1,1,1,1",
    )  # fmt: skip
    path.write_text(path.read_text() + "\n".join(extra) + "\n")
    found = read([path], said, {key[7][:14]})
    assert found.sources[0].used == len(found.compounds) == 58
    for reason in (
        "unreadable SMILES (1)", "malformed InChIKey (1)", "no value (1)", "class that isn't 0 or 1 (1)",
        "value that is no number (1)", "repeated rows, merged (1)", "rows that contradict each other (2)",
        "excluded skeleton (1)",
    ):  # fmt: skip
        assert reason in said[0]
    lines = len(path.read_text().splitlines()) - 1
    left = sum(int(part.split(")")[0]) for part in said[0].split("left out: ")[1].split("(")[1:])
    assert found.sources[0].used + left == lines


def test_tables_that_cannot_be_used_are_named(chemistry, tmp_path, said):
    good = write_table(tmp_path / "good.csv", chemistry)
    one = write_table(tmp_path / "one.csv", chemistry, values=np.ones(len(chemistry), int))
    few = write_table(tmp_path / "few.csv", chemistry.take(np.arange(9)))
    other = write_table(tmp_path / "other.csv", chemistry, "potency")
    plain = tmp_path / "plain.csv"
    plain.write_text("name,value\na,1\n")
    found = read([good, one, few, other, plain], said)
    assert [source.name for source in found.sources] == ["good.csv"]
    told = "\n".join(said)
    for text in (
        "one.csv: left out, all of its usable compounds have one value", "few.csv: left out, 9 usable compounds",
        "other.csv: left out, it has neither", "plain.csv: left out, ",
    ):  # fmt: skip
        assert text in told
    with pytest.raises(InputError, match="none of 1 public tables"):
        read([few], said)
    with pytest.raises(MissingFileError):
        read([tmp_path / "none.csv"], said)


def test_structures_without_keys_are_standardised(chemistry, tmp_path, said):
    some = chemistry.take(np.arange(40))
    found = read([write_table(tmp_path / "a.csv", some, keys=False)], said)
    assert set(found.compounds.inchikeys) <= set(some.compounds.inchikeys)
    assert len(found.compounds) == len(set(some.compounds.inchikeys))


def test_tables_are_known_by_their_names(chemistry, tmp_path, said):
    (tmp_path / "x").mkdir()
    one, other = write_table(tmp_path / "a.csv", chemistry), write_table(tmp_path / "x" / "a.csv", chemistry)
    with pytest.raises(InputError, match=r"several tables are called a\.csv"):
        read([one, other], said)
