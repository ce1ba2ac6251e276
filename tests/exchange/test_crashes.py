"""Whoever dies at whatever write: what is there is whole, and the same call goes on to the same labels."""

import contextlib
import os

import pytest

from fluidmol.exchange.layout import LABELS
from fluidmol.exchange.status import standing

STEPS = ("link", "replace", "unlink")
"""What changes a folder."""


class Death(BaseException):
    """Not an error: nothing can handle it."""


@pytest.fixture
def dying(monkeypatch):
    """``with dying(n) as alive``: the nth change of any folder, and all that follow, don't happen any more."""

    @contextlib.contextmanager
    def make(n):
        done = []
        with monkeypatch.context() as patch:
            for step in STEPS:
                real = getattr(os, step)

                def change(*args, real=real, **options):
                    if len(done) >= n:
                        raise Death
                    real(*args, **options)
                    done.append(args)  # not if there was nothing to remove

                patch.setattr(os, step, change)
            with contextlib.suppress(Death):
                yield done

    return make


def until_it_lives(dying, act, stride):
    """Make so many changes and die, again and again, sometimes one change later; give how often it died."""
    for deaths in range(200):
        lived = False
        with dying(stride + (deaths % 3 == 2)):
            act()
            lived = True
        if lived:
            return deaths
    raise AssertionError("it never lives")


@pytest.mark.parametrize(("stride", "least"), [(1, 30), (2, 15), (3, 10)])
def test_everybody_dies_at_every_write(stride, least, folder, hub, companies, dying):
    def visits():
        for company in companies.values():
            company.visit(folder)

    deaths = 0
    said = "awaiting the signatures of ada, bob, cleo under the charter"
    for expected in (said, "awaiting the opinions of ada, bob, cleo", "awaiting the scorecards of ada, bob, cleo"):
        deaths += until_it_lives(dying, hub.go, stride)
        assert hub.go() == expected
        deaths += until_it_lives(dying, visits, stride)
    deaths += until_it_lives(dying, hub.go, stride)
    outcome = hub.go()
    assert deaths > least
    assert outcome.labels.partners == ("ada", "bob", "cleo")
    assert folder.names("quarantine") == []
    assert standing(folder).finished
    for company in companies.values():
        assert [entry.kind for entry in company.gate.ledger.entries] == ["Annotations", "Scorecard"]


def test_dying_while_setting_aside(answered, hub, dying):
    path = next(p for p in (answered.path / "replies").rglob("bob-*"))
    path.write_bytes(b"garbage")
    until_it_lives(dying, hub.go, 1)
    assert hub.go() == "awaiting the opinion of bob"
    texts = [name for name in answered.names("quarantine") if name.endswith(".txt")]
    assert [name.removesuffix(".txt") in answered.names("quarantine") for name in texts] == [True]
    assert LABELS not in answered.names("outcome")
