"""One self-contained HTML page from the folder of a run, or of studies."""

from __future__ import annotations

from pathlib import Path

import attrs

from fluidmol.errors import OutputError
from fluidmol.report.findings import run_findings as of_run
from fluidmol.report.findings import studies as of_studies
from fluidmol.report.findings import value_findings as of_values
from fluidmol.report.findings.caveats import far_labels
from fluidmol.report.parts import Section, SectionPart
from fluidmol.report.read.result_files import Results, read_results
from fluidmol.report.read.run import Run, RunFiles
from fluidmol.report.read.studies import Studies
from fluidmol.report.read.value_run import ValueRun
from fluidmol.report.render import Page, rendered
from fluidmol.report.sections import (
    applicability,
    beside,
    calibration,
    compared,
    controls,
    curves,
    data,
    domains,
    losses,
    operating,
    partners,
    privacy,
    shift,
    value_facts,
    value_studies,
)
from fluidmol.report.sections import (
    run_facts as run,
)
from fluidmol.report.sections.run_tables import readings
from fluidmol.values.files import write_whole

NAME = "report.html"
"""Name of the page in its folder."""

_MADE_UP = (
    "Synthetic data.",
    "The compounds' measurements in this run were made up to show how the software works. No figure on this page "
    "says anything about a real molecule or a real company.",
)

_SECTIONS = (
    beside.beside_the_paper, losses.losses, shift.shift, domains.cross_domain, domains.own_domain,
    compared.comparisons, operating.operating, calibration.calibration, controls.controls, privacy.privacy,
    curves.student_size, curves.teacher_count, curves.selection, data.leave_one_out, partners.contribution,
    applicability.applicability, partners.malicious, data.ablations, data.overlap, data.provenance,
)  # fmt: skip
"""Sections over seeds, in order; each is left out where nobody has studied it."""


def write_report(folder: Path) -> Path:
    """Write the report of a finished run, or of all finished studies, into their folder.

    The page needs nothing but itself: no network, no other file. The same files give the same bytes.

    Parameters
    ----------
    folder : Path
        Of a finished run, of a lab, or of several labs.

    Returns
    -------
    Path
        The page, ``report.html`` in that folder; it replaces an older one at once, or not at all.

    Raises
    ------
    MissingFileError
        If the folder or one of its files isn't there; the message names it.
    InputError
        If a file can't be used; the message names it.
    OutputError
        If the page can't be written.

    Examples
    --------
    >>> write_report(Path("no-such-run"))
    Traceback (most recent call last):
    ...
    fluidmol.errors.MissingFileError: there is no folder no-such-run. Name the folder of a finished run, or of studies.
    """
    page = render(read_results(folder))
    target = folder / NAME
    try:
        write_whole(target, page)
    except OSError as problem:
        raise OutputError(
            f"{target} can't be written: {problem.strerror or problem}",
            hint="Is the folder yours, and the disk not full?",
        ) from problem
    return target


def render(results: Results) -> str:
    """Make the page as text: of the run, of the studies, or of both."""
    pages = []
    if results.studies is not None:
        pages.append(_of_studies(results.studies))
    if isinstance(results.run, ValueRun):
        pages.append(_of_values(results.run, within=bool(pages)))
    elif results.run is not None:
        pages.append(_of_run(results.run, within=bool(pages)))
    first = pages[0]
    page = attrs.evolve(
        first,
        ran=tuple(text for one in pages for text in one.ran),
        findings=tuple(finding for one in pages for finding in one.findings),
        notes=tuple(note for one in pages for note in one.notes),
        banners=tuple(banner for one in pages for banner in one.banners),
        sections=tuple(section for one in pages for section in one.sections),
    )
    plots = {chart.key: chart.plot for section in page.sections for chart in section.drawn}
    return rendered("page.html.j2", plots, page=page, version=results.version)


def _of_run(one: Run, *, within: bool) -> Page:
    far = far_labels(one)
    return attrs.evolve(
        _headed(one, run.sections(one), within=within),
        banners=(*([_MADE_UP] if one.facts.get("synthetic") else ()), *([("", far)] if far else ())),
        ran=(of_run.what_ran(one),),
        findings=tuple(of_run.findings(one)),
        notes=(
            "MCC, the Matthews correlation coefficient, is 0 for guessing and 1 for a model that is always right. The "
            "intervals of gains of one run come from 1000 paired resamplings of the tested molecules. They cover which "
            "molecules were tested, not how compounds fell to partners, nor the seed: one run is one draw.",
        ),
    )


def _of_values(one: ValueRun, *, within: bool) -> Page:
    return attrs.evolve(
        _headed(one, value_facts.sections(one), within=within),
        ran=(of_values.what_ran(one),),
        findings=tuple(of_values.findings(one)),
        notes=(
            "RMSE, the root mean squared error, is in the units of the scale; R² is 1 for a model that is always right "
            "and 0 for one that says the mean of the tested molecules. The intervals come from 1000 paired resamplings "
            "of the tested molecules: one run is one draw of partners and seed.",
        ),
    )


def _headed(one: RunFiles, sections: tuple[Section, ...], *, within: bool) -> Page:
    """Make a run's page but for what its endpoint decides."""
    facts = one.facts
    named = (("Preset", "preset"), ("Split", "split"), ("Seed", "seed"), ("Started", "started"), ("fluidmol",) * 2)
    told = readings(facts["inputs"])
    return Page(
        kicker="Simulated consortium" if facts.get("kind") == "simulation" else "Run",
        title=str(facts.get("title") or "Federated learning run"),
        facts=tuple((name, _time(facts[key])) for name, key in named if facts.get(key) is not None),
        banners=(),
        ran=(),
        reading=": ".join(cell.text for cell in told.rows[0][:2]) if told else "",
        findings=(),
        sections=tuple(_within(section, facts.get("seed")) for section in sections) if within else sections,
        notes=(),
    )


def _within(section: Section, seed: object) -> Section:
    """Mark a section of a run that stands beside those of studies."""

    def marked(part: SectionPart) -> SectionPart:
        charts = tuple(attrs.evolve(chart, key=f"run-{chart.key}") for chart in part.charts)
        chart = None if part.chart is None else attrs.evolve(part.chart, key=f"run-{part.chart.key}")
        return attrs.evolve(part, chart=chart, charts=charts)

    return attrs.evolve(
        section, key=f"run-{section.key}", title=f"Seed {seed}: {section.title}", short=f"Seed {seed}: {section.short}",
        parts=tuple(map(marked, section.parts)),
    )  # fmt: skip


_MCC = "MCC, the Matthews correlation coefficient, is 0 for guessing and 1 for a model that is always right. "
_AS_THEY_ARE = " Models come as they are, at a threshold of .5, unless something else is said."

_OF_VALUES = (value_studies.errors, compared.comparisons, data.overlap, data.provenance)
"""Sections of studies of a regression."""


def _of_studies(studies: Studies) -> Page:
    facts = next(iter(studies.main.results.values())).facts
    finished = max(str(r.facts.get("finished", "")) for arm in studies.arms for r in arm.results.values())
    charters = [arm.name for arm in studies.arms]
    header = {
        "Charters": ", ".join(charters),
        "Seeds": ", ".join(map(str, studies.seeds)),
        "Finished": _time(studies.facts.get("written") or finished),
        "fluidmol": str(facts.get("fluidmol", "")),
    }
    quick = ("", "A quick look: what takes long was left out.")
    return Page(
        kicker="Studies of virtual consortia",
        title="Federated learning studied: " + " and ".join(charters),
        facts=tuple((name, value) for name, value in header.items() if value),
        banners=(quick,) if studies.facts.get("quick") else (),
        ran=(of_studies.what_ran(studies),),
        findings=tuple(value_studies.findings(studies) if studies.unit else of_studies.findings(studies)),
        sections=tuple(filter(None, (make(studies) for make in (_OF_VALUES if studies.unit else _SECTIONS)))),
        notes=(
            f"{'' if studies.unit else _MCC}Figures are means over seeds; after ± is half the width of the 95\u00a0% "
            f"interval of that mean (Student's t over seeds).{'' if studies.unit else _AS_THEY_ARE}",
        ),
        body="study",
    )


def _time(value: object) -> str:
    return str(value).replace("T", " ").replace("+00:00", " UTC") if "+00:00" in str(value) else str(value)
