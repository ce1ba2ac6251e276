"""Progress where there is no terminal: lines for stages, and now and then how far one is."""

import pytest

from fluidmol.cli import progress
from fluidmol.cli.progress import shown_stages


class Clock:
    """Goes on only when it is told to."""

    now = 0.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


@pytest.mark.parametrize(
    ("pause", "lines"),
    [
        (0.0, ["think", "0 of 1,000", "500 of 1,000, 60 s left", "600 of 1,000, 2 min left"]),
        (3600.0, ["think"]),
    ],
)
def test_a_line_says_how_far_it_is_and_how_long_the_rest_takes(monkeypatch, capsys, clock, pause, lines):
    monkeypatch.setattr(progress, "PAUSE", pause)
    with shown_stages() as stages, stages.stage("think"):
        for done, now in ((0, 0), (500, 60), (600, 180)):
            clock.now = now
            stages.advance(done, 1000)
    assert [line.partition("] ")[2] for line in capsys.readouterr().err.splitlines()] == lines


def test_each_stage_has_its_own_pace(monkeypatch, capsys, clock):
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    with shown_stages() as stages:
        for begun in (0, 1000):
            clock.now = begun
            with stages.stage("think"):
                clock.now = begun + 10
                stages.advance(1, 3)
    assert capsys.readouterr().err.count("1 of 3, 20 s left") == 2


def test_quiet_says_nothing(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    with shown_stages(quiet=True) as stages, stages.stage("think"):
        stages.advance(1, 2)
    assert not capsys.readouterr().err
