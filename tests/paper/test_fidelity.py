"""The preset paper-2025 against what the paper's own code reached on the same files (minutes; `make paper`)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from virtual import DATA, PROOF_OF_CONCEPT, consortium_of, mean_mcc

pytestmark = [
    pytest.mark.slow,
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real hERG files aren't there (../shared/data)"),
]


@pytest.fixture(scope="module")
def runs() -> list[dict[tuple[str, str], float]]:
    return [mean_mcc(consortium_of(seed)[0]) for seed in range(1, 6)]


@pytest.mark.parametrize(("kind", "dataset"), list(PROOF_OF_CONCEPT))
def test_means_over_five_seeds_are_within_004(
    runs: list[dict[tuple[str, str], float]], kind: str, dataset: str
) -> None:
    values = [run[kind, dataset] for run in runs]
    known = PROOF_OF_CONCEPT[kind, dataset]
    print(f"\n{kind} {dataset}: {np.mean(values):.3f} (sd {np.std(values, ddof=1):.3f}), proof of concept {known:.3f}")
    assert np.mean(values) == pytest.approx(known, abs=0.04)
