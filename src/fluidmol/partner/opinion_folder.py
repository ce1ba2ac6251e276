"""Opinions of pieces of a transfer set as files at home: what is done needn't be done again, whoever did it.

Nothing in here has passed the gate. Files are written whole, so that any number of processes may work side by side; one
that is damaged is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import InputError, OutputError
from fluidmol.learning.estimators.logistic import Linear
from fluidmol.learning.model import Floats
from fluidmol.partner.assay import Assay
from fluidmol.partner.kept.array_bundle import ArrayBundle
from fluidmol.partner.teachers import Annotator, Recipe
from fluidmol.partner.teachers.translated import Translated
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import write_once, write_whole
from fluidmol.values.pieces import Pieces

PROBED = 100
"""Molecules of which a teacher is asked again, to tell whether it is the one whose opinions were kept."""

ALIKE = 1e-6
"""Probabilities that differ by no more are the same."""


@attrs.frozen
class OpinionFolder:
    """Kept opinions of one partner under one charter."""

    path: Path
    """Made when something is kept."""

    @classmethod
    def of(
        cls, parent: Path, charter: Charter, name: str, assay: Assay | None, recipe: Recipe, transfer: Pieces
    ) -> OpinionFolder:
        """Return the folder for a charter, a partner, its compounds, what its teacher is made from, and all pieces.

        Pieces count although the charter names their whole: a translation learns from all of them, and that they are
        that whole is only what a manifest says.
        """
        pieces = (transfer.name(place) for place in range(len(transfer.sizes)))
        words = (charter.digest, name, "" if assay is None else assay.digest, recipe.state, *pieces)
        return cls(parent / hashlib.sha256("\0".join(words).encode()).hexdigest()[:12])

    def check_same(self, teacher: Annotator, piece: CompoundSet) -> None:
        """Refuse a teacher that isn't the one whose opinions are kept; if there is none yet, remember it.

        It is told by its opinions of some molecules, and their weights: a model of the partner's own may change without
        a word.

        Parameters
        ----------
        teacher : Annotator
        piece : CompoundSet
            The first piece of the transfer set.

        Raises
        ------
        InputError
            If it says something else than it did, or what it said can't be read.
        """
        rows = np.linspace(0, len(piece) - 1, min(PROBED, len(piece))).astype(int)
        probe = piece.take(rows.tolist())
        said = np.hstack(teacher.forgetful.annotate(probe))
        if not self._path("teacher").is_file():
            # What another process has remembered meanwhile stays, and is compared.
            self._keep("teacher", dict(zip(("value", "weight"), np.hsplit(said, 2), strict=True)), write_once)
        known = self.find("teacher", len(probe))
        if known is None:
            raise InputError(
                f"{self._path('teacher')} is damaged: whose opinions are beside it can't be told",
                hint="Remove its folder: all is annotated anew.",
            )
        before = np.hstack(known)
        differs = ~np.isclose(before, said, rtol=0, atol=ALIKE, equal_nan=True)
        if not differs.any():
            return
        row, column = np.argwhere(differs)[0].tolist()
        what = ("", "the weight ")[column]
        raise InputError(
            f"the model isn't the one whose opinions are in {self.path}: of {probe.smiles[row]} it says"
            f" {what}{said[row, column]:.4g}, and said {before[row, column]:.4g} before",
            hint="If it has changed, remove that folder, and a program's answers in the folder answers of your home:"
            " all is annotated anew. If it says something else each time, fix its random numbers (random_state).",
        )

    def find(self, piece: str, size: int) -> tuple[Floats, Floats] | None:
        """Read opinions and weights of a piece, by its digest, each (size, 1); None if there are no sound ones."""
        found = self._read(_name(piece), ("value", "weight"))
        if found is None or any(array.shape != (size, 1) for array in found.values()):
            return None
        value, weight = found["value"], found["weight"]
        spoken = value[~np.isnan(value)]
        sound = all(((array >= 0) & (array <= 1)).all() for array in (spoken, weight))
        return (value, weight) if sound else None

    def keep(self, piece: str, value: Floats, weight: Floats) -> None:
        """Keep opinions of a piece, by its digest.

        Raises
        ------
        OutputError
            If they can't be written.
        """
        self._keep(_name(piece), {"value": value, "weight": weight})

    def find_translation(self) -> tuple[Linear, int] | None:
        """Read the model that speaks for the teacher, and how many molecules it was taught; None if there is none."""
        found = self._read("translation", ("model", "n_taught"))
        if found is None or found["model"].ndim != 1 or found["n_taught"].shape != (1,):
            return None
        if not all(np.isfinite(array).all() for array in found.values()):
            return None
        return Linear(found["model"][:-1], float(found["model"][-1])), int(found["n_taught"][0])

    def keep_translation(self, speaking: Translated) -> None:
        """Keep the model that speaks for the teacher.

        Raises
        ------
        OutputError
            If it can't be written.
        TypeError
            If it isn't linear.
        """
        model = speaking.model
        if not isinstance(model, Linear):
            raise TypeError(f"a {type(model).__name__} speaks: expected a linear model")
        coefficients = np.append(model.coefficients, model.intercept)
        self._keep("translation", {"model": coefficients, "n_taught": np.array([speaking.n_taught])})

    def _path(self, name: str) -> Path:
        return self.path / f"{name}.npz"

    def _read(self, name: str, expected: tuple[str, ...]) -> dict[str, Floats] | None:
        try:
            bundle = ArrayBundle.read_arrays(self._path(name).read_bytes())
            return {each: np.asarray(bundle.array(each), dtype=np.float64) for each in expected}
        except (OSError, ValueError, InputError):
            return None

    def _keep(
        self, name: str, arrays: Mapping[str, NDArray[Any]], write: Callable[[Path, bytes], object] = write_whole
    ) -> None:
        bundle = ArrayBundle()
        for each, array in arrays.items():
            bundle.put(each, array)
        path = self._path(name)
        try:
            for folder in (*reversed(path.parent.parents), path.parent):  # all that are made are one's own alone
                folder.mkdir(mode=0o700, exist_ok=True)
            write(path, bundle.packed())
        except OSError as problem:
            raise OutputError(
                f"{path} can't be written: {problem.strerror or problem}",
                hint="What is finished is kept: make room, or give another `home`, and repeat the command.",
            ) from problem


def _name(digest: str) -> str:
    return digest.removeprefix("sha256:")
