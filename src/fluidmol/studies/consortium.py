"""The virtual consortium: public data play the private data of partners."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from fluidmol.chem.intake.origins import Origins
from fluidmol.errors import InputError
from fluidmol.learning.privacy.noise import SimulatedNoise
from fluidmol.learning.seeds import derive_seed
from fluidmol.partner.assay import Assay
from fluidmol.studies.splits import partition
from fluidmol.studies.validation import Dates, hold_out
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet


@attrs.frozen(kw_only=True)
class Setup:
    """How public data become a virtual consortium."""

    n_partners: int = attrs.field(default=8, validator=attrs.validators.ge(2))
    """Number of partners, at least 2."""

    split: str = "kmeans"
    """See :func:`fluidmol.studies.splits.partition`."""

    mixing: float = attrs.field(default=0.05, validator=[attrs.validators.ge(0), attrs.validators.le(1)])
    """Share of compounds that is moved to a random partner after the split."""

    validation_fraction: float = attrs.field(
        default=0.2, validator=[attrs.validators.ge(0.01), attrs.validators.le(0.9)]
    )
    """Share of the source that is held out and belongs to nobody."""

    validation_split: str = "random"
    """How it is held out; see :func:`fluidmol.studies.validation.hold_out`."""


@attrs.frozen(kw_only=True, eq=False)
class Consortium:
    """Everything that a study starts from, before any model is trained."""

    charter: Charter
    """The rules, with the transfer set's digest."""

    transfer: CompoundSet
    """The public transfer set."""

    assays: dict[str, Assay]
    """Private data by partner's name, ``partner-1`` and on."""

    benchmarks: dict[str, Assay]
    """``validation``, and ``external`` where there is one."""

    origins: Origins | None = None
    """Sources of each compound of ``external``, in its order; None where the file names none."""

    source_origins: Mapping[str, tuple[str, ...]] | None = None
    """Sources of each compound of the source file, by InChIKey; None where the file names none."""

    @property
    def labelled(self) -> tuple[Assay, ...]:
        """All labelled sets: the partners' and the benchmarks."""
        return (*self.assays.values(), *self.benchmarks.values())

    @property
    def pooled(self) -> Assay:
        """All partners' data together, which confidentiality forbids."""
        parts = list(self.assays.values())
        smiles = [text for part in parts for text in part.compounds.smiles]
        keys = [key for part in parts for key in part.compounds.inchikeys]
        return Assay(CompoundSet(smiles, keys), np.concatenate([part.outcome for part in parts]), parts[0].scale)


def divide(source: Assay, setup: Setup, seed: int, dates: Dates | None = None) -> tuple[dict[str, Assay], Assay]:
    """Hold out a validation set and give the rest to partners.

    Parameters
    ----------
    source : Assay
    setup : Setup
    seed : int
    dates : (n_compounds,) datetime64, optional
        Of the source's compounds, to hold the newest out.

    Raises
    ------
    InputError
        If there are too few compounds, or their dates can't divide them.
    UsageError
        If the setup needs dates, and there are none.
    """
    held = hold_out(source.compounds, setup.validation_fraction, seed, setup.validation_split, dates)
    rest, validation = source.take(np.flatnonzero(~held)), source.take(np.flatnonzero(held))
    if not len(validation):
        raise InputError(
            f"{len(source)} compounds are too few to hold out {setup.validation_fraction:.0%}"
            + (", whole scaffolds each" if setup.validation_split == "scaffold" else ""),
            hint="Give more compounds, or a larger `validation_fraction`.",
        )
    groups = partition(rest.compounds, setup.n_partners, setup.split, seed, setup.mixing)
    return {f"partner-{k + 1}": rest.take(np.flatnonzero(groups == k)) for k in range(setup.n_partners)}, validation


def simulated_noise(charter: Charter, name: str) -> SimulatedNoise:
    """Make the noise of a virtual partner: it follows from the charter's seed, and so protects nobody."""
    return SimulatedNoise(derive_seed(charter.seed, "noise", name))
