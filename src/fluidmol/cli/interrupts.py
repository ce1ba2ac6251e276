"""Ctrl-C that arrives, whatever a library does to signals.

RDKit installs a handler of its own for SIGINT while it matches substructures or standardises, and may leave it there
(https://github.com/rdkit/rdkit/issues/9381): from then on Python hears no Ctrl-C. So the signal is blocked, in this
process and in those it starts, and one thread waits for it and tells the main thread. That must begin before
libraries start threads, which otherwise would take the signal.
"""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

WAKE = getattr(signal, "SIGURG", signal.SIGINT)
"""A signal that nobody else uses, and that does nothing but end the system call in which a thread waits."""

WAKES = 30
"""How often it is sent for one Ctrl-C, ten times a second."""


class Commands(TyperGroup):
    """Commands whose prompts end as everything else does on Ctrl-C, and say so when there is nobody to answer."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C at a prompt.
        UsageError
            If the input ended at a prompt.
        """
        try:
            return super().invoke(ctx)
        except typer.Abort as problem:
            if isinstance(problem.__context__, EOFError):
                from fluidmol.errors import UsageError  # noqa: PLC0415

                raise UsageError(
                    "the input ended before the question was answered", hint="Answer it on a terminal."
                ) from problem
            raise KeyboardInterrupt from problem


@contextmanager
def heard_interrupts() -> Iterator[None]:
    """Turn each SIGINT into a :class:`KeyboardInterrupt` in the main thread, within the context.

    Where signals can't be blocked (Windows), or outside the main thread, nothing is changed.

    Examples
    --------
    >>> with heard_interrupts():
    ...     "interruptible"
    'interruptible'
    """
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    # joblib would complain of the work that was given up, though that is what was asked for.
    warnings.filterwarnings("ignore", message=r"\d+ tasks which were still being processed")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    woken = signal.signal(WAKE, lambda *_: None)
    done = threading.Event()
    listener = threading.Thread(target=_listen, args=(done,), daemon=True)
    listener.start()
    try:
        yield
    finally:
        done.set()
        signal.pthread_kill(listener.ident or 0, signal.SIGINT)  # it wakes from its wait, and ends
        listener.join()
        # Python's own handler is put back into place, for RDKit may have replaced it.
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
        signal.signal(WAKE, woken)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_trackers() -> None:
    """Start the helpers of processes to come, without letting the signal through.

    They unblock it when they start, so that they are started here, and it is blocked again.
    """
    from multiprocessing import resource_tracker  # noqa: PLC0415 - not needed before

    from joblib.externals.loky.backend import resource_tracker as joblibs  # noqa: PLC0415 - heavy

    if not hasattr(signal, "pthread_sigmask"):
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    # After an interruption they clean up what was left, as they should; that they also warn of it helps nobody.
    warned = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = "ignore"
    resource_tracker.ensure_running()
    joblibs.ensure_running()
    if warned is None:
        del os.environ["PYTHONWARNINGS"]
    else:
        os.environ["PYTHONWARNINGS"] = warned
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave(code: int) -> NoReturn:
    """End this process at once, and those that it started.

    Threads may still be at work after an interruption or an error. If one of them is in C++ code while the interpreter
    shuts down, the whole process aborts; so the interpreter isn't shut down.
    """
    pool = getattr(sys.modules.get("joblib.externals.loky.reusable_executor"), "_executor", None)
    if pool is not None:
        pool.shutdown(wait=True, kill_workers=True)
    atexit._run_exitfuncs()  # temporary files of libraries go
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _listen(done: threading.Event) -> None:
    while True:
        signal.sigwait({signal.SIGINT})
        if done.is_set():
            return
        _thread.interrupt_main()
        # The main thread may be waiting for somebody to type, or asleep: it looks when the system call ends. Once isn't
        # enough, for it may be just about to begin that call.
        for _ in range(WAKES):
            signal.pthread_kill(threading.main_thread().ident or 0, WAKE)
            if done.wait(0.1) or signal.SIGINT in signal.sigpending():
                break
