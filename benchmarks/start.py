"""Times how long the command line takes to start, against an interpreter that only loads the library of its options.

python benchmarks/start.py
"""

from __future__ import annotations

import resource
import subprocess
import sys

AIM = 0.5
"""Seconds of processor time that ``fluid --help`` may take."""

STARTS = {
    "an interpreter": "pass",
    "typer alone": "import typer, typer.main, typer.rich_utils",
    "import fluidmol": "import fluidmol",
    "fluid --version": "import sys; sys.argv = ['fluid', '--version']; from fluidmol.cli.main import main; main()",
    "fluid --help": "import sys; sys.argv = ['fluid', '--help']; from fluidmol.cli.main import main; main()",
}


def main() -> None:
    taken = {name: min(seconds(code) for _ in range(5)) for name, code in STARTS.items()}
    for name, least in taken.items():
        print(f"{name:16s} {least:5.2f} s")
    sys.exit(f"fluid --help takes more than {AIM} s" if taken["fluid --help"] > AIM else 0)


def seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
