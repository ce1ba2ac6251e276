"""Run as a program: becomes another program that ends with its parent, even if that is killed.

``python -IS with_parent.py PARENT REPORT PROGRAM [ARGUMENT ...]``: the parent's process id, a descriptor into which the
number of an error is written if the program can't be started, and the command. On Linux the kernel kills it when the
thread that started it ends (prctl(2), ``PR_SET_PDEATHSIG``). It is a program of its own, for between fork and exec a
process of several threads may hardly do anything. It imports nothing of fluidmol, so that it starts in milliseconds.
"""

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel, then become the program."""
    parent, report, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    os.set_inheritable(report, False)
    try:
        import ctypes  # noqa: PLC0415 - not every Python has it; without, all is as it was before

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass
    if os.getppid() != parent:  # it has died before we asked
        os._exit(1)
    # Python ignores these; other programs expect them as they are by default.
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the company's own program, as it asked for
    except OSError as problem:
        os.write(report, str(problem.errno or 0).encode())
    except ValueError:
        os.write(report, b"22")
    os._exit(127)


if __name__ == "__main__":
    main()
