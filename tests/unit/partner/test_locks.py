"""One process at a time in a folder: nobody waits for a dead one, and nothing stays."""

import signal
import subprocess
import sys

import pytest

from fluidmol.errors import AwaitingError, OutputError
from fluidmol.partner.locks import LOCK, alone, alone_with

HOLDING = (
    "import sys, time; from pathlib import Path; from fluidmol.partner.locks import alone\n"
    "with alone(Path(sys.argv[1]), 'a test'): print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLDING, tmp_path / "home"], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_the_second_waits_and_says_for_whom(holder, tmp_path):
    said = rf"process {holder.pid} on .*, since 20.* UTC, for a test"
    with pytest.raises(AwaitingError, match=said), alone(tmp_path / "home", "another", 0.2):
        raise AssertionError
    assert holder.poll() is None


def test_who_was_killed_holds_nothing(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "home" / LOCK).exists()
    with alone(tmp_path / "home", "another", 5):
        pass
    assert list((tmp_path / "home").iterdir()) == []


def test_a_folder_with_something_in_it_stays(tmp_path):
    with alone(tmp_path / "home", "a test"):
        (tmp_path / "home" / "kept").touch()
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["kept"]
    with pytest.raises(ZeroDivisionError), alone(tmp_path / "none", "a test"):
        1 / 0  # noqa: B018
    assert not (tmp_path / "none").exists()
    with alone(tmp_path / "home", "a test", 0):
        pass


def test_a_file_that_another_works_with(tmp_path):
    key = tmp_path / "ada.key"
    key.write_text("secret")
    key.chmod(0o400)
    with alone_with(key, "a test"):
        with (
            pytest.raises(AwaitingError, match=r"another process works with .*ada\.key"),
            alone_with(key, "another", 0),
        ):
            raise AssertionError
        assert [path.name for path in tmp_path.iterdir()] == ["ada.key"]
    with alone_with(key, "another", 0):
        pass
    with pytest.raises(ZeroDivisionError), alone_with(key, "a test"):
        1 / 0  # noqa: B018
    with pytest.raises(FileNotFoundError), alone_with(key, "what is done raises as it is"):
        (tmp_path / "nothing").read_text()
    with pytest.raises(OutputError, match="can't be locked"), alone_with(tmp_path / "none", "a test"):
        raise AssertionError
