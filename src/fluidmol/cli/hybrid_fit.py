"""``fluid hybrid fit``: own compounds and the consortium's labels to a model for use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from fluidmol.cli import consortium, options, teachers
from fluidmol.cli.measurements import COLUMNS, reads_measurements
from fluidmol.cli.workers import ENGINE, uses_engine, working

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.chem.intake.labelled import Labelled
    from fluidmol.chem.intake.measurements.reading import Reading
    from fluidmol.chem.intake.outcomes import OutcomeColumns
    from fluidmol.engines.engine import Engine
    from fluidmol.partner.kept.fitting import FittedHybrid
    from fluidmol.partner.own_model import OwnModel
    from fluidmol.progress import Stages
    from fluidmol.values.charter import Charter
    from fluidmol.values.scale import Scale


@teachers.brings_baseline
@reads_measurements
@uses_engine
def fit(
    labels: consortium.Labels,
    out: Annotated[Path, typer.Option(help="Folder of the hybrid; it never leaves your company.", readable=False)],
    data: Annotated[
        Path | None, typer.Option(help="Your labelled molecules: CSV, TSV, SMI, SDF, Parquet or Excel.", readable=False)
    ] = None,
    name: Annotated[str | None, typer.Option("--as", help="Your name in the consortium.")] = None,
    newcomer: Annotated[
        bool, typer.Option("--newcomer", help="You took no part: nothing in the labels is yours.")
    ] = False,
    charter: consortium.CharterFile = None,
    transfer: consortium.Transfer = None,
    folds: Annotated[int, typer.Option(help="Folds of the conformal calibration, 2 or more; 0: none.")] = 10,
    columns: OutcomeColumns = COLUMNS,
    own: dict[str, Any] = teachers.OWN,
    engine: Engine = ENGINE,
    cache: options.Cache = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another hybrid in the folder.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Fit your hybrid to your compounds and the consortium's labels, calibrate it, and keep it for fluid predict.

    Everything stays on your machine, or on the cluster that --engine names. Without compounds of your own there is no
    hybrid: predict with the student.
    """
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.caches import caches  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.readings import print_readings  # noqa: PLC0415
    from fluidmol.partner.kept.saved_hybrid import check_place, write_kept  # noqa: PLC0415

    path = _given(data, name, newcomer, folds, labels)
    check_place(out, overwrite=overwrite)
    mine = _Own(checked.existing_file(path), columns, name or "", folds)
    kept = caches(wanted=cache)
    with working(engine, quiet) as stages:
        model = teachers.own_model(own, cache=kept, note=stages.note, progress=stages.advance)
        fitted, reading = mine.fitted((labels, charter, transfer), model, kept, stages)
        write_kept(fitted.kept, out, overwrite=overwrite)
    print_readings({path.name: reading})
    _say(fitted, out)


@attrs.frozen
class _Own:
    """Which file holds the compounds, and whose they are."""

    path: Path
    columns: OutcomeColumns
    name: str
    folds: int

    def fitted(
        self,
        given: tuple[Path, Path | None, Path | None],
        own: OwnModel,
        cache: StandardCache | None,
        stages: Stages,
    ) -> tuple[FittedHybrid, Reading]:
        from fluidmol.partner.assay import Assay  # noqa: PLC0415 - heavy, as are those below
        from fluidmol.partner.kept.fitting import fit_hybrid  # noqa: PLC0415

        public = consortium.read_public(*given, cache, stages)
        own_as = consortium.own_among(given[0], public.labels.partners, self.name)
        with stages.stage("own compounds"):
            read = self._read(public.charter, cache, stages)
        with stages.stage("hybrid, and its calibration"):
            assay = Assay.of(read)
            found = fit_hybrid(
                assay, public, self.name, own_as=own_as, folds=self.folds, own=own, progress=stages.advance
            )
        of_file = {
            "own_file_sha256": read.sha256, "n_rejected": len(read.rejected), "reading": read.reading.facts(),
        }  # fmt: skip
        facts = {**found.kept.facts, **of_file}
        return attrs.evolve(found, kept=attrs.evolve(found.kept, facts=facts)), read.reading

    def _read(self, charter: Charter, cache: StandardCache | None, stages: Stages) -> Labelled:
        from fluidmol.partner.measurements import read_measurements  # noqa: PLC0415 - heavy

        return read_measurements(self.path, self.columns, charter, cache=cache, progress=stages.advance)


def _given(data: Path | None, name: str | None, newcomer: bool, folds: int, labels: Path) -> Path:
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if data is None:
        raise UsageError(
            "there is no hybrid without compounds of your own",
            hint=f"Give them with --data, or use the student: fluid predict --model student --labels {labels} ...",
        )
    if (name is None) != newcomer:
        raise UsageError(
            "both --as and --newcomer are given" if newcomer else "it isn't said who you are",
            hint="Give --as NAME, or --newcomer if your company took no part in the round.",
        )
    if folds < 0 or folds == 1:
        raise UsageError(f"--folds is {folds}", hint="Expected 2 or more, or 0 for no calibration.")
    return data


def _say(fitted: FittedHybrid, out: Path) -> None:
    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.learning.prediction_reliability import RELIED_ON  # noqa: PLC0415
    from fluidmol.partner.notices import notice  # noqa: PLC0415

    facts = fitted.kept.facts
    scale = fitted.kept.public.charter.scale
    calibrated = ", calibrated on them" if facts["coverage"] else ""
    active = "" if scale is not None else f" ({facts['n_own_active']:,} active)"
    typer.echo(
        f"Hybrid of {facts['n_own']:,} own compounds{active} and labels of"
        f" {facts['n_transfer']:,} public molecules{calibrated}: {out}"
    )
    if facts["coverage"] and scale is not None:
        _say_errors(facts, scale)
    elif facts["coverage"]:
        told = ", ".join(f"{cost['single']:.0%} at {cost['level']:g}" for cost in facts["coverage"])
        typer.echo(
            f"Conformal sets of your own compounds that decide for one class: {told} (fluid predict --confidence)."
        )
    if (found := fitted.reliability) is not None and found.wrong_low is not None:
        typer.echo(
            f"Reliability, of your own compounds, none of which it had learnt from: {found.wrong_high:.0%} were called"
            f" wrongly of the {RELIED_ON:.0%} that it is surest of (high), {found.wrong_low:.0%} of the others (low)."
        )
    for caution in fitted.cautions:
        typer.echo(f"Caution: {in_options(caution)}")
    said = notice(private=True)
    typer.echo(f"{said[0].upper()}{said[1:]}. Next: fluid predict --model {out} FILE")


def _say_errors(facts: Mapping[str, Any], scale: Scale) -> None:
    errors = {name: "undefined" if value is None else f"{value:.2f}" for name, value in facts["errors"].items()}
    told = ", ".join(f"{cost['half_width']:.2g} at {cost['level']:g}" for cost in facts["coverage"])
    typer.echo(
        f"On own compounds, none of which it had learnt from: RMSE {errors['rmse']} ({scale.words}), R²"
        f" {errors['r2']}, Spearman {errors['spearman']}."
    )
    typer.echo(f"Half of an interval's width on average, in {scale.words}: {told} (fluid predict --confidence).")
