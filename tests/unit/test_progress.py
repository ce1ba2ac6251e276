"""Stages: times, memory, and an observer."""

import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest

from fluidmol import progress as module
from fluidmol.progress import Stages


def test_times_and_names():
    stages = Stages()
    with stages.stage("one"):
        time.sleep(0.05)
    with stages.stage("two"):
        pass
    assert [stage.name for stage in stages.finished] == ["one", "two"]
    assert 0.05 <= stages.finished[0].seconds < 5
    assert stages.seconds == sum(stage.seconds for stage in stages.finished)


def test_memory_of_this_process(monkeypatch):
    # Workers that other tests left behind may end at any time.
    monkeypatch.setattr(module, "_children", lambda own: [])
    stages = Stages()
    with stages.stage("little"):
        pass
    with stages.stage("much"):
        ballast = np.ones(60_000_000, np.uint8)
        time.sleep(1.5)  # on a busy machine the sampler comes late
    del ballast
    little, much = (stage.peak_mb for stage in stages.finished)
    assert little > 10
    assert much > little + 40
    assert stages.peak_mb == much


def test_memory_of_workers_counts():
    code = "ballast = bytearray(b'x') * 60_000_000; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdout.readline()
        assert worker.pid in {child.pid for child in module._children(psutil.Process())}
        worker.communicate(b"\n", timeout=30)


def test_nothing_yet():
    assert (Stages().seconds, Stages().peak_mb) == (0, 0.0)


def test_observer():
    started, advanced = [], []
    stages = Stages(started.append, lambda done, total: advanced.append((done, total)))
    with stages.stage("one"):
        stages.advance(1, 2)
    assert started == ["one"]
    assert advanced == [(1, 2)]


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt])
def test_a_stage_that_fails_is_not_finished_and_leaves_no_thread(problem):
    stages, threads = Stages(), threading.active_count()
    with pytest.raises(problem), stages.stage("one"):
        raise problem
    assert stages.finished == []
    assert threading.active_count() == threads
