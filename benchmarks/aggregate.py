"""Time and memory of reading and aggregating many partners' answers.

    python benchmarks/aggregate.py [partners] [molecules]

Writes packed answers as partners send them to a temporary folder, then reads, checks and aggregates them in a process
of its own. The limit beside it is what reading the same arrays by zipfile and safetensors, and one weighted mean of
them, take.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load

from fluidmol.learning.federation import aggregate
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack


def write(folder: Path, partners: int, molecules: int) -> None:
    """Write an answer a partner."""
    charter = Charter.from_preset("open")
    for index in range(partners):
        rng = np.random.default_rng(index)
        value, weight = (np.round(rng.beta(*shape, (molecules, 1)), 4) for shape in ((0.5, 2), (2, 4)))
        said = Annotations(charter.digest, f"partner-{index}", value, weight)
        (folder / f"{index}.fluid").write_bytes(pack(said))


def aggregated(folder: Path) -> None:
    """Read, check and aggregate; print seconds and peak."""
    begun = time.perf_counter()
    opinions = [unpack(path.read_bytes()) for path in sorted(folder.glob("*.fluid"))]
    read = time.perf_counter() - begun
    labels = aggregate(opinions, Charter.from_preset("open"))  # type: ignore[arg-type]
    combined = time.perf_counter() - begun - read
    packed = len(pack(labels))
    total = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"ours: read and check {read:.2f} s, aggregate {combined:.2f} s, rest {total - read - combined:.2f} s")
    print(f"      total {total:.2f} s, {packed / 1e6:.0f} MB of labels, peak {peak:.0f} MB")


def limit(folder: Path) -> None:
    """Read the same arrays and take one weighted mean."""
    begun = time.perf_counter()
    top = bottom = 0.0
    for path in sorted(folder.glob("*.fluid")):
        with zipfile.ZipFile(path) as archive:
            arrays = load(archive.read("arrays.safetensors"))
        value, weight = (arrays[name].astype(np.float64) for name in ("value", "weight"))
        weight = weight**6
        top, bottom = top + weight * value, bottom + weight
    np.divide(top, bottom)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"limit: read arrays, one weighted mean: {time.perf_counter() - begun:.2f} s, peak {peak:.0f} MB")


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[-1]).is_dir():
        {"aggregated": aggregated, "limit": limit}[sys.argv[1]](Path(sys.argv[2]))
    else:
        partners, molecules = (int(word) for word in (sys.argv[1:3] if len(sys.argv) > 2 else ("8", "1000000")))
        with tempfile.TemporaryDirectory() as name:
            write(Path(name), partners, molecules)
            size = sum(path.stat().st_size for path in Path(name).iterdir()) / 1e6
            print(f"{partners} partners, {molecules} molecules, {size:.0f} MB")
            for what in ("limit", "aggregated"):
                subprocess.run([sys.executable, __file__, what, name], check=True)
