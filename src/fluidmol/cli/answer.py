"""``fluid answer``: a partner's command, run again whenever something may have been asked."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from fluidmol.cli import options, place_options, teachers
from fluidmol.cli.argument_names import in_options
from fluidmol.cli.caution import caution
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.passphrase import PassphraseFile
from fluidmol.cli.workers import ENGINE, engaged, uses_engine

if TYPE_CHECKING:
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.cli.private import Private
    from fluidmol.engines.engine import Engine
    from fluidmol.errors import UsageError
    from fluidmol.partner.earlier import Archive
    from fluidmol.partner.gate import Gate
    from fluidmol.partner.ledger import Notes
    from fluidmol.partner.summary import Summary
    from fluidmol.rounds.partner.answering import PreparedReply
    from fluidmol.rounds.partner.home import Home
    from fluidmol.rounds.partner.questions import Question
    from fluidmol.trust.keys import PrivateKeys
    from fluidmol.values.charter import Charter


@teachers.brings_model
@reads_measurements
@uses_engine
def answer(
    place: place_options.Place,
    name: Annotated[str, typer.Option("--as", help="Your name in the consortium.")],
    key: Annotated[Path, typer.Option(help="Your private key file, NAME.key.", readable=False)],
    data: Annotated[
        Path | None, typer.Option(help="Your labelled molecules: CSV, TSV, SMI, SDF, Parquet or Excel.", readable=False)
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="What may leave; fluid policy new writes one.", readable=False)
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="File in which each release is noted; NAME-ledger.jsonl beside the key by default."),
    ] = None,
    new_ledger: Annotated[
        bool, typer.Option("--new-ledger", help="The ledger is really a new one: an earlier one is lost, or not yours.")
    ] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Sign the charter, which you have read.")] = False,
    expect: Annotated[
        str | None,
        typer.Option(
            help="The charter's digest, as the coordinator told you by telephone or on paper: any other is refused.",
            metavar="DIGEST",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would leave, and write it to your home only.")
    ] = False,
    yes: Annotated[
        str | None, typer.Option(help="Your name: you approve what leaves, where the policy wants a person to.")
    ] = None,
    digest: Annotated[
        str | None,
        typer.Option(
            help="Digest of what you approve, as it was shown with it: nothing else may leave.", metavar="DIGEST"
        ),
    ] = None,
    seal: Annotated[bool, typer.Option(help="Seal replies, so that only the coordinator can open them.")] = True,
    decline: Annotated[str | None, typer.Option(help="Don't answer, and give this reason instead.")] = None,
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(
            help="Public labelled set, to judge your models on for the scorecard; may be repeated.", readable=False
        ),
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="Your folder for this consortium; NAME-<charter> beside the key by default.")
    ] = None,
    columns: OutcomeColumns = COLUMNS,
    own: dict[str, Any] = teachers.OWN,
    passphrase_file: PassphraseFile = None,
    identity: place_options.Identity = None,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    quiet: options.Quiet = False,
) -> None:
    """Answer all that the coordinator asks, as your policy allows; what was answered already is left as it is.

    Whatever leaves is shown, signed, sealed to the coordinator and noted in the ledger. With --dry-run exactly that
    file is written to your home, and nothing into PLACE.
    """
    from fluidmol.cli.passphrase import private_keys  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.private import Private  # noqa: PLC0415
    from fluidmol.exchange.contents import read_charter  # noqa: PLC0415
    from fluidmol.exchange.places import open_place  # noqa: PLC0415
    from fluidmol.partner.ledger_file import LedgerFile  # noqa: PLC0415
    from fluidmol.partner.locks import alone, alone_with  # noqa: PLC0415
    from fluidmol.rounds.partner.answering import Desk  # noqa: PLC0415
    from fluidmol.rounds.partner.home import Home  # noqa: PLC0415
    from fluidmol.rounds.partner.partner_round import PartnerRound  # noqa: PLC0415

    private = Private(
        data=data, columns=columns,
        benchmarks=tuple(benchmark or ()), own=own, cached=cache, quiet=quiet,
    )  # fmt: skip
    way_out = WayOut(policy, ledger or key.parent / f"{name}-ledger.jsonl", yes, dry_run, digest or "")
    files = {"key": key, "home": home, "ledger": way_out.ledger, "policy": policy, "passphrase-file": passphrase_file}
    place_options.keep_out(place, files)
    way_out.check()
    keys = named(private_keys(key, passphrase_file), name)
    there = open_place(place, identity=identity, who=name, said=place_options.said)
    charter = read_charter(there)
    own_home = Home(home) if home is not None else Home.beside(key, keys.name, charter)
    beside = (*(path.parent for path in (key, way_out.ledger, policy, data) if path is not None), Path())
    visit = PartnerRound(there, charter, Desk(there, charter, keys, own_home), own_home, private.look, _told, beside)
    way_out.audit, way_out.archive = visit.home.audit, visit.archive
    if expect is not None:
        visit.expect(expect)
    # By the key, too: two with homes and ledgers of their own would both find that nothing has left.
    with engaged(engine), alone_with(key, "fluid answer"), alone(visit.home.path, "fluid answer"):
        visit.check_ledger(LedgerFile(way_out.ledger), new=new_ledger, dry_run=dry_run)
        if accept:
            caution(charter)
            way_out.check_coordinator(charter)
            visit.accept(dry_run=dry_run)
        else:
            visit.desk.check_accepted()
        if policy is None:
            for _ in visit.asked(dry_run=dry_run, ledger=way_out.notes, remark=way_out.remark):
                raise way_out.nothing_said()
        else:
            gate = way_out.gate(policy)
            visit.answer(
                partial(private.partner, visit, gate), gate, scored=bool(benchmark) and gate.policy.scorecards,
                sealed=seal, declined=decline or "", dry_run=dry_run, composing=private.composing,
                review=partial(_review, private=private, notes=way_out.notes, dry_run=dry_run), remark=way_out.remark,
            )  # fmt: skip
        if private.readings and not dry_run:
            visit.home.keep_readings({name: reading.facts() for name, reading in private.readings.items()})
    if visit.has_labels:
        _say_what_labels_are_for(visit.home, visit.desk.name, compounds=data is not None, model=teachers.brought(own))


@attrs.define
class WayOut:
    """Which policy and ledger the way out goes by, and who approves."""

    policy: Path | None
    ledger: Path
    approver: str | None
    dry_run: bool
    digest: str = ""
    audit: Path | None = None
    archive: Archive | None = None

    def gate(self, policy: Path) -> Gate:
        """Make the gate.

        Raises
        ------
        FluidError
            If policy or ledger can't be used.
        """
        from fluidmol.partner.audited import read_audited  # noqa: PLC0415 - heavy, as are those below
        from fluidmol.partner.earlier import Archive  # noqa: PLC0415
        from fluidmol.partner.gate import Gate  # noqa: PLC0415
        from fluidmol.partner.policy_file import read_policy  # noqa: PLC0415

        somebody = self.approver is not None or sys.stdin.isatty()
        audited = read_audited(self.audit) if self.audit is not None and self.audit.exists() else None
        rules, archive = read_policy(policy), self.archive or Archive()
        approve = partial(self._approve, digest_needed=rules.approval_digest) if somebody else _nobody
        return Gate(rules, self.notes, approve, audited, archive, self.digest)

    def nothing_said(self) -> UsageError:
        """Make the error of a question that is open where there is no policy."""
        from fluidmol.errors import UsageError  # noqa: PLC0415 - heavy

        return UsageError(
            "something is asked, and there is no policy that says what may leave",
            hint="Write one with: fluid policy new. Then give it with --policy.",
        )

    @property
    def notes(self) -> Notes:
        """The ledger; in a dry run what it holds, for nothing leaves, so that nothing is noted either."""
        from fluidmol.partner.ledger import Ledger  # noqa: PLC0415 - heavy, as is that below
        from fluidmol.partner.ledger_file import LedgerFile  # noqa: PLC0415

        ledger = LedgerFile(self.ledger)
        return Ledger(entries=ledger.entries) if self.dry_run else ledger

    def check(self) -> None:
        """Refuse a policy or a digest that can't be used, whether or not anything is asked.

        Raises
        ------
        FluidError
            Saying what is wrong with it.
        """
        from fluidmol.partner.policy_file import read_policy  # noqa: PLC0415 - heavy, as is that below
        from fluidmol.partner.release import approved_digits  # noqa: PLC0415

        if self.digest:
            approved_digits(self.digest)
        if self.policy is not None:
            read_policy(self.policy)

    def check_coordinator(self, charter: Charter) -> None:
        """Refuse to sign a charter whose coordinator has another key than before, unless the policy names it.

        Raises
        ------
        FluidError
            Naming both keys; or if policy or ledger can't be used.
        """
        from fluidmol.partner.earlier import Archive  # noqa: PLC0415 - heavy, as are those below
        from fluidmol.partner.key_check import check_keys  # noqa: PLC0415
        from fluidmol.partner.policy import Policy  # noqa: PLC0415
        from fluidmol.partner.policy_file import read_policy  # noqa: PLC0415

        rules = Policy() if self.policy is None else read_policy(self.policy)
        check_keys([charter.coordinator], rules, self.notes.entries, (self.archive or Archive()).signed())

    def remark(self, question: Question) -> str:
        """Say that the policy has changed since a question was answered; empty if it hasn't, or that isn't known."""
        from fluidmol.partner.ledger_file import read_ledger  # noqa: PLC0415 - heavy
        from fluidmol.partner.policy_file import read_policy  # noqa: PLC0415

        if self.policy is None or not self.ledger.exists():
            return ""
        noted = [e.policy for e in read_ledger(self.ledger).entries if e.request == question.request.digest]
        if not noted or not noted[-1] or read_policy(self.policy).digest == noted[-1]:
            return ""
        return "It left under another policy: the one that you give now has no effect on what was sent."

    def _approve(self, _summary: Summary, *, digest_needed: bool) -> str | None:
        """Ask the person in front of the terminal, who has just seen the summary."""
        from fluidmol.errors import PolicyError  # noqa: PLC0415 - heavy

        if self.approver is not None:
            if digest_needed and not self.digest:
                raise PolicyError(
                    "the policy wants whoever approves beforehand to say what, and --yes comes without --digest",
                    hint="Look at it with --dry-run, and give the digest that is shown there.",
                )
            return self.approver
        said: str = typer.prompt("Your name, if this may leave; nothing, if it may not", default="", show_default=False)
        return said or None


def _told(text: str) -> None:
    typer.echo(in_options(text))


def _nobody(summary: Summary) -> str | None:
    """Refuse where a person must approve.

    Raises
    ------
    PolicyError
        Saying how one can.
    """
    from fluidmol.errors import PolicyError  # noqa: PLC0415 - heavy, as is that below
    from fluidmol.partner.earlier import unapproved  # noqa: PLC0415

    raise PolicyError(
        unapproved(summary.earlier),
        hint='Look at it with --dry-run; then run the command in a terminal, or with --yes "Your Name" and the'
        " --digest that is shown with it.",
    )


def named(keys: PrivateKeys, name: str) -> PrivateKeys:
    """Give keys back if they are those of the party that is named.

    Raises
    ------
    UsageError
        If they are another's.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if keys.name != name:
        raise UsageError(f"--as is {name}, and the key is that of {keys.name}", hint="Give the key of that name.")
    return keys


def _say_what_labels_are_for(home: Home, name: str, *, compounds: bool, model: bool) -> None:
    more = " (with the same model of your own)" if model else ""
    public = f"--labels {home.labels} --charter {home.charter} --transfer {home.transfer}"
    use = (
        f"Your hybrid: fluid hybrid fit {public} --data YOUR.csv --as {name} --out hybrid{more}"
        if compounds
        else f"Without compounds of your own, use the student: fluid predict YOUR.smi --model student {public}"
        " --out predictions.csv (with some, fit a hybrid: fluid hybrid fit)"
    )
    typer.echo(f"The labels are in {home.labels}. {use}")


def _review(prepared: PreparedReply, *, private: Private, notes: Notes, dry_run: bool) -> None:
    from fluidmol.cli.readings import print_readings  # noqa: PLC0415

    print_readings(private.readings)
    _show(prepared, notes)
    if not dry_run:
        print_readings(private.readings)  # once more, in front of the question whether it may leave


def _show(prepared: PreparedReply, notes: Notes) -> None:
    from fluidmol.cli.leaving import print_summary  # noqa: PLC0415
    from fluidmol.cli.plain import plain  # noqa: PLC0415
    from fluidmol.coordinator.leaks import given_away  # noqa: PLC0415
    from fluidmol.coordinator.terms import who_sees_what  # noqa: PLC0415
    from fluidmol.partner.budget import budget_words  # noqa: PLC0415
    from fluidmol.partner.earlier import needs_approval  # noqa: PLC0415
    from fluidmol.partner.summary import summarised  # noqa: PLC0415
    from fluidmol.values.annotations import Annotations  # noqa: PLC0415

    print_summary(summarised(prepared.release))
    errand = prepared.release.errand
    if errand is not None and errand.spend is not None:
        typer.echo(budget_words(notes.entries, errand.spend, prepared.release.policy))
    if isinstance(prepared.release.reply, Annotations):
        charter = prepared.question.request.charter
        caution(charter)
        for title, lines in (
            ("What others learn from it under this charter:", who_sees_what(charter)),
            ("What this gives away about single compounds:", given_away(charter)),
        ):
            typer.echo(title)
            for line in lines:
                typer.echo(f"  {plain(line, 1000)}")
    if prepared.release.policy.approval or needs_approval(prepared.release.earlier, prepared.release.policy):
        typer.echo(f"To approve exactly this: --yes 'Your Name' --digest {prepared.release.shown_approval}")
