"""One self-contained HTML page from a folder of studies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fluidmol.errors import OutputError
from fluidmol.report.page import NAME, rendered
from fluidmol.report.study import applicability, benchmark, beside, compared, curves, data, domains, partners, privacy
from fluidmol.report.study.folder import Studies, read_studies
from fluidmol.report.study.headline import findings, what_ran
from fluidmol.report.study.parts import Section
from fluidmol.values.files import write_whole

_SECTIONS: tuple[Callable[[Studies], Section | None], ...] = (
    beside.beside_the_paper, benchmark.losses, domains.cross_domain, domains.own_domain, compared.comparisons,
    benchmark.operating, benchmark.calibration, benchmark.controls, privacy.privacy, curves.student_size,
    curves.teacher_count,
    curves.selection, data.leave_one_out, partners.contribution, applicability.applicability, partners.malicious,
    data.ablations, data.overlap, data.provenance,
)  # fmt: skip


def write_study_report(folder: Path) -> Path:
    """Write the report of all finished studies into their folder.

    The page needs nothing but itself: no network, no other file. The same files give the same bytes.

    Parameters
    ----------
    folder : Path
        Of ``fluid study paper``, or of a single lab.

    Returns
    -------
    Path
        The page, ``report.html`` in that folder; it replaces an older one at once, or not at all.

    Raises
    ------
    MissingFileError
        If there is no finished study.
    InputError
        If a file can't be used; the message names it.
    OutputError
        If the page can't be written.

    Examples
    --------
    >>> write_study_report(Path("no-such-folder"))
    Traceback (most recent call last):
    ...
    fluidmol.errors.MissingFileError: there is no folder no-such-folder. Name the folder of studies (--out).
    """
    page = render(read_studies(folder))
    target = folder / NAME
    try:
        write_whole(target, page)
    except OSError as problem:
        raise OutputError(
            f"{target} can't be written: {problem.strerror or problem}",
            hint="Is the folder yours, and the disk not full?",
        ) from problem
    return target


def render(studies: Studies) -> str:
    """Make the page as text."""
    sections = [section for make in _SECTIONS if (section := make(studies)) is not None]
    plots = {chart.key: chart.plot for section in sections for chart in section.drawn}
    facts = next(iter(studies.main.results.values())).facts
    finished = max(str(r.facts.get("finished", "")) for arm in studies.arms for r in arm.results.values())
    return rendered(
        "study.html.j2",
        plots,
        title="Federated learning studied: " + " and ".join(arm.name for arm in studies.arms),
        facts={"fluidmol": facts.get("fluidmol", ""), "seeds": ", ".join(map(str, studies.seeds)),
               "charters": ", ".join(arm.name for arm in studies.arms),
               "finished": str(studies.facts.get("written") or finished)},
        quick=bool(studies.facts.get("quick")),
        what_ran=what_ran(studies),
        findings=findings(studies),
        sections=sections,
    )  # fmt: skip
