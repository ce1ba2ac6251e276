"""Options by which a partner brings a model of its own, and the recipe that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluidmol.cli.option_groups import in_place_of

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.partner.own_model import OwnModel
    from fluidmol.partner.teachers import Recipe
    from fluidmol.partner.teachers.private import Kept

_OWN = "Your own model"

Teacher = Annotated[
    str | None,
    typer.Option(
        help="A scikit-learn classifier or pipeline, module:object; a regressor where the endpoint is a regression.",
        rich_help_panel=_OWN,
    ),
]
TeacherInput = Annotated[
    str | None,
    typer.Option(
        help="What --teacher is given: features, dense or smiles; its fluid_input, or features, by default.",
        rich_help_panel=_OWN,
    ),
]
TeacherProgram = Annotated[
    str | None,
    typer.Option(
        help="A program that reads SMILES, one a line, and writes a line for each: SMILES, tab, probability (and"
        " perhaps tab, confidence). It may leave the SMILES out: some molecules are asked twice then, and answers that"
        " don't fit together are refused.",
        rich_help_panel=_OWN,
    ),
]
Batch = Annotated[
    int,
    typer.Option(
        "--teacher-batch", help="Molecules that one run of it gets (a tenth of them twice).", rich_help_panel=_OWN
    ),
]
Limit = Annotated[float, typer.Option("--teacher-limit", help="Seconds that one batch may take.", rich_help_panel=_OWN)]
Predictions = Annotated[
    Path | None,
    typer.Option(
        help="CSV with inchikey or smiles, the probability of the active class, and perhaps confidence.",
        readable=False,
        rich_help_panel=_OWN,
    ),
]
LeastCoverage = Annotated[
    float, typer.Option(help="Share of the transfer set that --predictions must cover.", rich_help_panel=_OWN)
]
ProbabilityColumn = Annotated[
    str | None, typer.Option(help="Column of --predictions; usual names by default.", rich_help_panel=_OWN)
]
ProbabilityOf = Annotated[
    str | None,
    typer.Option(
        help="Whose probability --predictions states: of the active class, or of the predicted one (active, predicted)"
        "; asked for only where the file leaves it open.",
        metavar="active|predicted",
        rich_help_panel=_OWN,
    ),
]
ConfidenceColumn = Annotated[
    str | None, typer.Option(help="Column of --predictions; usual names by default.", rich_help_panel=_OWN)
]
Level = Annotated[
    float | None,
    typer.Option(
        "--teacher-weight",
        help="Weight, 0 to 1, where program or file state no confidence.",
        show_default="0.3",
        rich_help_panel=_OWN,
    ),
]

Unseen = Annotated[
    bool,
    typer.Option(
        "--unseen",
        help="Your program, or what made --predictions, hasn't learnt from these compounds; or its predictions of them"
        " were made by cross-validation.",
        rich_help_panel=_OWN,
    ),
]

BATCH, LIMIT_S, LEAST_COVERAGE, LEVEL = 10_000, 3600.0, 0.5, 0.3
"""Defaults of these options; the same as those of the recipes, which are heavy to import."""

OPTIONS: dict[str, tuple[Any, Any]] = {
    "teacher": (Teacher, None),
    "teacher_input": (TeacherInput, None),
    "teacher_program": (TeacherProgram, None),
    "teacher_batch": (Batch, BATCH),
    "teacher_limit": (Limit, LIMIT_S),
    "predictions": (Predictions, None),
    "least_coverage": (LeastCoverage, LEAST_COVERAGE),
    "probability_column": (ProbabilityColumn, None),
    "probability_of": (ProbabilityOf, None),
    "confidence_column": (ConfidenceColumn, None),
    "teacher_weight": (Level, None),
}
"""By parameter: its type and help, and its default."""

OWN: Any = None
"""Default of a command's parameter ``own``, which :func:`brings_model` gives."""


def _words(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options in the words of :func:`recipe`."""
    names = {
        "teacher_program": "program",
        "teacher_batch": "batch",
        "teacher_limit": "limit_s",
        "teacher_weight": "level",
    }
    columns = {"smiles": None, "probability": given["probability_column"], "confidence": given["confidence_column"]}
    rest = {name: value for name, value in given.items() if not name.endswith("_column")}
    return {"columns": columns, **{names.get(name, name): value for name, value in rest.items()}}


brings_model = in_place_of("own", OPTIONS, _words)
"""Adds to a command the options of a model of the company's own, in place of its parameter ``own``.

The parameter is a dict of what :func:`recipe` takes.
"""

brings_baseline = in_place_of("own", {**OPTIONS, "unseen": (Unseen, False)}, _words)
"""Adds, to a command that judges the model on the partner's compounds, whether it has learnt from them as well."""


def own_model(own: Mapping[str, Any], **more: Any) -> OwnModel:
    """Make the model that a partner would use without the consortium of what the options say.

    Parameters
    ----------
    own : mapping
        From :func:`brings_baseline`.
    **more
        As :func:`recipe` takes them.

    Raises
    ------
    FluidError
        As :func:`recipe`, and if a model that is fitted elsewhere may have learnt from the compounds.
    """
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.partner.own_model import OwnModel  # noqa: PLC0415 - heavy

    words = dict(own)
    unseen = words.pop("unseen")
    if unseen and (not brought(words) or words["teacher"] is not None):
        raise UsageError(
            "--unseen is given without --teacher-program or --predictions",
            hint="Models that are fitted here are fitted without the compounds that they are judged by.",
        )
    made = recipe(**words, **more)
    return OwnModel(made if brought(words) else None, unseen=unseen)


def brought(own: Mapping[str, Any]) -> bool:
    """Whether the options name a model of the company's own."""
    return any(own[name] is not None for name in ("teacher", "program", "predictions"))


def recipe(
    *,
    teacher: str | None = None,
    teacher_input: str | None = None,
    program: str | None = None,
    batch: int = BATCH,
    limit_s: float = LIMIT_S,
    predictions: Path | None = None,
    least_coverage: float = LEAST_COVERAGE,
    columns: Mapping[str, str | None] | None = None,
    probability_of: str | None = None,
    level: float | None = None,
    answers: Path | None = None,
    kept: Kept | None = None,
    cache: StandardCache | None = None,
    note: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Recipe:
    """Make the recipe that the options ask for; the charter's teacher if they ask for none.

    Parameters
    ----------
    teacher, teacher_input, program, batch, limit_s, predictions, least_coverage, level
        As the options say.
    columns : mapping of str to str or None
        Names of columns of the predictions' file by what they are: smiles, inchikey, probability, confidence.
    probability_of : {"active", "predicted"}, optional
        Whose probability the predictions' file states.
    answers : Path, optional
        Folder where a program's answers to finished batches are kept.
    kept : Kept, optional
        Where the private model of a charter is kept.
    cache : StandardCache, optional
        For structures in the predictions' file.
    note, progress
        Are told what the user should know, and how far a program is.

    Raises
    ------
    UsageError
        If several models are given, one option doesn't go with another, or a number is out of range.
    FluidError
        If the estimator can't be loaded.
    """
    _check_words(
        {"--teacher": teacher, "--teacher-program": program, "--predictions": predictions}, teacher_input, level
    )
    _check_of(probability_of, predictions)
    _check_number("--teacher-limit", limit_s, "more than 0", limit_s > 0)
    _check_number("--teacher-batch", batch, "1 or more", batch >= 1)
    _check_number("--least-coverage", least_coverage, "a share from 0 to 1", 0 <= least_coverage <= 1)
    weight = LEVEL if level is None else level
    _check_number("--teacher-weight", weight, "a weight from 0 to 1", 0 <= weight <= 1)
    if teacher is not None:
        return _estimator(teacher, teacher_input)
    if program is not None:
        return _program(program, batch=batch, limit_s=limit_s, level=weight, cache=answers, progress=progress)
    if predictions is not None:
        from fluidmol.partner.teachers.predictions import FromPredictions  # noqa: PLC0415 - heavy

        names = {what: name for what, name in (columns or {}).items() if name is not None}
        return FromPredictions(
            path=predictions, names=names, of=probability_of, least_coverage=least_coverage, level=weight,
            cache=cache, note=note,
        )  # fmt: skip
    from fluidmol.partner.teachers.charters import Charters  # noqa: PLC0415 - heavy

    return Charters(kept=kept)


def _check_words(models: Mapping[str, object], teacher_input: str | None, level: float | None) -> None:
    from fluidmol.errors import UsageError  # noqa: PLC0415

    given = [option for option, value in models.items() if value is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} are given", hint="A partner has one teacher: give one of them.")
    if teacher_input is not None and given != ["--teacher"]:
        raise UsageError("--teacher-input is given without --teacher", hint="It says what --teacher is given.")
    if level is not None and given not in (["--teacher-program"], ["--predictions"]):
        raise UsageError(
            "--teacher-weight is given without --teacher-program or --predictions",
            hint="Other teachers' weights are proximities to your compounds.",
        )


def _check_of(probability_of: str | None, predictions: Path | None) -> None:
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if probability_of is None:
        return
    if predictions is None:
        raise UsageError("--probability-of is given without --predictions", hint="It says what that file states.")
    if probability_of not in ("active", "predicted"):
        raise UsageError(f"--probability-of is {probability_of!r}", hint="Expected active or predicted.")


def _check_number(option: str, value: float, expected: str, good: bool) -> None:
    from fluidmol.errors import UsageError  # noqa: PLC0415

    if not good:
        raise UsageError(f"{option} is {value:g}", hint=f"Expected {expected}.")


def _estimator(place: str, given: str | None) -> Recipe:
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.partner.teachers.estimator import INPUTS, FromEstimator  # noqa: PLC0415 - heavy
    from fluidmol.partner.teachers.loading import load_estimator  # noqa: PLC0415
    from fluidmol.values.parts import nearest  # noqa: PLC0415

    if given is not None and given not in INPUTS:
        raise UsageError(f"--teacher-input is {given!r}", hint=nearest(given, INPUTS))
    return FromEstimator(load_estimator(place, regressor=True), place, given or "")


def _program(command: str, **options: Any) -> Recipe:
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.partner.teachers.program import FromProgram  # noqa: PLC0415 - heavy

    try:
        return FromProgram(command=command, **options)
    except ValueError as problem:  # no words, or an unmatched quotation mark
        raise UsageError(f"--teacher-program is {command!r}", hint="Expected a program and its arguments.") from problem
