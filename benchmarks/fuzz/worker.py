"""Cases in a process of their own: watched, with an end to its memory, begun again after a crash or a hang."""

from __future__ import annotations

import json
import mmap
import os
import random
import resource
import signal
import struct
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

from fluidmol.errors import FluidError

LONGEST = 15.0
"""Seconds after which a case counts as hanging."""

MEMORY = 2 << 30
"""Bytes of address space beyond what a worker has when it begins."""

FIELDS = ("index", "done", "accepted", "refused", "failed", "slowest")


@attrs.define
class Count:
    """What came of the cases of one target."""

    name: str
    cases: int
    done: int = 0
    accepted: int = 0
    refused: int = 0
    failures: list[str] = attrs.field(factory=list)
    slowest: float = 0.0
    peak: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """Write a line of the table, and failures below it."""
        head = (
            f"{self.name:<32}{self.done:>9,}{self.refused:>9,}{self.accepted:>9,}{len(self.failures):>9,}"
            f"{self.slowest * 1000:>9,.0f}{self.peak:>9,}{self.seconds:>9,.0f}"
        )
        return "\n".join([head, *(f"    {failure}" for failure in self.failures[:5])])


HEAD = f"{'target':<32}{'cases':>9}{'refused':>9}{'accepted':>9}{'failed':>9}{'max ms':>9}{'MB more':>9}{'seconds':>9}"


def run(
    name: str,
    case: Callable[[random.Random], None],
    cases: int,
    seed: int,
    log: Path,
    *,
    threads: int = 1,
    worth: int = 1,
) -> Count:
    """Run cases 0 to ``cases`` of a target; each is worth so many."""
    count, begun, start = Count(name, cases), time.monotonic(), 0
    while start < cases:
        shared = mmap.mmap(-1, 8 * len(FIELDS))
        child = os.fork()
        if child == 0:
            _work(name, case, range(start, cases), seed, shared, log, threads)
        status = _watched(child, shared)
        facts = dict(zip(FIELDS, struct.unpack("6d", shared[:]), strict=True))
        count.done += int(facts["done"]) * worth
        count.accepted += int(facts["accepted"]) * worth
        count.refused += int(facts["refused"]) * worth
        count.slowest = max(count.slowest, facts["slowest"])
        if status == 0:
            break
        count.failures.append(f"case {int(facts['index'])}: the process ended with {os.waitstatus_to_exitcode(status)}")
        count.done += worth
        start = int(facts["index"]) + 1
    for line in log.read_text().splitlines() if log.exists() else ():
        found = json.loads(line)
        if "peak" in found:
            count.peak = max(count.peak, found["peak"])
        else:
            count.failures.append(f"case {found['case']}: {found['error']}")
    log.unlink(missing_ok=True)
    count.seconds = time.monotonic() - begun
    return count


def _watched(child: int, shared: mmap.mmap) -> int:
    last, since = -1.0, time.monotonic()
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        done = struct.unpack_from("d", shared, 8)[0]
        if done != last:
            last, since = done, time.monotonic()
        if time.monotonic() - since > LONGEST:
            os.kill(child, signal.SIGKILL)
            since = time.monotonic()
        time.sleep(0.02)


def _work(
    name: str,
    case: Callable[[random.Random], None],
    indices: range,
    seed: int,
    shared: mmap.mmap,
    log: Path,
    threads: int,
) -> None:
    if threads == 1:
        status = Path("/proc/self/statm")
        size = int(status.read_text().split()[0]) * mmap.PAGESIZE if status.exists() else 1 << 34
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    before, facts = _peak(), dict.fromkeys(FIELDS, 0.0)

    def one(index: int) -> None:
        facts["index"] = index
        shared[:8] = struct.pack("d", index)
        begun = time.monotonic()
        try:
            case(random.Random(f"{seed} {name} {index}"))
            facts["accepted"] += 1
        except FluidError:
            facts["refused"] += 1
        except BaseException as problem:
            facts["failed"] += 1
            last = traceback.extract_tb(problem.__traceback__)[-1]
            error = f"{type(problem).__name__}: {str(problem)[:300]} ({Path(last.filename).name}, line {last.lineno})"
            _note(log, {"case": index, "error": error})
        facts["slowest"] = max(facts["slowest"], time.monotonic() - begun)
        facts["done"] += 1
        shared[:] = struct.pack("6d", *facts.values())

    if threads == 1:
        for index in indices:
            one(index)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, indices))
    _note(log, {"peak": _peak() - before})
    os._exit(0)


def _note(log: Path, facts: dict[str, object]) -> None:
    with log.open("a") as file:
        file.write(json.dumps(facts) + "\n")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
