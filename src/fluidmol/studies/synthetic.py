"""A synthetic chemistry for demonstrations that need no download.

Nothing here is measured: the molecules are enumerated from scaffolds and substituents
(:mod:`~fluidmol.studies.synthetic_chemistry`), and their class follows from a stated rule with noise
(:mod:`~fluidmol.studies.synthetic_rule`). It shows how federated learning behaves when every partner has series of
its own; it says nothing about any real endpoint.

Source molecules come from all scaffolds alike. Each of the eight families of scaffolds favours 12 substituents for
each of the sites a and b, drawn at random; a substituent is one of them with probability 0.8, otherwise any.
External and transfer molecules combine all scaffolds with all substituents alike. So a partner who works on few
families knows little of what the others know, though substituents act alike on all scaffolds. All molecules are
drug-like in size (12 to 50 heavy atoms, 180 to 650 g/mol, Crippen logP from -3 to 7), and no connectivity (first
block of the InChIKey) occurs twice, within a set or across sets.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import OutputError, UsageError
from fluidmol.studies.synthetic_molecules import Molecule, collect, house_picks, public_picks
from fluidmol.studies.synthetic_rule import LatentPotency, cut_of
from fluidmol.values.files import write_whole

MOST = 50_000
"""Most molecules that one call gives, all sets together; the chemistry holds more than ten times as many."""


@attrs.frozen(eq=False)
class SyntheticData:
    """Three sets of synthetic molecules, as canonical SMILES, without a structure in common."""

    source_smiles: list[str] = attrs.field(repr=False)
    """Labelled molecules, to be split among partners."""

    source_active: NDArray[np.bool_] = attrs.field(repr=False)
    """Class of each source molecule, (n_labelled,)."""

    source_family: list[str] = attrs.field(repr=False)
    """Family of each source molecule's scaffold."""

    external_smiles: list[str] = attrs.field(repr=False)
    """Labelled molecules that no partner has."""

    external_active: NDArray[np.bool_] = attrs.field(repr=False)
    """Class of each external molecule, (n_external,)."""

    external_family: list[str] = attrs.field(repr=False)
    """Family of each external molecule's scaffold."""

    transfer_smiles: list[str] = attrs.field(repr=False)
    """Unlabelled, public molecules."""


def synthetic_consortium(
    seed: int = 42, n_labelled: int = 2400, n_external: int = 800, n_transfer: int = 8000
) -> SyntheticData:
    """Enumerate a synthetic chemistry and label it by its rule.

    Parameters
    ----------
    seed : int, default=42
        0 or larger. It decides molecules, contributions and noise.
    n_labelled, n_external, n_transfer : int
        How many molecules each set has, 1 or more, at most 50 000 together.

    Returns
    -------
    SyntheticData
        The same for the same arguments and the same versions of RDKit and NumPy.

    Raises
    ------
    UsageError
        If a number is out of range.

    Examples
    --------
    >>> data = synthetic_consortium(1, n_labelled=50, n_external=10, n_transfer=20)
    >>> len(data.source_smiles), int(data.source_active.sum()), len(data.transfer_smiles)
    (50, 20, 20)
    """
    _check(seed, n_labelled, n_external, n_transfer)
    children = np.random.SeedSequence(seed).spawn(6)
    rule_rng, house_rng, source_rng, external_rng, transfer_rng, noise_rng = map(np.random.default_rng, children)
    taken: set[str] = set()
    source = collect(house_picks(source_rng, house_rng), n_labelled, taken)
    external = collect(public_picks(external_rng), n_external, taken)
    transfer = collect(public_picks(transfer_rng), n_transfer, taken)
    rule = LatentPotency.drawn(rule_rng)
    source_latent, external_latent = rule.latent(source, noise_rng), rule.latent(external, noise_rng)
    cut = cut_of(source_latent)
    return SyntheticData(
        source_smiles=_smiles(source),
        source_active=source_latent >= cut,
        source_family=[molecule.family for molecule in source],
        external_smiles=_smiles(external),
        external_active=external_latent >= cut,
        external_family=[molecule.family for molecule in external],
        transfer_smiles=_smiles(transfer),
    )


class SyntheticFiles(NamedTuple):
    """Where :func:`write_synthetic` put what."""

    source: Path
    external: Path
    transfer: Path
    readme: Path


def write_synthetic(folder: Path, seed: int = 42) -> SyntheticFiles:
    """Write a synthetic consortium: ``source.csv``, ``external.csv``, ``transfer.smi`` and ``README.txt``.

    The CSV files have the columns smiles, active (0 or 1) and family; each line of the SMILES file has a
    SMILES and a name that begins with ``synthetic-``. Each file appears whole or not at all.

    Parameters
    ----------
    folder : Path
        Made where it isn't there; files of these names are replaced.
    seed : int, default=42
        As in :func:`synthetic_consortium`.

    Returns
    -------
    SyntheticFiles
        The four paths.

    Raises
    ------
    OutputError
        If the folder can't be written.
    UsageError
        If the seed is negative.
    """
    data = synthetic_consortium(seed)
    files = SyntheticFiles(*(folder / name for name in ("source.csv", "external.csv", "transfer.smi", "README.txt")))
    lines = (f"{smiles} synthetic-{row:05d}\n" for row, smiles in enumerate(data.transfer_smiles, 1))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(files.readme, _README.format(seed=seed, active=data.source_active.mean()))
        write_whole(files.source, _table(data.source_smiles, data.source_active, data.source_family))
        write_whole(files.external, _table(data.external_smiles, data.external_active, data.external_family))
        write_whole(files.transfer, "".join(lines))
    except OSError as problem:
        raise OutputError(
            f"{folder} can't be written: {problem.strerror or problem}", hint="Choose another folder."
        ) from problem
    return files


_README = """These molecules and their classes are SYNTHETIC. Nothing here was measured.

They were enumerated by fluidmol (fluidmol.studies.synthetic, seed {seed}), for demonstrations without a download.
source.csv    labelled molecules, to be split among partners; {active:.0%} active
external.csv  labelled molecules that no partner has
transfer.smi  unlabelled, public molecules
"""


def _smiles(molecules: list[Molecule]) -> list[str]:
    return [molecule.smiles for molecule in molecules]


def _table(smiles: list[str], active: NDArray[np.bool_], family: list[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("smiles", "active", "family"))
    writer.writerows(zip(smiles, active.astype(int).tolist(), family, strict=True))
    return text.getvalue()


def _check(seed: int, *sizes: int) -> None:
    if seed < 0:
        raise UsageError(f"seed is {seed}", hint="Expected 0 or larger.")
    if min(sizes) < 1 or sum(sizes) > MOST:
        raise UsageError(
            f"{', '.join(map(str, sizes))} synthetic molecules were asked for",
            hint=f"Expected 1 or more in each set, and at most {MOST} together.",
        )
