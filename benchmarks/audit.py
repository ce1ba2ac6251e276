"""Run ``fluid audit`` on the real hERG files, to see whether it finds what can be found.

    python benchmarks/audit.py [--partners NAME,...] [--draws 32] [--preset open] [--transfer 50000]

The partners are those of ``benchmarks/attacks.py``: eight k-means clusters of the hERG compounds. Each audits what it
would release under the preset, with a new policy's 4 decimals, and in a second round with some compounds more. Figures
are means over the partners that are asked for.
"""

from __future__ import annotations

import argparse
import sys
import time

import attrs
import numpy as np
from joblib import parallel_config

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.cli.workers import cores
from fluidmol.partner.audit.audit import audit
from fluidmol.partner.audit.effort import FULL
from fluidmol.partner.audit.outcome import Audit
from fluidmol.partner.audit.shadows import GameSettings
from fluidmol.partner.policy import Policy
from fluidmol.partner.teachers.charters import Charters
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Setup
from fluidmol.studies.prepare import Sources, prepare
from fluidmol.values.charter import Charter
from virtual import DATA


def main() -> None:
    """Audit some partners, and print one table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--partners", default="partner-6", help="names, with commas between them")
    options.add_argument("--draws", type=int, default=FULL.draws)
    options.add_argument("--preset", default="open")
    options.add_argument("--transfer", type=int, default=50_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--decimals", type=int, default=Policy().decimals)
    given = options.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real hERG files.")
    charter = attrs.evolve(Charter.from_preset(given.preset), seed=given.seed)
    sources = Sources(
        source=DATA / "herg_train.csv.gz", transfer=DATA / "transfer.csv.gz", transfer_size=given.transfer
    )
    effort = attrs.evolve(FULL, draws=given.draws)
    audits = []
    with parallel_config(n_jobs=cores()):
        consortium = prepare(sources, charter, Setup(validation_fraction=0.01), StandardCache(), Stages()).consortium
        for name in given.partners.split(","):
            begun, worked = time.perf_counter(), time.process_time()
            table = GameSettings(recipe=Charters(), name=name)
            policy = Policy(decimals=given.decimals)
            audits.append(
                audit(consortium.assays[name], consortium.charter, consortium.transfer, policy, table, effort)
            )
            print(
                f"{name}: {audits[-1].n_compounds} compounds, {time.perf_counter() - begun:.0f} s,"
                f" {time.process_time() - worked:.0f} s of processor time: {audits[-1].verdict}",
                file=sys.stderr, flush=True,
            )  # fmt: skip
    show(audits)


def show(audits: list[Audit]) -> None:
    """Print means over partners."""
    every = [(*found.figures, *(found.rounds.figures if found.rounds else ())) for found in audits]
    rows = list(dict.fromkeys((figure.vantage, figure.attack) for figures in every for figure in figures))
    print(
        f"{'attack':52}{'attacker holds':20}{'AUC':>6}{'at 1 %':>8}{'at 0.1 %':>10}{'rarer':>7}{'tenth':>7}{'class':>7}"
    )
    for vantage, attack in rows:
        figures = [f for some in every for f in some if (f.vantage, f.attack) == (vantage, attack)]
        numbers = (
            _mean([f.auc.value for f in figures]),
            _mean([f.found.value for f in figures if f.found]),
            _mean([f.found_rarely.value for f in figures if f.found_rarely]),
            _mean([f.minority for f in figures if f.minority is not None]),
            _mean([f.worst_tenth for f in figures if f.worst_tenth is not None]),
            _mean([f.classes_right for f in figures if f.classes_right is not None]),
        )
        widths = (6, 8, 10, 7, 7, 7)
        cells = [f"{'' if np.isnan(n) else format(n, '.2f'):>{w}}" for n, w in zip(numbers, widths, strict=True)]
        print(f"{attack:52}{vantage:20}{''.join(cells)}")
    print("AUC .5 and .01 at 1 % are guessing.")
    for found in audits:
        if found.analogues is not None:
            a = found.analogues
            names = ("named", "strangers", "random", "typical", "gain", "close", "close_random")
            said = ", ".join(f"{name} {getattr(a, name).value:.3f}" for name in names)
            print(f"{found.n_compounds} compounds, {a.n_named} public molecules named: {said}")


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


if __name__ == "__main__":
    main()
