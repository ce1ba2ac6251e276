"""Validation sets: whole scaffolds, or the newest compounds; a skeleton is never on both sides."""

import attrs
import numpy as np
import pytest

from fluidmol.chem.intake.standardise import compound_set
from fluidmol.chem.scaffolds import scaffolds
from fluidmol.errors import InputError, UsageError
from fluidmol.partner.assay import Assay
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Setup, divide
from fluidmol.studies.identity import wanted
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.studies.validation import hold_out


@pytest.fixture
def compounds(chemistry):
    return chemistry.compounds


def years(*numbers):
    return np.array([str(number) for number in numbers], dtype="datetime64[Y]").astype("datetime64[D]")


def alkanes(n):
    return compound_set(["C" * (i + 1) for i in range(n)])


def keys(skeletons, versions):
    return tuple(f"{one * 14}-UHFFFAOYSA-{other}" for one, other in zip(skeletons, versions, strict=True))


class TestScaffold:
    @pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5])
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_whole_scaffolds_are_held_out(self, compounds, fraction, seed):
        held = hold_out(compounds, fraction, seed, "scaffold")
        names = np.array(scaffolds(compounds))
        largest = np.unique(names, return_counts=True)[1].max()
        assert not set(names[held]) & set(names[~held])
        assert fraction * len(names) - largest < held.sum() <= round(fraction * len(names))
        np.testing.assert_array_equal(held, hold_out(compounds, fraction, seed, "scaffold"))

    def test_seeds_hold_out_other_scaffolds(self, compounds):
        assert not np.array_equal(hold_out(compounds, 0.2, 1, "scaffold"), hold_out(compounds, 0.2, 2, "scaffold"))

    def test_the_order_of_the_file_makes_no_difference(self, compounds):
        order = np.random.default_rng(0).permutation(len(compounds))
        shuffled = hold_out(compounds.take(order.tolist()), 0.3, 4, "scaffold")
        np.testing.assert_array_equal(shuffled, hold_out(compounds, 0.3, 4, "scaffold")[order])

    @pytest.mark.parametrize("seed", range(6))
    def test_a_skeleton_with_two_scaffolds_stays_whole(self, seed, monkeypatch):
        # As tautomers may have: the first block of their InChIKeys is the same.
        monkeypatch.setattr("fluidmol.studies.validation.scaffolds", lambda _: ["a", "b", "b", "c", "c", "d"])
        compounds = attrs.evolve(alkanes(6), inchikeys=keys("XXYZWV", "NMNNNN"))
        held = hold_out(compounds, 0.5, seed, "scaffold")
        assert held[0] == held[1] == held[2]
        assert held[3] == held[4]
        assert held.sum() == 3

    def test_one_scaffold_cant_be_divided(self):
        assay = Assay(alkanes(30), np.arange(30) % 2)
        with pytest.raises(InputError, match="30 compounds are too few to hold out 20%, whole scaffolds each"):
            divide(assay, Setup(n_partners=2, validation_split="scaffold"), 1)


class TestTime:
    def test_the_newest_are_held_out(self):
        dates = years(2010, 2019, 2012, 2020, 2011, 2013, 2014, 2015, 2016, 2017)
        for seed in (1, 2):
            held = hold_out(alkanes(10), 0.2, seed, "time", dates)
            assert np.flatnonzero(held).tolist() == [1, 3]

    def test_days_of_one_year_are_told_apart(self):
        dates = np.datetime64("2021-01-01") + np.arange(20)
        assert np.flatnonzero(hold_out(alkanes(20), 0.1, 1, "time", dates)).tolist() == [18, 19]

    @pytest.mark.parametrize("newest", [2, 3, 4, 6])
    def test_one_date_stays_on_one_side(self, newest):
        dates = years(*[2010] * (10 - newest), *[2020] * newest)
        held = hold_out(alkanes(10), 0.3, 1, "time", dates)
        assert np.flatnonzero(held).tolist() == list(range(10 - newest, 10))

    @pytest.mark.parametrize(
        ("dates", "found"),
        [
            (years(*[2010] * 5, *[2020] * 5), "2 different dates, and the nearest cut, before 2020-01-01, has 50%"),
            (years(*[2010] * 10), "1 different dates, and the nearest cut, before 2010-01-01, has 100%"),
            (years(2009, *[2010] * 9), "2 different dates, and the nearest cut, before 2010-01-01, has 90%"),
        ],
    )  # fmt: skip
    def test_ties_that_no_cut_divides(self, dates, found):
        expected = f"no date divides off the newest 20% of 10 compounds: they have {found}.*finer dates"
        with pytest.raises(InputError, match=expected):
            hold_out(alkanes(10), 0.2, 1, "time", dates)

    def test_a_skeleton_is_as_old_as_its_first_compound(self):
        # The last one is an isomer of the first, measured last.
        compounds = attrs.evolve(alkanes(10), inchikeys=keys("ABCDEFGHIA", "NNNNNNNNNM"))
        held = hold_out(compounds, 0.2, 1, "time", years(*range(2010, 2020)))
        assert np.flatnonzero(held).tolist() == [7, 8]

    def test_needs_dates(self, compounds):
        with pytest.raises(UsageError, match="by time needs dates"):
            hold_out(compounds, 0.2, 1, "time")


def test_unknown(compounds):
    with pytest.raises(UsageError, match=r"'scafold'.*Did you mean scaffold"):
        hold_out(compounds, 0.2, 1, "scafold")


@pytest.fixture
def dated(tmp_path, assays, transfer):
    """A source whose compounds have a date each, the inactive first."""
    lines = ["smiles,active,tested"]
    rows = [row for assay in assays.values() for row in zip(assay.active, assay.compounds.smiles, strict=True)]
    for day, (active, smiles) in enumerate(sorted(rows)):
        lines.append(f"{smiles},{int(active)},{np.datetime64('2020-01-01') + day}")
    (tmp_path / "source.csv").write_text("\n".join(lines))
    (tmp_path / "transfer.csv").write_text("\n".join(["smiles", *transfer.smiles]))
    return Sources(source=tmp_path / "source.csv", transfer=tmp_path / "transfer.csv", date_column="tested")


def test_dates_reach_the_consortium_compound_by_compound(dated, quick_charter):
    setup = Setup(n_partners=2, validation_split="time")
    validation = prepare(dated, quick_charter, setup, None, Stages()).consortium.benchmarks["validation"]
    assert validation.active.all(), "the newest are the active ones"
    drawn = prepare(attrs.evolve(dated, date_column=None), quick_charter, Setup(n_partners=2), None, Stages())
    assert not drawn.consortium.benchmarks["validation"].active.all()


def test_a_missing_date_is_named(dated, quick_charter):
    lines = dated.source.read_text().splitlines()
    lines[4] = lines[4].rpartition(",")[0] + ","
    dated.source.write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"source\.csv, line 5: '' in column 'tested' is no date; 1 of"):
        prepare(dated, quick_charter, Setup(n_partners=2, validation_split="time"), None, Stages())


def test_another_split_is_another_study(dated, quick_charter):
    sources = attrs.evolve(dated, date_column=None)
    plain = wanted(sources, quick_charter, Setup())
    assert set(plain["setup"]) == {"n_partners", "split", "mixing", "validation_fraction"}, "as before there were more"
    assert "date_column" not in plain
    assert wanted(sources, quick_charter, Setup(validation_split="scaffold")) != plain
    assert wanted(dated, quick_charter, Setup(validation_split="time"))["date_column"] == "tested"
