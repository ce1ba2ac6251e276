"""What ``fluid study`` says: which studies there are, and what one has found."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from fluidmol.cli.contributions import contributions
from fluidmol.cli.paper import NAME as PAPER
from fluidmol.cli.readings import understood
from fluidmol.errors import CharterError, UsageError
from fluidmol.studies.analyses import STUDIES
from fluidmol.studies.analyses.ablation import plain
from fluidmol.studies.lab.cells import FinishedCell
from fluidmol.studies.lab.folder import LAST
from fluidmol.studies.lab.summary import SeedMean, summarise
from fluidmol.values.parts import Part, Scalar, nearest
from fluidmol.values.results import DECIDING, SCORES, TRAINING, VALUE_SCORES

if TYPE_CHECKING:
    from rich.table import Table

    from fluidmol.studies.lab.plan import StudyPlan


WIDTH = 160
"""Characters of a line where no terminal says how many it has."""


def listed() -> Iterator[str]:
    """Describe all studies."""
    for name in STUDIES:
        study = STUDIES.build(Part(name))
        yield f"{name}\n  {study.title}: {study.question}"
        settings = [
            f"{field.name}={text(field.default)}" for field in attrs.fields(type(study)) if field.name != "vary"
        ]
        if settings:
            yield f"  Settings: {', '.join(settings)}"
    yield (
        "panel\n  all-domains for each endpoint of a table or folder (--source), and one report over all of them;"
        " settings are those of all-domains."
    )
    yield "paper\n  All of them but ablation, under two charters (--presets, --quick), and one report."


def chosen(name: str, settings: Sequence[str], vary: Sequence[str]) -> Part:
    """Make a study's part from the command line's words.

    Raises
    ------
    UsageError
        If there is no such study or setting, or a value is of the wrong kind.
    """
    if name not in list(STUDIES):
        raise UsageError(f"unknown study {name!r}", hint=nearest(name, (*STUDIES, PAPER)))
    given: dict[str, Scalar] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting}", hint="Expected NAME=VALUE, such as --set orders=3.")
        given[key.strip()] = plain(value.strip())
    if vary:
        given["vary"] = "; ".join(vary)
    try:
        known = {field.name: field.default for field in attrs.fields(type(STUDIES.build(Part(name))))}
        # A list of one number is text to the study.
        given |= {key: text(value) for key, value in given.items() if isinstance(known.get(key), str)}
        part = Part(name, given)
        STUDIES.build(part)
    except CharterError as problem:
        raise UsageError(problem.message, hint=problem.hint) from problem
    return part


def text(value: object) -> str:
    """Write a value as :func:`plain` reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def print_results(plan: StudyPlan, out: Path, done: Sequence[FinishedCell]) -> None:
    """Print means over seeds with their intervals, and where the rest is."""
    from rich.console import Console  # noqa: PLC0415

    from fluidmol.report.findings.ceiling_choice import ceiling_choice  # noqa: PLC0415

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)  # a file has no edge
    study = STUDIES.build(plan.study)
    for line in read_as(plan.folder(out).path / LAST):
        console.print(line, soft_wrap=True)
    console.print(f"{study.title}: {study.question}", soft_wrap=True)
    metrics = DECIDING[plan.charter.endpoints[0].kind]
    lines = summarise(done, study.over, metrics)
    table = _table(lines, metrics) if lines else contributions(done)
    if table is not None:
        console.print(table)
    else:
        console.print("Its figures are differences and shares rather than models' MCC: see the file, or the report.")
    figures = ((row.model, row.metric, row.value) for cell in done for row in cell.rows if row.dataset == TRAINING)
    if chosen_kinds := ceiling_choice(figures):
        console.print(chosen_kinds.sentence(), soft_wrap=True)
    seeds = f"{len(plan.seeds)} seeds" if len(plan.seeds) > 1 else "1 seed"
    brackets = "; in brackets: 95 % interval of the mean over seeds" if len(plan.seeds) > 1 else ""
    console.print(f"Means over {seeds}{brackets}. Results: {plan.folder(out).path / 'results.csv'}", soft_wrap=True)


def read_as(file: Path) -> list[str]:
    """Return how the files of a study were understood, from its facts; the same for each seed."""
    facts = json.loads(file.read_text(encoding="utf-8"))["by_seed"]
    return list(dict.fromkeys(line for seed in facts.values() for line in understood(seed.get("inputs", ()))))


def _table(lines: Sequence[SeedMean], metrics: tuple[str, str]) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    datasets = list(dict.fromkeys(line.dataset for line in lines))
    cases = list(dict.fromkeys(name for line in lines for name, _ in line.case))
    found = {(line.case, line.model, line.dataset, line.metric): line for line in lines}
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in cases:
        table.add_column(name.replace("_", " "))
    table.add_column("model", no_wrap=True)
    for dataset in datasets:
        first, second = ((SCORES | VALUE_SCORES)[metric].short.removeprefix("ROC ") for metric in metrics)
        table.add_column(f"{dataset} {first}", justify="right", no_wrap=True)
        table.add_column(second, justify="right", no_wrap=True)
    for case, model in dict.fromkeys((line.case, line.model) for line in lines):
        values = dict(case)
        cells = []
        for dataset in datasets:
            cells += [with_interval(found.get((case, model, dataset, metrics[0])))]
            cells += [_figure(found.get((case, model, dataset, metrics[1])))]
        table.add_row(*(text(values.get(name, "")) for name in cases), model, *cells)
    return table


def _figure(line: SeedMean | None) -> str:
    return "" if line is None or math.isnan(line.over_seeds.mean) else f"{line.over_seeds.mean:.3f}"


def with_interval(line: SeedMean | None) -> str:
    """Write a mean with its interval, and on how many seeds it stands where these aren't all."""
    if line is None or not line.over_seeds.n:
        return ""
    found = line.over_seeds
    interval = "" if math.isnan(found.low) else f" [{found.low:.3f}, {found.high:.3f}]"
    fewer = f" ({found.n} of {line.n_seeds} seeds)" if found.n < line.n_seeds else ""
    return f"{_figure(line)}{interval}{fewer}"
