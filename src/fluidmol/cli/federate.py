"""``fluid federate``: the coordinator's command, run again until nothing is missing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import options, places
from fluidmol.cli.passphrase import PassphraseFile
from fluidmol.cli.run import FEWEST, cores

if TYPE_CHECKING:
    from fluidmol.coordinator.federate import Outcome
    from fluidmol.values.charter import Charter


def federate(
    charter: Annotated[Path, typer.Argument(help="The charter, with its parties.", readable=False)],
    place: places.Place,
    key: Annotated[Path, typer.Option(help="The coordinator's private key file.", readable=False)],
    transfer: Annotated[
        Path | None,
        typer.Option(
            help="The transfer set, the first time; transfer.fluid beside the charter by default.", readable=False
        ),
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="Don't wait for this partner; may be repeated.")] = None,
    close: Annotated[
        bool, typer.Option("--close", help="Wait for nobody: go on with those who have answered so far.")
    ] = False,
    scorecards: Annotated[
        Path | None, typer.Option(help="Write the partners' scorecards here (CSV); they aren't put into PLACE.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    identity: places.Identity = None,
    workers: options.Workers = None,
    quiet: options.Quiet = False,
) -> None:
    """Carry a consortium as far as it goes; run the same command again when more has arrived.

    The first time, charter and transfer set are put into PLACE. Then partners' signatures, opinions and scorecards are
    waited for, one after the other: exit code 75 says that some are missing, and whose. Nothing is kept but what lies
    in PLACE; the same replies give the same labels, to the byte.
    """
    from joblib import parallel_config  # noqa: PLC0415 - heavy, as are those below

    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.files import charter_in  # noqa: PLC0415
    from fluidmol.cli.interrupts import start_trackers  # noqa: PLC0415
    from fluidmol.cli.passphrase import private_keys  # noqa: PLC0415
    from fluidmol.cli.sound import sound  # noqa: PLC0415
    from fluidmol.coordinator.founding import check_complete  # noqa: PLC0415
    from fluidmol.engines.coordinating import Round, conduct  # noqa: PLC0415
    from fluidmol.engines.places import open_place  # noqa: PLC0415
    from fluidmol.engines.postal import Decision  # noqa: PLC0415
    from fluidmol.studies.simulate import check_feasible  # noqa: PLC0415

    used = min(checked.at_least(1, "--workers", cores() if workers is None else workers), max(cores(), FEWEST))
    places.keep_out(place, {"key": key, "passphrase-file": passphrase_file, "scorecards": scorecards})
    agreed = charter_in(charter)
    check_complete(agreed)
    check_feasible(agreed)
    keys = private_keys(key, passphrase_file)
    hub = agreed.coordinator.name if agreed.coordinator else ""
    mailbox = open_place(place, identity=identity, create=True, who=hub, said=places.said)
    given = places.transfer_of(mailbox, transfer, charter.with_name("transfer.fluid"), quiet=quiet)
    start_trackers()
    with parallel_config(n_jobs=used):
        decision = Decision(frozenset(without or ()), close)
        look = partial(sound, cache=StandardCache(), quiet=quiet)
        directions = places.representation_of(mailbox, agreed, charter.with_name("representation.fluid"))
        outcome = conduct(Round(mailbox, agreed, keys, given, decision, look, directions), places.said)
    if scorecards is not None:
        _write_scorecards(outcome, scorecards)
    _print(outcome, agreed)


def _print(outcome: Outcome, charter: Charter) -> None:
    from fluidmol.cli.plain import plain  # noqa: PLC0415

    labels = outcome.labels
    typer.echo(f"Labels of {len(labels.value):,} molecules by {', '.join(labels.partners)}: {labels.digest}")
    silent = {party.name for party in charter.partners} - set(labels.partners)
    reasons = {refusal.partner: refusal.reason for refusal in outcome.declined}
    for name in sorted(silent | set(reasons)):
        said = f"declined: {reasons[name]}" if name in reasons else "left out"
        typer.echo(plain(f"{name} {said}"))
    for card in outcome.scorecards:
        shown = [s for s in card.scores if s.metric in ("mcc", "roc_auc")]
        for model, dataset in dict.fromkeys((s.model, s.dataset) for s in shown):
            figures = [f"{s.metric} {s.value:.3f}" for s in shown if (s.model, s.dataset) == (model, dataset)]
            typer.echo(plain(f"{card.partner}, {model} on {dataset}: {', '.join(figures)}"))
    typer.echo(
        "The round is finished: outcome/labels.fluid holds the labels, outcome/outcome.json says who shaped them."
    )


def _write_scorecards(outcome: Outcome, path: Path) -> None:
    import csv  # noqa: PLC0415
    import io  # noqa: PLC0415

    from fluidmol.cli.files import write_new  # noqa: PLC0415

    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("partner", "model", "dataset", "metric", "value"))
    for card in outcome.scorecards:
        writer.writerows((card.partner, s.model, s.dataset, s.metric, f"{s.value:.6f}") for s in card.scores)
    write_new(path, target.getvalue(), overwrite=True)
