"""A transfer set from files of any number of molecules, start to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import numpy as np

from fluidmol.chem.intake.cache import StandardCache, standardiser_version
from fluidmol.chem.pool.comparing import NEAR_DUPLICATE, Pool, compare
from fluidmol.chem.pool.expanding import expand
from fluidmol.chem.pool.known_sets import KnownSet
from fluidmol.chem.pool.limits import PoolLimits
from fluidmol.chem.pool.ordering import put_in_order
from fluidmol.chem.pool.picking import PICKERS
from fluidmol.chem.pool.preparing import FileFacts, PreparedPool, prepare
from fluidmol.chem.pool.private_directions import PrivateDirections
from fluidmol.chem.pool.shards import Manifest, check_free, write_set
from fluidmol.chem.pool.spread import random_rows, spread
from fluidmol.errors import InputError, UsageError
from fluidmol.progress import Stages
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

SPREAD, TIMES = "spread.json", "times.json"
"""Files beside the manifest: how the pick compares with its pool, and how long each stage took."""


@attrs.frozen(kw_only=True)
class PickRequest:
    """What is asked for.

    Raises
    ------
    ValueError
        If the size is below 1, the seed below 0 or the similarity out of range.
    """

    size: int = attrs.field(validator=attrs.validators.ge(1))
    """Molecules."""

    method: Part = attrs.field(default=Part("random"))
    """Of :data:`~fluidmol.chem.pool.picking.PICKERS`, with its options."""

    seed: int = attrs.field(default=0, validator=[attrs.validators.ge(0), attrs.validators.lt(1 << 63)])
    """Of the pool's order."""

    limits: PoolLimits = attrs.field(factory=PoolLimits)
    """What a molecule may be."""

    near_duplicate: float = attrs.field(
        default=NEAR_DUPLICATE, converter=float, validator=[attrs.validators.gt(0), attrs.validators.le(1)]
    )
    """Tanimoto similarity to an excluded molecule from which one is out, too."""

    allow_fewer: bool = False
    """Whether fewer may be picked, where there are no more."""


def build_transfer(
    files: Sequence[str],
    out: Path,
    request: PickRequest,
    *,
    exclude: Sequence[KnownSet] = (),
    near: Sequence[KnownSet] = (),
    private: PrivateDirections | None = None,
    work: Path | None = None,
    smiles_column: str | None = None,
    cache: StandardCache | None = None,
    stages: Stages | None = None,
) -> Manifest:
    """Build a transfer set from a pool of files.

    The same files, sets and request make the same set, on any number of workers and whatever the order of the files.
    Runs on the ambient joblib backend.

    Parameters
    ----------
    files : sequence of str
        As for :func:`~fluidmol.chem.pool.expanding.expand`.
    out : Path
        Folder to write, which isn't there yet or is empty.
    request : PickRequest
    exclude, near : sequence of KnownSet
        Sets whose molecules and near duplicates are left out; sets that the method ``near`` picks by, and that all
        picks are compared with.
    private : PrivateDirections, optional
        Partners' proximity vectors, to be near to as to a set each.
    work : Path, optional
        Folder of prepared chunks, from which an interrupted run goes on and another method picks in a moment; beside
        the output by default. It stays.
    smiles_column, cache
        As for :func:`~fluidmol.chem.intake.tables.read_table` and
        :func:`~fluidmol.chem.intake.standardise.standardise`.
    stages : Stages, optional
        Times the steps and shows how far they are.

    Returns
    -------
    Manifest
        As it was written.

    Raises
    ------
    InputError
        If no file can be used, or fewer molecules are left than are asked for.
    OutputError
        If the folder has something in it, or can't be written.
    CharterError
        If there is no such method, or it has no such option.
    UsageError
        If the method needs sets, and none is given.
    """
    check_free(out)
    picker = PICKERS.build(request.method)
    if picker.needs_sets and not near and private is None:
        raise UsageError(
            f"the method {request.method.name} picks by nearness, and it isn't said to what",
            hint="Give `near`, `scaffolds`, or `labels` of a private round.",
        )
    stages = stages if stages is not None else Stages()
    folder = work if work is not None else work_beside(out)
    with stages.stage("standardise"):
        prepared = prepare(
            expand(files, folder / "copies", stages.note), request.limits, folder, smiles_column=smiles_column,
            cache=cache, progress=stages.advance, note=stages.note,
        )  # fmt: skip
    with stages.stage("de-duplicate"):
        order = put_in_order(prepared.paths, request.seed)
    with stages.stage("exclude and compare"):
        pool = compare(
            order, exclude=exclude, near=near, private=private, at_least=request.near_duplicate,
            progress=stages.advance,
        )  # fmt: skip
    with stages.stage("pick"):
        chosen = _picked(pool, request, prepared)
    with stages.stage("describe"):
        facts = spread(pool, chosen, random_rows(pool, len(chosen), request.seed), near)
    with stages.stage("write"):
        found = pool.order.read(chosen, ("smiles", "inchikey"))
        compounds = CompoundSet(found["smiles"], found["inchikey"])
        made = _made(request, prepared, pool, order.n_repeated, near, private)
        times = [
            {"stage": s.name, "seconds": round(s.seconds, 2), "peak_mb": round(s.peak_mb)} for s in stages.finished
        ]
        beside = {SPREAD: json.dumps(facts, allow_nan=False) + "\n", TIMES: json.dumps(times, indent=1) + "\n"}
        return write_set(out, compounds, made, beside)


def work_beside(out: Path) -> Path:
    """Return the folder of prepared chunks where none is named.

    Examples
    --------
    >>> work_beside(Path("/data/transfer")).as_posix()
    '/data/transfer.work'
    """
    here = out.absolute()
    return here.with_name(f"{here.name}.work")


def _picked(pool: Pool, request: PickRequest, prepared: PreparedPool) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    size, n = request.size, len(pool)
    if n < size and not request.allow_fewer:
        raise InputError(
            f"{n:,} molecules are left of {prepared.n_rows:,} rows, and {size:,} are asked for",
            hint="Ask for fewer, add files, widen the limits, or take what there is with `allow_fewer`.",
        )
    if not n:
        raise InputError(f"no molecule is left of {prepared.n_rows:,} rows", hint="Add files, or widen the limits.")
    chosen = PICKERS.build(request.method)(pool, min(size, n))
    if len(chosen) < size and not request.allow_fewer:
        raise InputError(
            f"the method {request.method.name} finds {len(chosen):,} of {n:,} molecules, and {size:,} are asked for",
            hint="Change its options, or take what there is with `allow_fewer`.",
        )
    return chosen


def _made(
    request: PickRequest, prepared: PreparedPool, pool: Pool, n_repeated: int, near: Sequence[KnownSet],
    private: PrivateDirections | None,
) -> dict[str, Any]:  # fmt: skip
    """Describe how a set was made; nothing of when, where and by how many workers, so that it can be made again."""
    usable = sum(file.n_usable for file in prepared.files)
    sets = [
        {"name": known.name, "digest": known.compounds.digest, "size": len(known.compounds),
         "kind": "molecules" if known.scaffolds is None else "scaffolds"}
        for known in near
    ]  # fmt: skip
    made: dict[str, Any] = {
        "method": request.method.as_table(), "seed": request.seed, "asked": request.size,
        "limits": request.limits.as_table(), "near_duplicate": request.near_duplicate,
        "counts": {
            "rows": prepared.n_rows, "usable": usable, "repeated": n_repeated, "excluded": pool.n_excluded,
            "pool": len(pool),
        },
        "files": [_file(file) for file in prepared.files],
        "unusable": [{"name": _short(name), "reason": reason.replace(name, _short(name))}
                     for name, reason in prepared.unusable],
        "excluded": [attrs.asdict(counts) for counts in pool.excluded],
        "near": sets,
    }  # fmt: skip
    if private is not None:
        made["private"] = {"charter": private.charter.digest, "experts": private.experts.digest,
                           "partners": list(private.names)}  # fmt: skip
    made["made_with"] = f"fluidmol {version('fluidmol')}; {standardiser_version()}"
    return made


def _file(file: FileFacts) -> dict[str, Any]:
    examples: dict[str, str] = {}
    for chunk in file.chunks:
        for kind, text in chunk.examples.items():
            examples.setdefault(kind, text)
    return {
        "name": _short(file.name), "sha256": file.sha256, "rows": file.n_rows, "usable": file.n_usable,
        "left_out": file.left_out, "examples": {kind: examples[kind] for kind in file.left_out},
    }  # fmt: skip


def _short(name: str) -> str:
    """Leave the folder out: a manifest goes to others."""
    return name if "://" in name else PurePosixPath(Path(name).as_posix()).name
