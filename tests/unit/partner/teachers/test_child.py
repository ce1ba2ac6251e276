"""Other programs: what goes wrong is said, and nothing of them stays."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from fluidmol.partner.teachers.child import ChildError, run


def python(code):
    return [sys.executable, "-c", code]


def test_lines_in_and_out():
    done = run(python("import sys; print(sys.stdin.read().upper(), end='')"), ["cc", "oo"], 20)
    assert done.out == "CC\nOO\n"


def test_no_shell_reads_the_command():
    assert run(["echo", "$HOME; echo two"], [], 20).out == "$HOME; echo two\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('no licence found')", r"exit status 1.*\n  no licence found"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "signal 15"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe\\n')", "no UTF-8"),
        ("print('x' * 10_000_000)", "wrote more than"),
    ],
)
def test_what_goes_wrong_is_said(code, said):
    with pytest.raises(ChildError, match=said):
        run(python(code), ["C"], 20)


def test_only_the_last_lines_of_the_complaint_are_shown():
    code = "import sys; [print('line', i, file=sys.stderr) for i in range(100)]; sys.exit(3)"
    with pytest.raises(ChildError, match=r"exit status 3") as caught:
        run(python(code), [], 20)
    assert "line 99" in str(caught.value)
    assert "line 90" not in str(caught.value)


def test_a_complaint_has_lines_of_its_own_without_marks():
    with pytest.raises(ChildError) as caught:
        run(python("def f():\n    return 1 / 0\nf()"), [], 20)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("It complained:")
    assert "  ZeroDivisionError: division by zero" in lines
    run_of_marks = "import sys; print('    ~~^~~', file=sys.stderr); sys.exit(1)"
    with pytest.raises(ChildError, match=r"status 1$"):
        run(python(run_of_marks), [], 20)


def test_secrets_of_fluid_are_kept_from_it(monkeypatch):
    for name in ("FLUID_PASSPHRASE", "FLUID_PASSPHRASE_FILE", "FLUID_CODE"):
        monkeypatch.setenv(name, "hush")
    monkeypatch.setenv("MODEL_HOME", "/models")
    done = run(python("import os; print(sorted(k for k in os.environ if k.startswith(('FLUID_', 'MODEL_'))))"), [], 20)
    assert "MODEL_HOME" in done.out
    assert not any(name in done.out for name in ("PASSPHRASE", "FLUID_CODE"))


@pytest.mark.parametrize("command", [["fluid-no-such-program"], ["/"], ["a\0b"]])
def test_what_cant_be_started(command):
    with pytest.raises(ChildError, match="can't be started"):
        run(command, [], 20)


SLEEPER = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path):
    note = tmp_path / "pid"
    code = SLEEPER + f"open({str(note)!r}, 'w').write(str(p.pid)); time.sleep(60)"
    begun = time.monotonic()
    with pytest.raises(ChildError, match="longer than 2 s"):
        run(python(code), [], 2)
    assert time.monotonic() - begun < 20
    assert gone(int(note.read_text()))


def test_what_it_leaves_running_is_ended(tmp_path):
    code = SLEEPER + "print(p.pid)"
    assert gone(int(run(python(code), [], 20).out))


def test_an_interruption_ends_it(tmp_path, monkeypatch):
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"

    def interrupted(*_given):
        while not note.exists() or not note.read_text():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr("fluidmol.partner.teachers.child._wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(python(code), [], 60)
    assert gone(int(note.read_text()))


def gone(pid):
    for _ in range(200):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ends a program whose parent was killed")
def test_it_ends_with_a_parent_that_is_killed(tmp_path):
    told = tmp_path / "pid"
    program = f"import os, pathlib, time; pathlib.Path({str(told)!r}).write_text(str(os.getpid())); time.sleep(60)"
    asking = f"from fluidmol.partner.teachers.child import run; run([{sys.executable!r}, '-c', {program!r}], [], 60)"
    with subprocess.Popen([sys.executable, "-c", asking]) as parent:
        until = time.monotonic() + 30
        while not (told.exists() and told.read_text()) and time.monotonic() < until:
            time.sleep(0.05)
        child = psutil.Process(int(told.read_text()))
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of a process")
def test_signals_are_as_other_programs_expect_them():
    ignored = next(line for line in run(["cat", "/proc/self/status"], [], 20).out.splitlines() if "SigIgn" in line)
    assert int(ignored.split()[1], 16) >> (signal.SIGPIPE - 1) & 1 == 0


def test_lines_are_counted_while_it_writes():
    seen = []
    code = "import time\nfor i in range(3): print(i, flush=True); time.sleep(0.3)"
    run(python(code), ["C"] * 3, 20, seen.append)
    assert seen[-1] == 3
    assert len(seen) > 1
