"""What an audit says on the terminal, and what it writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fluidmol.errors import OutputError, PolicyError

if TYPE_CHECKING:
    from fluidmol.partner.audit.figures import Estimate
    from fluidmol.partner.audit.outcome import Audit
    from fluidmol.trust.keys import PrivateKeys

SHARE = "share"
"""Folder of what others may see."""

SHOWN = 12
"""Attacks that the terminal shows; the page has all."""


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse, before any work, a folder that can't be written or has an audit already; it is made if it isn't there.

    Raises
    ------
    OutputError
        Saying which.
    """
    from fluidmol.partner.audit.written import NAMES  # noqa: PLC0415 - heavy

    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file", hint="Give a folder with --out.")
    there = [name for name in NAMES if (folder / name).exists()]
    if there and not overwrite:
        raise OutputError(f"{folder} has an {there[0]}", hint="Give another folder with --out, or add --overwrite.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(f"{folder} can't be made: {problem.strerror}", hint="Give another --out.") from problem


@contextmanager
def folders_alone(out: Path, home: Path | None) -> Iterator[None]:
    """Work alone in an audit's folder, and in the home whose figures the gate reads, within the context.

    Raises
    ------
    AwaitingError
        If another audit works in one of them, or an answer in the home; it says which.
    OutputError
        If one of them can't be locked.
    """
    from fluidmol.partner.locks import alone  # noqa: PLC0415 - heavier than a help page needs

    # Each once, and always in one order: who would lock a folder twice, or crosswise, would wait for nothing.
    folders = sorted({path.resolve() for path in (out, home) if path is not None})
    with ExitStack() as locks:
        for folder in folders:
            locks.enter_context(alone(folder, "fluid audit"))
        yield


def write(found: Audit, folder: Path, home: Path | None, *, share: bool, keys: PrivateKeys | None = None) -> None:
    """Write page and JSON; for others too, without single compounds, if that is wanted, and figures for the gate.

    With keys, the largest figures are signed for the consortium.

    Raises
    ------
    OutputError
        If they can't be written.
    """
    from fluidmol.partner.audit.written import write_audit, write_figures, write_statement  # noqa: PLC0415 - heavy
    from fluidmol.trust.statement import stated  # noqa: PLC0415

    write_audit(found, folder)
    if keys is not None:
        write_statement(stated("audit", found.stated, keys), folder / SHARE)
    if share:
        write_audit(found.shared, folder / SHARE)
    if home is not None:
        write_figures(found, home)


def earlier(ledger: Path | None, home: Path | None) -> Iterator[str]:
    """Yield a line for each time that opinions left before: an audit attacks one release, and several add up.

    Parameters
    ----------
    ledger : Path or None
        By default the one beside the home, of the same partner.
    home : Path or None

    Raises
    ------
    FluidError
        If a ledger is named that can't be read.
    """
    from fluidmol.partner.ledger_file import read_ledger  # noqa: PLC0415 - heavy

    if ledger is None and home is not None:
        beside = home.parent / f"{home.name.rpartition('-')[0]}-ledger.jsonl"
        ledger = beside if beside.exists() else None
    if ledger is None:
        return
    left = [entry for entry in read_ledger(ledger).entries if entry.kind == "Annotations"]
    for entry in left:
        to = ", ".join(recipient.rpartition(" ")[0] for recipient in entry.recipients) or "nobody in particular"
        yield f"Opinions left before, {entry.time}, to {to}, under the charter {entry.charter[:19]}."
    if left:
        yield (
            "These figures are of one release. What it tells together with earlier ones is another question: fluid"
            " answer --dry-run compares them, and the attacks called two rounds say what compounds that are new between"
            " releases have to fear."
        )


def say(found: Audit, folder: Path, *, share: bool, signed: bool = False) -> None:
    """Print the verdict, the worst attacks and what was written."""
    from rich import box  # noqa: PLC0415 - only when something is shown
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from fluidmol.learning.privacy.accountant import at_most  # noqa: PLC0415
    from fluidmol.partner.audit.written import STATEMENT  # noqa: PLC0415

    console = Console(highlight=False, markup=False)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("attack")
    table.add_column("attacker holds", no_wrap=True)
    for title in ("AUC", "95 %", "found at 1 %"):
        table.add_column(title, justify="right", no_wrap=True)
    for figure in [figure for figure in found.figures if figure.leaves][:SHOWN]:
        bounds = f"{figure.auc.low:.2f}-{figure.auc.high:.2f}"
        table.add_row(figure.attack, figure.vantage, f"{figure.auc.value:.2f}", bounds, _share(figure.found))
    console.print(table)
    for line in _apart(found):
        console.print(line, soft_wrap=True)
    for words, auc, rate in found.advice_rows:
        console.print(f"With {words}: AUC {auc:.2f}, {rate:.0%} found at 1 % false alarms.", soft_wrap=True)
    if found.bound is not None:
        console.print(f"Proved for any attack: AUC {at_most(found.bound.auc)} at most.", soft_wrap=True)
    console.print(f"Verdict: {found.verdict}", style="bold", soft_wrap=True)
    guessing = "AUC .5 and 1 % found are guessing. An audit proves what is given away, never that nothing is."
    console.print(guessing, soft_wrap=True)
    for line in () if found.complete else found.proves[-1:]:
        console.print(f"Caution: {line}", soft_wrap=True)
    typer.echo(
        f"Written: {folder / 'audit.html'}, {folder / 'audit.json'}. They name compounds: keep them to yourself."
    )
    if share:
        typer.echo(f"For others, without single compounds: {folder / SHARE / 'audit.html'}")
    if signed:
        typer.echo(f"Signed for the consortium: {folder / SHARE / STATEMENT}")
    if found.bound is not None and (share or signed):
        typer.echo(
            "Figures of an audit are computed from your compounds, and the proof doesn't cover them: whoever gets them"
            " learns a little that no private model says."
        )


def _apart(found: Audit) -> Iterator[str]:
    """Describe what the verdict leaves out: a second round, and structures that an attacker would name."""
    if found.rounds is not None and found.rounds.figures:
        worst = found.rounds.figures[0]
        yield (
            f"A second round, {found.rounds.n_added:.0f} compounds more: those that joined are told with AUC"
            f" {worst.auc.value:.2f} ({worst.attack}, {worst.vantage})."
        )
    if found.analogues is not None:
        a = found.analogues
        yield (
            f"Of {a.n_named} public molecules that an attacker would name, {a.close.value:.0%} are close analogues of"
            f" yours (drawn at random: {a.close_random.value:.0%})."
        )


def refuse(found: Audit, largest_auc: float | None) -> None:
    """End with exit code 77 if an attack did better than it may.

    Raises
    ------
    PolicyError
        Saying which, and what would help.
    """
    if largest_auc is None or found.largest_auc <= largest_auc:
        return
    raise PolicyError(
        f"an attack reaches AUC {found.largest_auc:.2f}; --largest-auc allows {largest_auc:g}",
        hint=found.hint(largest_auc, 1.0),
    )


def _share(found: Estimate | None) -> str:
    return "-" if found is None else f"{found.value:.0%}"
