"""The page of a panel: how often taking part paid, endpoint by endpoint and partner by partner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from fluidmol.learning.statistics.panels import (
    ELSEWHERE,
    METHODS,
    METRICS,
    OWN,
    EndpointFigures,
    PairGain,
    PanelFigures,
    PanelShares,
    shares,
    what_predicts,
)
from fluidmol.report.parts import (
    Finding,
    ReportTable,
    Section,
    SectionPart,
    TableCell,
    TableColumn,
    Tile,
    column,
    decimal,
    text,
    whole,
)
from fluidmol.report.read.panel import read_panel_figures
from fluidmol.report.render import Page, rendered
from fluidmol.report.style import Chart, Plot, axis, figure, layout, percent, plain
from fluidmol.values.results import LOWER_IS_BETTER, SCORES, VALUE_SCORES

PLACES = {OWN: "own held-out compounds", ELSEWHERE: "the others' held-out compounds"}
"""What the places are called where partners are judged."""

_SHORT = {name: metric.short for name, metric in (SCORES | VALUE_SCORES).items()}
_CLOSE = 1.05

ALPHA = 0.05
"""Below it, a corrected p counts as more than chance."""


def panel_page(folder: Path) -> str:
    """Make the page as text, from the files of a panel's folder; it needs nothing but itself.

    Raises
    ------
    MissingFileError, InputError
        If what the panel has found isn't there, or can't be used.
    """
    found, facts = read_panel_figures(folder)
    sections = [_gains(found), _by_endpoint(found), _predictors(found), _left_out(found)]
    page = Page(
        kicker="Panel of endpoints",
        title=f"Taking part, over {len(found.endpoints)} endpoints",
        facts=(
            ("Preset", str(facts.get("preset"))),
            ("Partners", str(facts.get("partners"))),
            ("Seeds", ", ".join(map(str, facts.get("seeds", ())))),
            ("fluidmol", str(facts.get("fluidmol"))),
        ),
        ran=(
            "For each endpoint, one public file was divided among virtual partners; all held out a fold of their"
            " compounds, and federated without it. Each partner's hybrid is compared with its own teacher, on its own"
            " held-out compounds and on those of all others.",
        ),
        findings=tuple(findings(found)),
        sections=tuple(section for section in sections if section is not None),
        notes=(
            "A gain is what the hybrid is better by: more MCC or ROC AUC, or a smaller error (RMSE). p is that of the"
            " paired bootstrap over molecules (and seeds, where there are several; where no draw reaches 0, of a normal"
            " distribution as wide), corrected by Holm over all pairs of one place and metric. Pairs of fewer than 20"
            " held-out compounds, or fewer than 3 of a class, aren't judged.",
        ),
    )
    plots = {chart.key: chart.plot for section in page.sections for chart in section.drawn}
    return rendered("page.html.j2", plots, page=page, version=version("fluidmol"))


def findings(found: PanelFigures) -> list[Finding]:
    """Describe how often taking part paid, place by place, and how far students of values are behind T0."""
    said = []
    for where, place in PLACES.items():
        counted = [s for metrics in METRICS.values() for m in metrics if (s := shares(found.pairs, where, m))]
        if counted:
            said.append(_paid(where, place, counted, found))
    behind = [
        each.figures["student"] / each.figures["T0"]
        for each in found.endpoints
        if each.kind == "regression" and each.figures.get("T0")
    ]
    if behind:
        close = sum(ratio <= _CLOSE for ratio in behind)
        said.append(
            Finding(
                "Students of regressions", "better" if 2 * close >= len(behind) else "partly",
                f"At {close} of {len(behind)} endpoints the student errs at most 5\u00a0% more than T0.",
                (f"The median ratio of their errors is {figure(sorted(behind)[len(behind) // 2], 2)}.",),
            )
        )  # fmt: skip
    return said


def _paid(where: str, place: str, counted: Sequence[PanelShares], found: PanelFigures) -> Finding:
    sentences = []
    for each in counted:
        spread = (
            ""
            if math.isnan(each.gain.low)
            else (
                f" (95\u00a0% over endpoints: {figure(each.gain.low, sign=True)} to"
                f" {figure(each.gain.high, sign=True)})"
            )
        )
        sentences.append(
            f"{_SHORT[each.metric]}: of {each.n} pairs of partner and endpoint {percent(each.not_below)} aren't below"
            f" their teacher, {percent(each.above)} are above; beyond chance {percent(each.clearly_above)} are above"
            f" and {percent(each.clearly_below)} below. Mean {_what(each.metric)} {figure(each.gain.mean, sign=True)}"
            f"{spread}."
        )
    worse = [each.name for each in found.endpoints if _clearly(each, where) < 0]
    better = sum(_clearly(each, where) > 0 for each in found.endpoints)
    sentences.append(
        f"Means over partners are beyond chance better at {better} of {len(found.endpoints)} endpoints, and worse at"
        f" {len(worse)}{': ' + ', '.join(worse) if worse else ''}."
    )
    enough = 0.8 if where == OWN else 0.9
    first = [each.not_below if where == OWN else each.above for each in counted]
    verdict = "worse" if worse else "better" if min(first) >= enough else "partly"
    tiles = tuple(
        Tile("hybrid", f"{_SHORT[each.metric]}: {'not below' if where == OWN else 'above'}",
             percent(share), f"of {each.n} pairs")
        for each, share in zip(counted, first, strict=True)
    )  # fmt: skip
    low, high = percent(min(first)), percent(max(first))
    what = "No regret" if where == OWN else "A gain"
    title = f"{what} for {low if low == high else f'{low} to {high}'} of the pairs."
    return Finding(place.capitalize(), verdict, title, tuple(sentences), tiles)


def _what(metric: str) -> str:
    return "share of the error saved:" if metric in LOWER_IS_BETTER else "gain"


def _clearly(each: EndpointFigures, where: str) -> int:
    gain = each.gains.get(where)
    if gain is None or not each.p_holm.get(where, 1.0) <= 0.05:
        return 0
    return 1 if gain.difference > 0 else -1


def _gains(found: PanelFigures) -> Section:
    parts = []
    for kind, metrics in METRICS.items():
        names = [each.name for each in found.endpoints if each.kind == kind]
        for where, place in PLACES.items():
            chosen = [
                pair
                for pair in found.pairs
                if (pair.where, pair.metric) == (where, metrics[0]) and pair.endpoint in names
            ]
            if chosen:
                parts.append(SectionPart("chart", chart=_map(chosen, kind, place, where)))
    lead = ("Each cell is one partner at one endpoint: green where its hybrid is better than its own teacher, red where"
            " it is worse, with a point where that is beyond chance after correction.",)  # fmt: skip
    return Section("gains", "Gains by partner and endpoint", "Gains", lead, tuple(parts), wide=True)


def _map(pairs: Sequence[PairGain], kind: str, place: str, where: str) -> Chart:
    endpoints = list(dict.fromkeys(pair.endpoint for pair in pairs))[::-1]
    partners = sorted({pair.partner for pair in pairs}, key=lambda name: (len(name), name))
    gain = {(pair.endpoint, pair.partner): pair for pair in pairs}
    metric = pairs[0].metric
    cells = [[pair.relative if (pair := gain.get((e, p))) else math.nan for p in partners] for e in endpoints]
    sure = [["•" if (pair := gain.get((e, p))) and pair.p_holm <= ALPHA else "" for p in partners] for e in endpoints]
    plot: Plot = {
        "data": [
            {
                "type": "heatmap", "x": [plain(p) for p in partners], "y": [plain(e) for e in endpoints],
                "z": [[None if math.isnan(v) else round(v, 4) for v in line] for line in cells],
                "text": sure, "texttemplate": "%{text}", "zmid": 0,
                "zmin": -0.4, "zmax": 0.4,
                "colorscale": [[0, "#B5352B"], [0.5, "#F6F7F8"], [1, "#0B8A66"]],
                "colorbar": {"thickness": 12},
                "hovertemplate": "%{y}, %{x}: %{z:+.3f}<extra></extra>", "hoverongaps": False,
            }
        ],
        "layout": layout(
            xaxis=axis(showgrid=False), yaxis=axis(showgrid=False, dtick=1),
            margin={"l": 180, "r": 20, "t": 20, "b": 50},
        ),
    }  # fmt: skip
    better = sum(pair.gain > 0 for pair in pairs)
    what = (
        f"share of the teacher's {_SHORT[metric]} that is saved"
        if metric in LOWER_IS_BETTER
        else f"{_SHORT[metric]} gained"
    )
    told = f"Colours: {what}. {better} of {len(pairs)} pairs gain."
    return Chart(
        f"map-{kind}-{where}", f"{'Classes' if kind == 'classification' else 'Values'}, {place}",
        f"Heat map of gains on {place}. {told}", told, plot, height=140 + 24 * max(4, len(endpoints)),
    )  # fmt: skip


def _by_endpoint(found: PanelFigures) -> Section:
    tables = []
    for kind, metrics in METRICS.items():
        rows = [each for each in found.endpoints if each.kind == kind]
        if rows:
            columns = (
                TableColumn("Endpoint", number=False), column("Compounds"),
                *(column(f"{method}, {_SHORT[metrics[0]]}", "On all held-out compounds") for method in METHODS),
                column("Gain, own"), column("p, corrected"), column("Gain, elsewhere"), column("p, corrected"),
            )  # fmt: skip
            title = "Classes" if kind == "classification" else "Values: errors, lower is better"
            tables.append(ReportTable(title, columns, tuple(map(_endpoint_row, rows)), sortable=True))
    parts = [SectionPart("table", table=table) for table in tables]
    if tested := [each for each in found.endpoints if each.tukey]:
        parts.append(SectionPart("table", table=_tukey(tested)))
    lead = (
        "Teachers and hybrids: means over partners. All methods are judged on the held-out compounds of all partners"
        " together; gains are means over partners in each place.",
    )
    return Section("endpoints", "Endpoints", "Endpoints", lead, tuple(parts), wide=True)


def _endpoint_row(each: EndpointFigures) -> tuple[TableCell, ...]:
    cells: list[TableCell] = [text(f"{each.name} ({each.unit})" if each.unit else each.name), whole(each.n_compounds)]
    cells += [decimal(each.figures.get(method)) for method in METHODS]
    for where in (OWN, ELSEWHERE):
        gain = each.gains[where]
        cells += [
            TableCell(figure(gain.difference, sign=True), repr(gain.difference), number=True)
            if gain
            else decimal(None),
            decimal(each.p_holm.get(where)),
        ]
    return tuple(cells)


def _tukey(tested: Sequence[EndpointFigures]) -> ReportTable:
    pairs = list(tested[0].tukey)
    columns = (TableColumn("Endpoint", number=False), *(column(f"{a} – {b}") for a, b in pairs))
    rows = tuple((text(each.name), *(decimal(each.tukey.get(pair)) for pair in pairs)) for each in tested)
    return ReportTable("Tukey's test over repetitions: p by pair of methods", columns, rows)


def _predictors(found: PanelFigures) -> Section | None:
    rows = []
    for where, place in PLACES.items():
        for metrics in METRICS.values():
            for name, rho in what_predicts(found.pairs, found.sizes, where, metrics[0]).items():
                rows.append((text(f"{place}, {_SHORT[metrics[0]]}"), text(name), decimal(rho, 2)))
    if not rows:
        return None
    columns = (TableColumn("Gain on", number=False), TableColumn("and", number=False), column("Spearman"))
    lead = ("Rank correlations of gains, over pairs of partner and endpoint, with what is known before taking part.",)
    table = ReportTable("What goes with gains", columns, tuple(rows))
    return Section("predictors", "What predicts a gain?", "Predictors", lead, (SectionPart("table", table=table),))


def _left_out(found: PanelFigures) -> Section | None:
    if not found.left_out:
        return None
    rows = tuple((text(name), text(why)) for name, why in found.left_out.items())
    columns = (TableColumn("Endpoint", number=False), TableColumn("Why", number=False))
    table = ReportTable("Endpoints that couldn't be studied", columns, rows)
    return Section("left-out", "Left out", "Left out", (), (SectionPart("table", table=table),))
