"""``fluid audit``: a partner attacks its own release before it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from fluidmol.cli import options, teachers
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.passphrase import PassphraseFile, private_keys
from fluidmol.cli.workers import ENGINE, uses_engine, working

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine
    from fluidmol.partner.audit.outcome import Audit
    from fluidmol.partner.policy import Policy
    from fluidmol.progress import Stages
    from fluidmol.values.charter import Charter


@reads_measurements
@uses_engine
def audit(
    charter: Annotated[Path, typer.Argument(help="The charter file, or the name of a preset.", readable=False)],
    data: Annotated[
        Path, typer.Option(help="Your labelled molecules: CSV, TSV, SMI, SDF, Parquet or Excel.", readable=False)
    ],
    transfer: Annotated[
        Path, typer.Option(help="The transfer set: transfer.fluid, or the file of molecules.", readable=False)
    ],
    out: Annotated[Path, typer.Option(help="Folder for what comes out; it never leaves your company.")],
    name: Annotated[str, typer.Option("--as", help="Your name in the consortium; seeds derive from it.")] = "partner",
    policy: Annotated[
        Path | None,
        typer.Option(help="What may leave, as for fluid answer; a plain policy by default.", readable=False),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A first look: fewer draws, and fewer transfer molecules.")
    ] = False,
    draws: Annotated[
        int | None, typer.Option(help="How often members are drawn, 4 to 1000; 32, or 12 with --quick.")
    ] = None,
    rounds: Annotated[
        bool | None,
        typer.Option(
            "--rounds/--no-rounds",
            help="Attack a second round too, for which each teacher is fitted once more; not with --quick by default.",
        ),
    ] = None,
    advise: Annotated[
        bool, typer.Option("--advise", help="Try stricter policies too, and say what each leaves.")
    ] = False,
    share: Annotated[
        bool, typer.Option("--share", help="Write a version without single compounds, for others, into OUT/share.")
    ] = False,
    sign: Annotated[
        Path | None,
        typer.Option(
            help="Your private key file: sign the figures for the consortium, into OUT/share.", readable=False
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    largest_auc: Annotated[
        float | None, typer.Option(help="End with exit code 77 if an attack reaches more than this AUC, 0.5 to 1.")
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(help="Your folder for this consortium, where fluid answer finds the figures if your policy asks."),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            help="Your ledger: opinions that left before are named; by default the one beside --home, if any.",
            readable=False,
        ),
    ] = None,
    columns: OutcomeColumns = COLUMNS,
    teacher: teachers.Teacher = None,
    teacher_input: teachers.TeacherInput = None,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another audit in the folder.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Attack what you would release, with the attacks that are known, and say what they find out.

    Your compounds are divided by coins, many times; your teacher is fitted to one side, and attackers tell from what
    would leave which side that was. Finished draws are kept in OUT/work: the same command goes on after an
    interruption. An audit proves what is given away, never that nothing is.
    """
    from fluidmol.cli import audited, checked  # noqa: PLC0415
    from fluidmol.cli.caches import caches  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.partner.audit.effort import FULL, QUICK  # noqa: PLC0415
    from fluidmol.partner.audit.shadows import GameSettings  # noqa: PLC0415
    from fluidmol.partner.policy import Policy  # noqa: PLC0415
    from fluidmol.partner.policy_file import read_policy  # noqa: PLC0415

    _check_limit(largest_auc)
    audited.check_folder(out, overwrite=overwrite)
    keys = None if sign is None else private_keys(sign, passphrase_file)
    effort = QUICK if quick else FULL
    asked = {name: value for name, value in (("draws", draws), ("rounds", rounds)) if value is not None}
    effort = checked.build(type(effort), **{**attrs.asdict(effort), **asked}) if asked else effort
    rules = Policy() if policy is None else read_policy(policy)
    given = _Given(charter, checked.existing_file(data), checked.existing_file(transfer), columns)
    recipe = teachers.recipe(teacher=teacher, teacher_input=teacher_input)
    with audited.folders_alone(out, home):
        audited.check_folder(out, overwrite=overwrite)  # anew: another audit may have ended there meanwhile
        with working(engine, quiet) as stages:
            table = GameSettings(recipe=recipe, name=name, work=out / "work", progress=stages.advance, note=stages.note)
            found = given.audited(table, rules, effort, caches(wanted=cache), stages, advise=advise)
        audited.write(found, out, home, share=share, keys=keys)
    audited.say(found, out, share=share, signed=keys is not None)
    for line in audited.earlier(ledger, home):
        typer.echo(line)
    audited.refuse(found, largest_auc)


@attrs.frozen
class _Given:
    """What the options name."""

    charter: Path
    data: Path
    transfer: Path
    columns: OutcomeColumns

    def audited(
        self, table: Any, policy: Policy, effort: Any, cache: StandardCache | None, stages: Stages, *, advise: bool
    ) -> Audit:  # fmt: skip
        from fluidmol.cli.readings import print_readings  # noqa: PLC0415 - heavy, as are those below
        from fluidmol.partner.assay import Assay  # noqa: PLC0415
        from fluidmol.partner.audit.advice import advised  # noqa: PLC0415
        from fluidmol.partner.audit.audit import judged  # noqa: PLC0415
        from fluidmol.partner.audit.shadows import play, require_audited  # noqa: PLC0415
        from fluidmol.partner.measurements import read_measurements  # noqa: PLC0415

        charter = self._agreed()
        require_audited(charter)
        with stages.stage("transfer set"):
            transfer = self._molecules(charter, cache, stages)
        with stages.stage("own compounds"):
            read = read_measurements(self.data, self.columns, charter, cache=cache, progress=stages.advance)
        print_readings({self.data.name: read.reading})
        with stages.stage("teachers of drawn members"):
            played = play(Assay.of(read), charter, transfer, effort, table)
        with stages.stage("attacks"):
            found = judged(played, transfer, policy)
        if advise:
            with stages.stage("stricter policies"):
                found = advised(found, played, transfer, policy, stages.advance)
        return found

    def _agreed(self) -> Charter:
        from fluidmol.cli.files import agreed_in  # noqa: PLC0415
        from fluidmol.values.charter import Charter, presets  # noqa: PLC0415

        plain = str(self.charter)
        if plain in presets() and not self.charter.exists():
            return Charter.from_preset(plain)
        return agreed_in(self.charter)

    def _molecules(self, charter: Charter, cache: StandardCache | None, stages: Stages) -> Any:
        from fluidmol.cli.consortium import read_transfer  # noqa: PLC0415
        from fluidmol.errors import CharterError  # noqa: PLC0415

        found = read_transfer(self.transfer, cache, stages)
        if charter.transfer_digest and found.digest != charter.transfer_digest:
            raise CharterError(
                f"{self.transfer} isn't the transfer set that {self.charter} names: its digest is {found.digest},"
                f" expected {charter.transfer_digest}",
                hint="Give the transfer set of this consortium.",
            )
        return found


def _check_limit(largest: float | None) -> None:
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if largest is not None and not 0.5 <= largest <= 1:
        raise UsageError(f"--largest-auc is {largest:g}", hint="Expected a number from 0.5 (guessing) to 1.")
