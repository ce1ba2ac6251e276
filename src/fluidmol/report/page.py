"""One self-contained HTML page from a finished run's folder."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from fluidmol.errors import OutputError
from fluidmol.report import tables
from fluidmol.report.caveats import far_labels
from fluidmol.report.figures.benchmark import benchmark
from fluidmol.report.figures.calibration import calibration
from fluidmol.report.figures.contribution import contribution
from fluidmol.report.figures.distributions import label_distribution, model_distributions
from fluidmol.report.figures.space import space
from fluidmol.report.headline import findings, what_ran
from fluidmol.report.losses import losses
from fluidmol.report.overlap import explained, near_duplicates, noted
from fluidmol.report.run import Run, read_run
from fluidmol.report.style import COLOURS, DOMAINS, Chart
from fluidmol.report.tables import Table
from fluidmol.values.files import write_whole

NAME = "report.html"
"""Name of the page in the run's folder."""


def write_report(run: Path) -> Path:
    """Write the report of a finished run into its folder.

    The page needs nothing but itself: no network, no other file. The same files give the same bytes.

    Parameters
    ----------
    run : Path
        Folder of a finished run.

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
    fluidmol.errors.MissingFileError: there is no folder no-such-run. Name the folder of a finished run.
    """
    page = render(read_run(run))
    target = run / NAME
    try:
        write_whole(target, page)
    except OSError as problem:
        raise OutputError(
            f"{target} can't be written: {problem.strerror or problem}",
            hint="Is the folder yours, and the disk not full?",
        ) from problem
    return target


def render(run: Run) -> str:
    """Make the page as text."""
    charts = _charts(run)
    return rendered(
        "report.html.j2",
        {chart.key: chart.plot for group in charts.values() for chart in group},
        facts=run.facts,
        title=str(run.facts.get("title") or "Federated learning run"),
        kind={"simulation": "Simulated consortium", "demo": "Demonstration"}.get(str(run.facts.get("kind")), "Run"),
        what_ran=what_ran(run),
        far_labels=far_labels(run),
        findings=findings(run),
        domains=DOMAINS,
        charts=charts,
        tables={name: getattr(tables, name)(run) for name in _TABLES},
        losses=losses(run),
        overlap=_overlap(run),
        metrics=[tables.metrics(run, dataset) for dataset in run.datasets],
        n_rejected=len(run.rejected),
        readings=tables.readings(run.facts["inputs"]),
        charter=run.charter,
    )


def rendered(template: str, plots: dict[str, Any], **words: Any) -> str:
    """Fill a page's template; it gets style, charts and scripts, and a policy that lets nothing else run.

    Parameters
    ----------
    template : str
        Its file name.
    plots : dict
        Charts in plotly's own terms, by their ids.
    words : Any
        What the template says.
    """
    import jinja2  # noqa: PLC0415 - not needed by other commands
    from markupsafe import Markup  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fluidmol.report", "template"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Scripts are named by hash in the page's security policy, so nothing else can ever run in it.
    scripts = [_plotly(), _asset("report.js")]
    style = _asset("report.css") + "".join(f".kind-{kind}{{--kind:{hue}}}\n" for kind, hue in COLOURS.items())
    return environment.get_template(template).render(
        plots=Markup(_json(plots)),  # noqa: S704 - nothing in it can end the element
        policy=" ".join(_source(script) for script in scripts),
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files
        style=Markup(style),  # noqa: S704 - our own file
        **words,
    )


def _overlap(run: Run) -> tuple[Table, str] | None:
    found = noted(run.facts.get("overlap"))
    return (near_duplicates([found[0]]), explained(found[1])) if found else None


_TABLES = ("inputs", "sets", "rejections", "rejected", "partners", "stages", "provenance")


def _charts(run: Run) -> dict[str, list[Chart]]:
    single = {"contribution": contribution(run), "labels": label_distribution(run), "space": space(run)}
    groups: dict[str, list[Chart]] = {name: [chart] if chart else [] for name, chart in single.items()}
    groups["benchmark"] = [benchmark(run, dataset) for dataset in run.datasets]
    curves = [calibration(run, dataset) for dataset in run.datasets]
    groups["calibration"] = [chart for chart in curves if chart]
    for dataset in DOMAINS:
        groups[dataset] = model_distributions(run, dataset)
    return groups


def _json(plots: dict[str, Any]) -> str:
    """Write JSON that can't close the script element that holds it."""
    text = json.dumps(plots, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("template", name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - heavy

    # A browser reads both line ends as one, and hashes what it read.
    return str(get_plotlyjs()).replace("\r\n", "\n").replace("\r", "\n").replace("</script", "<\\/script")


def _source(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
