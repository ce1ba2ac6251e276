"""What is held out together, and what is never held out."""

import numpy as np
import pytest

from fluidmol.chem.features import features
from fluidmol.chem.scaffolds import scaffolds
from fluidmol.chem.similarity import nearest_tanimoto, pack_bits
from fluidmol.errors import InputError, UsageError
from fluidmol.partner.assay import Assay
from fluidmol.partner.tuning.holdouts import SPLITS, hold_outs
from fluidmol.values.parts import Part


def days(texts):
    return np.array(texts, dtype="datetime64[D]")


@pytest.fixture
def dates(own):
    return days("2020-01-01") + np.random.default_rng(2).permutation(len(own))


@pytest.mark.parametrize("split", SPLITS)
def test_no_compound_is_on_both_sides(split, own, dates):
    parts = hold_outs(own, split, 4, 1, dates)
    assert len(parts) == 4
    for part in parts:
        assert not set(part.train) & set(part.test)
    held = np.concatenate([part.test for part in parts])
    assert len(set(held)) == len(held), "each is held out once"
    assert len(held) == (20 if split == "time" else len(own))


@pytest.mark.parametrize("split", ["cluster", "scaffold", "random"])
def test_all_others_are_learnt_from(split, own):
    for part in hold_outs(own, split, 4, 1):
        assert sorted([*part.train, *part.test]) == list(range(len(own)))


def test_scaffolds_are_held_out_whole(own):
    names = np.array(scaffolds(own.compounds))
    for part in hold_outs(own, "scaffold", 4, 1):
        assert not set(names[part.train]) & set(names[part.test])


def test_clusters_are_further_from_the_rest_than_random_compounds(own):
    bits = features(own.compounds, Part("fcfp"))

    def nearest(split):
        parts = [(pack_bits(bits[p.test]), pack_bits(bits[p.train])) for p in hold_outs(own, split, 4, 1)]
        return np.concatenate([nearest_tanimoto(test, train, 1) for test, train in parts]).mean()

    assert nearest("cluster") < nearest("random") - 0.05


def test_folds_are_dealt_by_the_seed(own):
    def tests(seed):
        return [part.test.tolist() for part in hold_outs(own, "random", 4, seed)]

    assert tests(1) == tests(1)
    assert tests(1) != tests(2)


def test_time_predicts_the_newest_from_all_that_is_older(own, dates):
    parts = hold_outs(own, "time", 3, 1, dates)
    for part in parts:
        assert dates[part.train].max() < dates[part.test].min()
        assert len(part.train) == (dates < dates[part.test].min()).sum()
    held = np.concatenate([part.test for part in parts])
    assert set(dates[held]) == set(np.sort(dates)[-20:])


def test_one_date_stays_on_one_side_and_none_is_left_out(own):
    years = np.repeat(days(["2019", "2020", "2021", "2022"]), 15)
    years[[0, 59]] = np.datetime64("NaT")
    parts = hold_outs(own, "time", 5, 1, years)
    assert 1 <= len(parts) <= 2
    for part in parts:
        assert not set(years[part.train]) & set(years[part.test])
        assert not {0, 59} & {*part.train, *part.test}


@pytest.mark.parametrize("dates", [days(["2020"] * 60), days(["NaT"] * 60)], ids=["one date", "none"])
def test_time_needs_two_dates(own, dates):
    with pytest.raises(InputError, match="one date, or none"):
        hold_outs(own, "time", 3, 1, dates)


def test_time_needs_dates(own):
    with pytest.raises(UsageError, match="`dates`"):
        hold_outs(own, "time", 3, 1)


def test_an_unknown_split(own):
    with pytest.raises(UsageError, match="Did you mean scaffold"):
        hold_outs(own, "scafold", 3, 1)


def test_nothing_to_learn_from(own, dates):
    older = Assay(own.compounds, dates > np.sort(dates)[39])
    with pytest.raises(InputError, match="one class") as caught:
        hold_outs(older, "time", 1, 1, dates)
    assert "`split`" in str(caught.value)
