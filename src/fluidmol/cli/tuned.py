"""What tuning says on the terminal, and what it writes."""

from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fluidmol.errors import OutputError

if TYPE_CHECKING:
    from rich.table import Table

    from fluidmol.chem.intake.measurements.reading import Reading
    from fluidmol.partner.tuning.figures import ModelScore
    from fluidmol.partner.tuning.tune import Tuned
    from fluidmol.values.publication import Publication

FILES = ("tune.csv", "tune.json")

NAMES = {"mcc": "MCC", "roc_auc": "ROC AUC", "log_loss": "log-loss", "brier": "Brier"}
"""Metrics as people call them."""


def check_folder(folder: Path | None, *, overwrite: bool) -> None:
    """Refuse, before any work, a folder that can't be written or has results already; it is made if it isn't there.

    Raises
    ------
    OutputError
        Saying which.
    """
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file", hint="Give a folder with --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as problem:
        raise _unwritable(folder, problem) from problem
    there = [name for name in FILES if (folder / name).exists()]
    if there and not overwrite:
        raise OutputError(f"{folder} has a {there[0]}", hint="Give another folder with --out, or add --overwrite.")


def write(found: Tuned, public: Publication, partner: str | None, folder: Path, reading: Reading) -> None:
    """Write ``tune.csv`` and ``tune.json``, each whole or not at all.

    Raises
    ------
    OutputError
        If they can't be written; the folder is made by :func:`check_folder`.
    """
    from fluidmol.partner.tuning.tune_tables import tune_csv, tune_facts  # noqa: PLC0415
    from fluidmol.values.files import write_whole  # noqa: PLC0415

    digests = {"charter": public.charter.digest, "labels": public.labels.digest, "partner": partner}
    facts = (
        json.dumps(
            {**digests, **tune_facts(found), "reading": reading.facts()}, indent=2, ensure_ascii=False, allow_nan=False
        )
        + "\n"
    )
    try:
        for name, content in zip(FILES, (tune_csv(found), facts), strict=True):
            write_whole(folder / name, content)
    except OSError as problem:
        raise _unwritable(folder, problem) from problem


def _unwritable(folder: Path, problem: OSError) -> OutputError:
    return OutputError(
        f"{folder} can't be written: {problem.strerror or problem}", hint="Give another folder with --out."
    )


def print_tuned(found: Tuned, folder: Path | None) -> None:
    """Print figures, differences and the verdict."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False, markup=False)
    console.print(f"{found.n_held:,} of your compounds were held out by {found.plan.split}, {found.n_active:,} active.")
    console.print(_models(found))
    console.print(_gains(found))
    console.print(f"Verdict: {found.verdict}", style="bold")
    for line in (*_remarks(found), *([] if folder is None else [f"Written: {folder / FILES[0]}, {folder / FILES[1]}"])):
        console.print(line, soft_wrap=True)


def _models(found: Tuned) -> Table:
    table = _table("model", *NAMES.values())
    for model in dict.fromkeys(figure.model for figure in found.figures):
        table.add_row(model, *(_number(f.value.mean) for f in _of(found, model)))
    return table


def _gains(found: Tuned) -> Table:
    from fluidmol.partner.tuning.candidates import AGREED  # noqa: PLC0415

    table = _table("hybrid less teacher", "difference", "95 % interval", "p")
    for figure in _of(found, AGREED):
        gain = figure.gain
        if gain is not None:
            bounds = f"{_number(gain.low, '+')} to {_number(gain.high, '+')}"
            table.add_row(NAMES[figure.metric], _number(gain.difference, "+"), bounds, _number(gain.p))
    return table


def _remarks(found: Tuned) -> Iterator[str]:
    from fluidmol.partner.tuning.verdict import better, worse  # noqa: PLC0415

    loss = found.from_others["log_loss"]
    said = "lower" if better("log_loss", loss) else "higher" if worse("log_loss", loss) else "the same, but for noise"
    yield (
        f"Set against the same hybrid without the consortium (alone), its log-loss is {said}"
        f" ({_number(loss.difference, '+')}, {_number(loss.low, '+')} to {_number(loss.high, '+')})."
    )
    if found.choices:
        listed = ", ".join(f"{choice.own} x{choice.boost:g} in {n}" for choice, n in found.choices)
        folds = sum(n for _, n in found.choices)
        yield f"Own model and its boost, chosen by cross-validation: {listed} of {folds} folds."
    if found.tuned:
        yield f"Best of your settings: {found.preferred}. Choosing by your own compounds (tuned): {found.tuned}."
    if found.leak:
        yield f"Caution: {found.leak}."
    elif found.share:
        yield "Your own part of what the consortium says was left out for these figures."


def _of(found: Tuned, model: str) -> list[ModelScore]:
    return [figure for figure in found.figures if figure.model == model]


def _number(value: float, sign: str = "") -> str:
    return "-" if math.isnan(value) else f"{value:{sign}.3f}"


def _table(first: str, *others: str) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
