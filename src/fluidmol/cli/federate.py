"""``fluid federate``: the coordinator's command, run again until nothing is missing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import options, place_options
from fluidmol.cli.passphrase import PassphraseFile
from fluidmol.cli.workers import ENGINE, uses_engine, working

if TYPE_CHECKING:
    from fluidmol.coordinator.federate import Results
    from fluidmol.engines.engine import Engine
    from fluidmol.trust.keys import PrivateKeys
    from fluidmol.values.charter import Charter

VALUES_SHOWN = ("rmse", "spearman")
"""Figures of a regression that are shown."""


@uses_engine
def federate(
    charter: Annotated[Path, typer.Argument(help="The charter, with its parties.", readable=False)],
    place: place_options.Place,
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
    contributions: Annotated[
        Path | None,
        typer.Option(help="Write who has which share of the labels here, by name (CSV); PLACE has pseudonyms."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Write the labels here, not sealed, as partners have them at home.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a page about the finished round here (HTML); it names partners.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Compute labels anew that are published already, and compare.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    identity: place_options.Identity = None,
    engine: Engine = ENGINE,
    quiet: options.Quiet = False,
) -> None:
    """Carry a consortium as far as it goes; run the same command again when more has arrived.

    The first time, charter and transfer set are put into PLACE. Then partners' signatures, opinions and scorecards are
    waited for, one after the other: exit code 75 says that some are missing, and whose. Nothing is kept but what lies
    in PLACE; the same replies give the same labels, to the byte. Labels are sealed to all parties of the charter, and
    call partners by pseudonyms: each knows its own. Once published, and intact, they aren't computed anew.
    """
    from fluidmol.charters.feasible import check_feasible  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.caches import caches  # noqa: PLC0415
    from fluidmol.cli.files import charter_in  # noqa: PLC0415
    from fluidmol.cli.passphrase import private_keys  # noqa: PLC0415
    from fluidmol.cli.sound import sound  # noqa: PLC0415
    from fluidmol.coordinator.founding import check_complete  # noqa: PLC0415
    from fluidmol.exchange.places import open_place  # noqa: PLC0415
    from fluidmol.rounds.coordinator.coordinating import Round, conduct  # noqa: PLC0415
    from fluidmol.rounds.coordinator.postal import Decision  # noqa: PLC0415

    own = {"scorecards": scorecards, "contributions": contributions, "labels": labels, "report": report}
    place_options.keep_out(place, {"key": key, "passphrase-file": passphrase_file, **own})
    agreed = charter_in(charter)
    check_complete(agreed)
    check_feasible(agreed)
    keys = private_keys(key, passphrase_file)
    hub = agreed.coordinator.name if agreed.coordinator else ""
    mailbox = open_place(place, identity=identity, create=True, who=hub, said=place_options.said)
    given = place_options.transfer_of(mailbox, transfer, charter.with_name("transfer.fluid"), quiet=quiet)
    with working(engine, quiet) as stages:
        decision = Decision(frozenset(without or ()), close)
        look = partial(sound, cache=caches(wanted=True), stages=stages, quiet=quiet)
        directions = place_options.representation_of(mailbox, agreed, charter.with_name("representation.fluid"))
        brought = Round(mailbox, agreed, keys, given, decision, look, directions, again=again, stages=stages)
        outcome = conduct(brought, place_options.said)
    if scorecards is not None:
        _write_scorecards(outcome, scorecards)
    if contributions is not None:
        _write_contributions(outcome, contributions)
    if labels is not None:
        _write_labels(outcome, agreed, keys, labels)
    if report is not None:
        _write_report(outcome, agreed, report)
    _print(outcome, agreed)


def _write_report(outcome: Results, charter: Charter, path: Path) -> None:
    from fluidmol.cli.files import write_new  # noqa: PLC0415 - heavy, as is that below
    from fluidmol.report.after.coordinator import coordinator_page  # noqa: PLC0415

    write_new(path, coordinator_page(outcome, charter), overwrite=True)
    path.chmod(0o600)


def _print(outcome: Results, charter: Charter) -> None:
    from fluidmol.cli.plain import plain  # noqa: PLC0415
    from fluidmol.exchange.layout import LABELS, OPEN_LABELS  # noqa: PLC0415

    labels = outcome.labels
    typer.echo(f"Labels of {len(labels.value):,} molecules by {', '.join(labels.partners)}: {outcome.published.digest}")
    for name, share in zip(labels.partners, _shares(outcome), strict=True):
        known = f" ({outcome.pseudonyms[name]} to the others)" if outcome.pseudonyms else ""
        typer.echo(plain(f"{name} has a mean share of {share:.1%} in them{known}"))
    silent = {party.name for party in charter.partners} - set(labels.partners)
    reasons = {refusal.partner: refusal.reason for refusal in outcome.declined}
    for name in sorted(silent | set(reasons)):
        said = f"declined: {reasons[name]}" if name in reasons else "left out"
        typer.echo(plain(f"{name} {said}"))
    for card in outcome.scorecards:
        shown = [s for s in card.scores if s.metric in (("mcc", "roc_auc") if charter.scale is None else VALUES_SHOWN)]
        for model, dataset in dict.fromkeys((s.model, s.dataset) for s in shown):
            figures = [f"{s.metric} {s.value:.3f}" for s in shown if (s.model, s.dataset) == (model, dataset)]
            typer.echo(plain(f"{card.partner}, {model} on {dataset}: {', '.join(figures)}"))
    typer.echo(
        f"The round is finished: {LABELS if outcome.pseudonyms else OPEN_LABELS} holds the labels,"
        f" {'sealed to the parties, ' if outcome.pseudonyms else ''}outcome/outcome.json says who took part."
    )


def _shares(outcome: Results) -> list[float]:
    """Mean share of each partner in the labels, in their order; labels that nobody shaped don't count."""
    import numpy as np  # noqa: PLC0415 - heavy

    spoken = ~np.isnan(outcome.labels.value)
    return [float(share[spoken].mean()) if spoken.any() else 0.0 for share in outcome.labels.contribution]


def _write_contributions(outcome: Results, path: Path) -> None:
    import csv  # noqa: PLC0415
    import io  # noqa: PLC0415

    from fluidmol.cli.files import write_new  # noqa: PLC0415

    experts = outcome.labels.experts
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("partner", "pseudonym", "mean_share", "fidelity", "trust"))
    for name, share in zip(outcome.labels.partners, _shares(outcome), strict=True):
        understood = ["", ""]
        if experts is not None and name in experts.partners:
            place = experts.partners.index(name)
            understood = [f"{experts.fidelity[place]:.6f}", f"{experts.trust[place]:.6f}"]
        writer.writerow((name, outcome.pseudonyms.get(name, name), f"{share:.6f}", *understood))
    write_new(path, target.getvalue(), overwrite=True)
    path.chmod(0o600)


def _write_labels(outcome: Results, charter: Charter, keys: PrivateKeys, path: Path) -> None:
    from fluidmol.errors import OutputError  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.trust.signed import signed  # noqa: PLC0415
    from fluidmol.values.files import write_whole  # noqa: PLC0415
    from fluidmol.values.messages import Learn  # noqa: PLC0415

    try:
        write_whole(path, signed(outcome.published, Learn(charter, outcome.published).digest, keys))
        path.chmod(0o600)
    except OSError as problem:
        raise OutputError(
            f"{path} can't be written: {problem.strerror or problem}", hint="Choose another place with --labels."
        ) from problem


def _write_scorecards(outcome: Results, path: Path) -> None:
    import csv  # noqa: PLC0415
    import io  # noqa: PLC0415

    from fluidmol.cli.files import write_new  # noqa: PLC0415

    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("partner", "model", "dataset", "metric", "value"))
    for card in outcome.scorecards:
        writer.writerows((card.partner, s.model, s.dataset, s.metric, f"{s.value:.6f}") for s in card.scores)
    write_new(path, target.getvalue(), overwrite=True)
