"""Stages: times, memory, and an observer."""

import subprocess
import sys
import threading
import time

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


MEASURED = """
import time
import numpy as np
from fluidmol.progress import Stages

stages = Stages()
with stages.stage("little"):
    pass
with stages.stage("much"):
    ballast = np.ones(60_000_000, np.uint8)
    time.sleep(1.5)  # on a busy machine the sampler comes late
print(*(stage.peak_mb for stage in stages.finished), stages.peak_mb)
"""


def test_memory_of_this_process():
    # In a process of its own: here, what earlier tests have left is given back at any time, tens of MB at once.
    run = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True, timeout=60)
    little, much, peak = map(float, run.stdout.split())
    assert little > 10
    assert much > little + 40
    assert peak == much


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
