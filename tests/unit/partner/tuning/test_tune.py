"""Tuning tells good labels from garbage, and looks at nothing that it holds out."""

import csv
import io
import json

import attrs
import numpy as np
import pytest

from fluidmol.errors import InputError, UsageError
from fluidmol.learning.federation import aggregate
from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import Teacher
from fluidmol.partner.tuning.figures import METRICS
from fluidmol.partner.tuning.others import others
from fluidmol.partner.tuning.tune import FEWEST, Plan, tune
from fluidmol.partner.tuning.tune_tables import COLUMNS, tune_csv, tune_facts
from fluidmol.partner.tuning.verdict import ADOPT, HARM, KEEP, SUSPECT
from fluidmol.values.annotations import Annotations
from fluidmol.values.publication import Publication

PLAN = Plan(split="random", folds=3)


def value(tuned, model, metric):
    return next(f.value.mean for f in tuned.figures if (f.model, f.metric) == (model, metric))


def gain(tuned, model, metric):
    return next(f.gain for f in tuned.figures if (f.model, f.metric) == (model, metric))


@pytest.fixture(scope="module")
def helped(own, published, experts_charter):
    return tune(own, published(experts_charter), "me", Plan(split="cluster", folds=3))


@pytest.fixture(scope="module")
def misled(own, published, experts_charter):
    return tune(own, published(experts_charter, lies=True), "me", Plan(split="cluster", folds=3))


def test_good_labels_are_adopted(helped):
    assert helped.verdict == ADOPT
    assert value(helped, "student", "mcc") > 0.5
    assert helped.from_others["log_loss"].high < 0


def test_garbage_is_silenced_and_not_adopted(misled):
    assert misled.verdict in (KEEP, HARM)
    assert value(misled, "student", "mcc") < 0
    assert min(choice.boost for choice, _ in misled.choices) > 1
    assert misled.from_others["log_loss"].high > 0, "nothing is gained from the others"


def test_a_gain_that_may_come_of_a_leak_is_not_recommended(own, published, experts_charter, monkeypatch):
    def suspected(*args, **kwargs):
        return attrs.evolve(others(*args, **kwargs), leak="others may know them")

    monkeypatch.setattr("fluidmol.partner.tuning.tune.others", suspected)
    doubted = tune(own, published(experts_charter), "me", Plan(split="cluster", folds=3))
    assert doubted.verdict == SUSPECT


def test_every_model_and_metric_has_figures(helped):
    found = [(f.model, f.metric) for f in helped.figures]
    assert found == [(model, metric) for metric in METRICS for model in ("teacher", "alone", "student", "hybrid")]
    for figure in helped.figures:
        assert figure.value.low <= figure.value.mean <= figure.value.high
        if figure.model == "teacher":
            assert figure.gain is None
        else:
            teacher = value(helped, "teacher", figure.metric)
            assert figure.gain.difference == pytest.approx(figure.value.mean - teacher)
    assert (helped.n_held, helped.n_active) == (60, 32)


def test_the_same_again_is_the_same(helped, own, published, experts_charter):
    again = tune(own, published(experts_charter), "me", Plan(split="cluster", folds=3))
    assert tune_csv(again) == tune_csv(helped)
    assert tune_facts(again) == tune_facts(helped)


def test_alternatives_are_tried_and_chosen_among(own, published, labels_charter):
    plan = attrs.evolve(PLAN, alternatives=True)
    tuned = tune(own, published(labels_charter), "me", plan)
    names = ["teacher", "alone", "student", "hybrid", "own x4", "near", "nearest", "tuned"]
    assert list(dict.fromkeys(f.model for f in tuned.figures)) == names
    losses = {name: value(tuned, name, "log_loss") for name in names[3:7]}
    assert tuned.preferred == min(losses, key=losses.get)
    assert value(tuned, "tuned", "log_loss") >= min(losses.values()) - 1e-9, "it can't see what it is judged by"
    assert (tuned.leak, tuned.tuned != "", tuned.choices) == ("", True, ())


def test_what_ones_own_teacher_knows_of_held_out_compounds_does_not_come_back_in_labels(own, labels_charter):
    """Classes at random: whoever can predict them has seen them."""
    noise = Assay(own.compounds, np.random.default_rng(8).permutation(own.outcome[:, 0]))
    charter = attrs.evolve(labels_charter, transfer_digest=own.compounds.digest, transfer_size=len(own))
    mine = Annotations(charter.digest, "me", *Teacher.fit(noise, charter, "me").annotate(own.compounds))
    theirs = Annotations(charter.digest, "left", np.full((60, 1), 0.45), np.full((60, 1), 0.3))
    public = Publication(charter=charter, transfer=own.compounds, labels=aggregate([mine, theirs], charter))
    honest, leaking = (tune(noise, public, name, PLAN) for name in ("me", None))
    assert leaking.verdict == ADOPT
    assert value(leaking, "student", "roc_auc") > 0.7
    assert honest.verdict != ADOPT
    assert value(honest, "student", "roc_auc") < 0.6


def test_a_leak_is_told(own, published, labels_charter):
    public = published(labels_charter)
    turned = Assay(own.compounds, 1 - own.outcome)
    tuned = tune(turned, public, "me", PLAN)
    assert tuned.leak
    assert tuned.share == pytest.approx(public.labels.contribution[1].mean(), abs=1e-6)


def test_a_newcomer(own, published, experts_charter):
    tuned = tune(own, published(experts_charter), None, PLAN)
    assert (tuned.share, tuned.leak) == (0.0, "")


def test_repeats_are_of_other_folds(own, published, labels_charter):
    public = published(labels_charter)
    plans = (attrs.evolve(PLAN, repeats=n) for n in (1, 2))
    once, twice = (tune(own, public, "me", plan) for plan in plans)
    assert gain(once, "hybrid", "mcc").n_seeds == 1
    assert gain(twice, "hybrid", "mcc").n_molecules == once.n_held == twice.n_held
    assert gain(twice, "hybrid", "mcc").difference != gain(once, "hybrid", "mcc").difference


def test_more_repeats_make_no_answer_less_certain(own, published, labels_charter):
    # Repeats are no seeds: with a t of one degree of freedom the interval would be several times as wide.
    public = published(labels_charter)
    plans = (attrs.evolve(PLAN, repeats=n) for n in (1, 3))
    once, thrice = (tune(own, public, "me", plan) for plan in plans)
    for metric in ("mcc", "roc_auc", "log_loss", "brier"):
        found = [gain(tuned, "hybrid", metric) for tuned in (once, thrice)]
        widths = [compared.high - compared.low for compared in found]
        assert widths[1] < 1.3 * widths[0]
        assert {compared.n_seeds for compared in found} == {1}
        figure = next(f for f in thrice.figures if (f.model, f.metric) == ("hybrid", metric))
        assert figure.value.low <= figure.value.mean <= figure.value.high
        assert figure.value.n == thrice.n_held


def test_time_is_cut_once(own, published, labels_charter):
    dates = np.datetime64("2020-01-01") + np.arange(len(own))
    plan = Plan(split="time", folds=2, repeats=3)
    tuned = tune(own, published(labels_charter), "me", plan, dates=dates)
    assert (tuned.n_held, gain(tuned, "hybrid", "mcc").n_seeds) == (20, 1)


def test_progress_is_told(own, published, labels_charter):
    told = []
    tune(own, published(labels_charter), "me", PLAN, progress=lambda *n: told.append(n))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_tables(helped):
    rows = list(csv.DictReader(io.StringIO(tune_csv(helped))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(helped.figures)
    assert rows[0]["model"] == "teacher"
    assert rows[0]["gain"] == ""
    facts = json.loads(json.dumps(tune_facts(helped), allow_nan=False))
    assert facts["verdict"] == ADOPT
    assert facts["plan"]["split"] == "cluster"
    assert sum(choice["folds"] for choice in facts["choices"]) == 3


@pytest.fixture(scope="module")
def public(published, labels_charter):
    return published(labels_charter)


class TestRefused:
    def test_an_unknown_name(self, own, public):
        with pytest.raises(UsageError, match="Did you mean left"):
            tune(own, public, "lefty", PLAN)

    @pytest.mark.parametrize("rows", [range(FEWEST - 1), range(5)], ids=len)
    def test_too_few(self, rows, own, public):
        with pytest.raises(InputError, match="too few"):
            tune(own.take(np.array(rows)), public, "me", PLAN)

    def test_one_class(self, own, public):
        with pytest.raises(InputError, match="0 of them active"):
            tune(Assay(own.compounds, np.zeros(60)), public, "me", PLAN)

    @pytest.mark.parametrize("options", [{"folds": 1}, {"repeats": 0}])
    def test_a_plan(self, options):
        with pytest.raises(ValueError, match="must be >="):
            Plan(**options)

    def test_a_split(self):
        with pytest.raises(UsageError, match="unknown split"):
            Plan(split="date")
