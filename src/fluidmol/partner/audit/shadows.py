"""The game: draw members, fit the partner's own recipe to them, and write down what would leave."""

from __future__ import annotations

import hashlib
import io
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.chem.features import features
from fluidmol.chem.proximity import PROXIMITIES
from fluidmol.errors import InputError, OutputError, UsageError
from fluidmol.learning.seeds import derive_seed
from fluidmol.parallel import in_threads, jobs
from fluidmol.partner.assay import Assay
from fluidmol.partner.audit.effort import Effort
from fluidmol.partner.audit.observations import Floats, Mask
from fluidmol.partner.teachers import Recipe, named
from fluidmol.partner.teachers.translated import translated
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import write_whole
from fluidmol.values.pieces import InMemory

Progress = Callable[[int, int], None]
Note = Callable[[str], None]

FEWEST = 20
"""Fewest skeletons of which members can be drawn."""

GROWTH = 0.02
"""By which part of its skeletons a partner grows between two rounds."""

PATIENCE = 1000
"""How often coins are tossed again where one class has no member or no stranger."""


@attrs.frozen(eq=False)
class Draw:
    """What one fitted teacher says, before any rule of the policy."""

    own: tuple[Floats, Floats]
    """Value and weight of the partner's own compounds, asked as if they lay in the transfer set, (n_compounds,)
    each."""

    public: tuple[Floats, Floats]
    """Value and weight of the transfer molecules that are asked about, (n_asked,) each."""

    model: Floats | None
    """Coefficients of the teacher, the intercept last, if it is linear in the charter's features."""


@attrs.frozen(eq=False)
class Played:
    """All draws of one game. It holds what teachers of private compounds say: it never leaves the partner."""

    assay: Assay = attrs.field(repr=False)
    charter: Charter = attrs.field(repr=False)
    asked: CompoundSet = attrs.field(repr=False)
    """The transfer molecules that were asked about."""
    owned: Mask = attrs.field(repr=False)
    """Who is a member, (n_draws, n_compounds)."""
    draws: tuple[Draw, ...] = attrs.field(repr=False)
    effort: Effort
    added: Mask | None = attrs.field(default=None, repr=False)
    """Who is new in the second round, (n_draws, n_compounds); None if there is none."""
    again: tuple[Draw, ...] = attrs.field(default=(), repr=False)
    """The draws of the second round."""
    teacher: str = ""
    """Digest of the recipe that was played."""

    @property
    def second(self) -> Played | None:
        """The second round as a game of its own; None if there is none."""
        if self.added is None:
            return None
        return attrs.evolve(self, owned=self.owned | self.added, draws=self.again, added=None, again=())


@attrs.frozen(kw_only=True)
class GameSettings:
    """Where the game is played: who is asked, and where finished draws are kept."""

    recipe: Recipe = attrs.field(repr=False)
    """How the partner comes to its teacher."""

    name: str = "partner"
    """Name of the partner; seeds derive from it, as they do when it answers."""

    work: Path | None = None
    """Folder for finished draws, with which a game goes on after an interruption."""

    progress: Progress = attrs.field(default=lambda _done, _total: None, repr=False)
    note: Note = attrs.field(default=lambda _text: None, repr=False)
    """Is told how long the rest will take."""


def require_audited(charter: Charter) -> None:
    """Refuse a regression: the attacks are on what is said of classes.

    Raises
    ------
    CharterError
        Saying what to do.
    """
    charter.require_classes(
        "an audit",
        "None attacks what is said of values so far: take it that it gives your compounds away, or ask for a charter of"
        " the preset private, whose promise needs no audit.",
    )


def play(assay: Assay, charter: Charter, transfer: CompoundSet, effort: Effort, table: GameSettings) -> Played:
    """Play the game.

    Raises
    ------
    UsageError
        If the teacher learns from no compounds: nothing of it can be made again.
    InputError
        If there are too few compounds to draw from.
    CharterError
        If the endpoint is a regression.
    OutputError
        If finished draws can't be kept.
    """
    require_audited(charter)
    if not table.recipe.learns:
        raise UsageError(
            "this teacher learns nothing here, so that it can't be made again from other compounds",
            hint="An audit needs the charter's teacher, or an estimator that `place` names.",
        )
    owned = coins(assay, effort)
    asked = _asked(transfer, effort)
    # Before the threads: what they then need is there, and was made on all cores.
    compared = PROXIMITIES.build(charter.proximity).fingerprint
    for part in (charter.featuriser, compared or charter.featuriser):
        for compounds in (asked, assay.compounds):
            features(compounds, part)
    folder = None if table.work is None else table.work / f"draws-{_key(assay, charter, asked, effort, table)}"
    added = newcomers(assay, owned, effort) if effort.rounds else None
    sides = [(f"{place:04}", row) for place, row in enumerate(owned)]
    if added is not None:
        sides += [(f"{place:04}-again", row) for place, row in enumerate(owned | added)]
    draws: list[Draw] = []
    begun, fitted = time.perf_counter(), jobs()
    sets = (assay, charter, transfer, asked)
    for draw in in_threads(_drawn, ((*sets, row, name, folder, table) for name, row in sides)):
        draws.append(draw)
        table.progress(len(draws), len(sides))
        if len(draws) == fitted and len(sides) > fitted:
            left = (time.perf_counter() - begun) / fitted * (len(sides) - fitted)
            table.note(f"The other {len(sides) - fitted} draws will take about {_duration(left)}.")
    n = len(owned)
    return Played(assay, charter, asked, owned, tuple(draws[:n]), effort, added, tuple(draws[n:]), named(table.recipe))


def coins(assay: Assay, effort: Effort) -> Mask:
    """Toss a coin for each skeleton and draw: who is a member, (n_draws, n_compounds).

    Raises
    ------
    InputError
        If there are fewer than 20 skeletons, or so few of a class that members and strangers can't both have it.
    """
    skeletons, group = np.unique(assay.compounds.skeletons, return_inverse=True)
    if len(skeletons) < FEWEST:
        raise InputError(
            f"there are {len(skeletons)} different compounds", hint=f"An audit needs {FEWEST} or more to draw from."
        )
    rng = np.random.default_rng(derive_seed(effort.seed, "audit", assay.compounds.digest))
    owned = np.empty((effort.draws, len(assay)), dtype=np.bool_)
    for row in range(effort.draws):
        for _ in range(PATIENCE):
            owned[row] = (rng.random(len(skeletons)) < 0.5)[group]
            sides = [assay.active & owned[row], ~assay.active & owned[row], ~owned[row]]
            if all(side.any() for side in sides):
                break
        else:
            raise InputError(
                f"{assay.n_active} of {len(assay)} compounds are active: members can't be drawn of both classes",
                hint="An audit needs several compounds of each class.",
            )
    return owned


def newcomers(assay: Assay, owned: Mask, effort: Effort) -> Mask:
    """Draw the strangers that a partner has measured by its second round: (n_draws, n_compounds).

    They are skeletons, 2 % as many as the members', 2 or more, and never all of the strangers.

    Raises
    ------
    InputError
        If a draw has fewer than 2 skeletons of strangers.
    """
    skeletons, group = np.unique(assay.compounds.skeletons, return_inverse=True)
    rng = np.random.default_rng(derive_seed(effort.seed, "newcomers", assay.compounds.digest))
    added = np.zeros_like(owned)
    for row in range(len(owned)):
        strangers = np.unique(group[~owned[row]])
        if len(strangers) < 2:
            raise InputError(
                f"one of {len(skeletons)} different compounds is a stranger: none can join and leave another",
                hint="Leave the second round out, or give more compounds.",
            )
        number = max(2, round(GROWTH * (len(skeletons) - len(strangers))))
        joined = rng.choice(strangers, min(number, len(strangers) - 1), replace=False)
        added[row] = np.isin(group, joined)
    return added


def _asked(transfer: CompoundSet, effort: Effort) -> CompoundSet:
    if effort.transfer is None or effort.transfer >= len(transfer):
        return transfer
    rng = np.random.default_rng(derive_seed(effort.seed, "asked"))
    return transfer.take(np.sort(rng.choice(len(transfer), effort.transfer, replace=False)).tolist())


def _drawn(
    assay: Assay,
    charter: Charter,
    transfer: CompoundSet,
    asked: CompoundSet,
    owned: Mask,
    name: str,
    folder: Path | None,
    table: GameSettings,
) -> Draw:
    path = None if folder is None else folder / f"{name}.npz"
    if path is not None and (kept := _read(path, len(assay), len(asked))) is not None:
        return kept
    members = assay.take(np.flatnonzero(owned))
    fitted = table.recipe.fit(members, charter, table.name)
    teacher = translated(fitted, members, InMemory(transfer), charter, table.name)
    own, public = (_said(*teacher.annotate(compounds)) for compounds in (assay.compounds, asked))
    found = Draw(own, public, _coefficients(teacher))
    if path is not None:
        _keep(found, path)
    return found


def _said(value: Floats, weight: Floats) -> tuple[Floats, Floats]:
    return np.asarray(value, dtype=np.float64)[:, 0], np.asarray(weight, dtype=np.float64)[:, 0]


def _coefficients(teacher: object) -> Floats | None:
    from fluidmol.learning.estimators.logistic import Linear  # noqa: PLC0415

    model = getattr(teacher, "model", None)
    return np.append(model.coefficients, model.intercept) if isinstance(model, Linear) else None


def _keep(draw: Draw, path: Path) -> None:
    model = np.empty(0) if draw.model is None else draw.model
    arrays = dict(zip(_NAMES, (*draw.own, *draw.public, model), strict=True))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, buffer.getvalue())
    except OSError as problem:
        raise OutputError(f"{path} can't be written: {problem.strerror}", hint="Give another folder.") from problem


_NAMES = ("own_value", "own_weight", "public_value", "public_weight", "model")


def _read(path: Path, n_own: int, n_asked: int) -> Draw | None:
    """Read a finished draw; None if there is none, or it is damaged: then it is made again."""
    try:
        # From memory: of a damaged file, numpy would forget to close it. It reads plain numbers alone, by default.
        with np.load(io.BytesIO(path.read_bytes())) as arrays:
            found = [np.asarray(arrays[name], dtype=np.float64) for name in _NAMES]
    except (OSError, ValueError, KeyError, BadZipFile, EOFError, zlib.error):
        return None
    if [len(array) for array in found[:4]] != [n_own, n_own, n_asked, n_asked]:
        return None
    return Draw((found[0], found[1]), (found[2], found[3]), found[4] if len(found[4]) else None)


def _key(assay: Assay, charter: Charter, asked: CompoundSet, effort: Effort, table: GameSettings) -> str:
    """Name what draws depend on: others of other data, charters or recipes are never taken for them."""
    outcome: NDArray[np.float64] = assay.outcome
    # Not of the number of draws: with more of them, the first ones are the same.
    parts = (
        charter.digest, asked.digest, assay.compounds.digest, outcome.tobytes().hex(), table.name, repr(table.recipe),
        repr(getattr(table.recipe, "estimator", "")), str(effort.seed),
    )  # fmt: skip
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
