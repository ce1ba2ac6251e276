"""Does `paper-2025` do what the paper's proof of concept does? Means and standard deviations over seeds.

python benchmarks/fidelity.py [PRESET] [SEEDS]
"""

from __future__ import annotations

import sys

import numpy as np

from virtual import DATA, PROOF_OF_CONCEPT, consortium_of, mean_mcc


def main() -> None:
    preset = sys.argv[1] if len(sys.argv) > 1 else "paper-2025"
    n_seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real hERG files.")
    runs = []
    for seed in range(1, n_seeds + 1):
        rows, stages = consortium_of(seed, preset)
        runs.append(mean_mcc(rows))
        print(f"seed {seed}: {stages.seconds:.0f} s, at most {stages.peak_mb:.0f} MB", flush=True)
    print(f"\n{preset}: MCC, mean (standard deviation) over seeds 1 to {n_seeds}")
    print(f"{'kind':15}{'data set':12}{'mean (sd)':>16}{'proof of concept':>18}{'difference':>12}")
    for key in runs[0]:
        values = np.array([run[key] for run in runs])
        known = PROOF_OF_CONCEPT.get(key)
        compared = "" if known is None else f"{known:18.3f}{values.mean() - known:+12.3f}"
        print(f"{key[0]:15}{key[1]:12}{values.mean():8.3f} ({values.std(ddof=1):.3f}){compared}")


if __name__ == "__main__":
    main()
