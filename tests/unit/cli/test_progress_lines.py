"""Progress where there is no terminal: lines for stages, and now and then how far one is."""

import pytest

from fluidmol.cli import progress
from fluidmol.cli.progress import shown_stages


@pytest.mark.parametrize(("pause", "lines"), [(0.0, ["think", "1 of 1,000", "2 of 1,000"]), (3600.0, ["think"])])
def test_a_line_says_how_far_it_is(monkeypatch, capsys, pause, lines):
    monkeypatch.setattr(progress, "PAUSE", pause)
    with shown_stages() as stages, stages.stage("think"):
        stages.advance(1, 1000)
        stages.advance(2, 1000)
    assert [line.partition("] ")[2] for line in capsys.readouterr().err.splitlines()] == lines


def test_quiet_says_nothing(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    with shown_stages(quiet=True) as stages, stages.stage("think"):
        stages.advance(1, 2)
    assert not capsys.readouterr().err
