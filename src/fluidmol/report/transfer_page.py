"""The page of a transfer set that was picked from a pool: what was read and left out, and what the pick covers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fluidmol.chem.pool.building import SPREAD, TIMES
from fluidmol.chem.pool.shards import Manifest, read_manifest
from fluidmol.errors import CodecError
from fluidmol.report.parts import (
    Finding,
    ReportTable,
    Section,
    SectionPart,
    TableColumn,
    Tile,
    column,
    decimal,
    row,
    share,
    text,
    whole,
)
from fluidmol.report.render import Page, rendered
from fluidmol.report.style import MUTED, Chart, axis, count, figure, layout, percent, plain
from fluidmol.values.files import read_bytes
from fluidmol.values.strict_json import read_json

_LARGEST = 1 << 26
_HUES = {"pool": "#C3CAD1", "random": "#B3720E", "chosen": "#0067AC"}
_SETS = ("#B5352B", "#0B8A66", "#8E5BA6", "#7A5C2E", "#D9739F")
_UNITS = {"weight": "Molecular weight, g/mol", "TPSA": "TPSA, Å²", "heavy atoms": "Heavy atoms", "rings": "Rings",
          "fraction sp3": "Fraction of sp³ carbons"}  # fmt: skip


def transfer_page(folder: Path) -> str:
    """Make the page as text, from the files of the folder; it needs nothing but itself.

    Raises
    ------
    MissingFileError
        If a file isn't there.
    CodecError
        If one can't be understood.
    """
    manifest = read_manifest(folder)
    try:
        spread = read_json(read_bytes(folder / SPREAD, _LARGEST))
        times = read_json(read_bytes(folder / TIMES, _LARGEST))
        sections = (_steps(manifest.made), _coverage(spread["coverage"]), _nearness(spread["nearness"]),
                    _properties(spread["properties"]), _map(spread["map"]), _origin(manifest, times))  # fmt: skip
        page = Page(
            kicker="Transfer set",
            title=f"{manifest.size:,} molecules of {manifest.made['counts']['rows']:,} rows",
            facts=(
                ("Method", plain_method(manifest.made["method"])), ("Seed", str(manifest.made["seed"])),
                ("Digest", manifest.digest[:19]), ("fluidmol", version("fluidmol")),
            ),
            ran=("What was picked, from which files, and how it compares with its pool and with a random draw of the"
                 " same size.",),
            findings=(_picked(manifest), _covers(spread["coverage"]), *_near_findings(spread["nearness"])),
            sections=tuple(section for section in sections if section is not None),
            notes=(),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise CodecError(f"the files of {folder} can't be read: {problem!r}", hint="Build it again.") from problem
    plots = {c.key: c.plot for section in page.sections for c in section.drawn}
    return rendered("page.html.j2", plots, page=page, version=version("fluidmol"))


def plain_method(table: Mapping[str, Any]) -> str:
    """Name a method with its options.

    Examples
    --------
    >>> plain_method({"name": "near", "share": 0.8})
    'near (share 0.8)'
    """
    options = ", ".join(f"{key} {value}" for key, value in table.items() if key != "name")
    return f"{table['name']} ({options})" if options else str(table["name"])


def _picked(manifest: Manifest) -> Finding:
    made, asked = manifest.made, manifest.made["asked"]
    few = manifest.size < asked
    unusable = len(made["unusable"])
    out = sum(known["n_same"] for known in made["excluded"]), sum(known["n_near"] for known in made["excluded"])
    return Finding(
        "What was picked", "partly" if few or unusable else "better",
        f"{count(manifest.size)} molecules of a pool of {count(made['counts']['pool'])}.",
        (
            f"{count(asked)} were asked for; there were no more." if few else "",
            f"{unusable} of the files couldn't be used: the table of files names them." if unusable else "",
            f"Excluded sets took out {count(out[0])} by key and {count(out[1])} near duplicates."
            if made["excluded"] else "No set was excluded: test sets may be in it.",
        ),
    )  # fmt: skip


def _covers(coverage: Mapping[str, Any]) -> Finding:
    tiles = coverage["tiles"]
    gain = tiles["chosen"] / max(tiles["random"], 1) - 1
    # A pick near to given sets is narrow on purpose.
    verdict = "better" if gain > 0.02 else "none"
    return Finding(
        "Coverage", verdict,
        f"It occupies {percent(tiles['chosen'] / max(tiles['occupied'], 1))} of the pool's tiles, a random draw"
        f" {percent(tiles['random'] / max(tiles['occupied'], 1))}.",
        (f"That is {figure(100 * gain, 0, sign=True)} % against random.",),
        tuple(
            Tile("hybrid" if name == "tiles" else "", name.capitalize(), count(each["chosen"]),
                 f"random {count(each['random'])}, in the pool {count(each['occupied'])}")
            for name, each in coverage.items()
        ),
    )  # fmt: skip


def _near_findings(nearness: Mapping[str, Any]) -> tuple[Finding, ...]:
    molecules = {name: each for name, each in nearness.items() if not each["partner"]}
    return tuple(
        Finding(
            f"Near to {name}", "better" if (each["chosen"]["mean"] > each["random"]["mean"]) else "unclear",
            f"Mean similarity to the nearest is {figure(each['chosen']['mean'], 2)}, at random"
            f" {figure(each['random']['mean'], 2)}.", (),
        )
        for name, each in molecules.items()
    )  # fmt: skip


def _steps(made: Mapping[str, Any]) -> Section:
    counts = made["counts"]
    steps = (
        ("Rows read", counts["rows"]), ("Usable and within the limits", counts["usable"]),
        ("One a skeleton", counts["usable"] - counts["repeated"]),
        ("Not excluded: the pool", counts["pool"]), ("Picked", min(counts["pool"], made["asked"])),
    )  # fmt: skip
    names = (TableColumn("Step", number=False), column("Molecules"), column("Of all rows"))
    rows = tuple(row(name, (whole(n), share(n / max(counts["rows"], 1)))) for name, n in steps)
    reasons: dict[str, int] = {}
    examples: dict[str, str] = {}
    for file in made["files"]:
        for reason, n in file["left_out"].items():
            reasons[reason] = reasons.get(reason, 0) + n
            examples.setdefault(reason, f"{file['name']}, {file['examples'][reason]}")
    why = tuple(row(reason, (whole(n), text(examples[reason])))
                for reason, n in sorted(reasons.items(), key=lambda item: -item[1]))  # fmt: skip
    files = tuple(row(file["name"], (whole(file["rows"]), whole(file["usable"]), text("")))
                  for file in made["files"]) + tuple(
        row(file["name"], (whole(None), whole(None), text(file["reason"]))) for file in made["unusable"]
    )  # fmt: skip
    excluded = tuple(row(known["name"], (whole(known["n_compounds"]), whole(known["n_same"]), whole(known["n_near"])))
                     for known in made["excluded"])  # fmt: skip
    first = TableColumn("File", number=False)
    tables = (
        ReportTable("Step by step", names, rows),
        ReportTable("Rows left out", (TableColumn("Reason", number=False), column("Rows"),
                                      TableColumn("First", number=False)), why),
        ReportTable("Files", (first, column("Rows"), column("Usable"), TableColumn("Left out", number=False)), files,
                    sortable=True),
        ReportTable("Excluded sets", (first, column("Molecules"), column("Out by key"),
                                      column("Out as near duplicates", f"similarity {made['near_duplicate']:g}")),
                    excluded),
    )  # fmt: skip
    lead = ("A molecule is one skeleton: the first block of the InChIKey, without stereo.",)
    parts = tuple(SectionPart("table", table=table) for table in tables if table.rows)
    return Section("steps", "From rows to molecules", "Rows and files", lead, parts, wide=True)


def _coverage(coverage: Mapping[str, Any]) -> Section:
    rows = tuple(
        row(name.capitalize(), (whole(each["occupied"]), whole(each["chosen"]), whole(each["random"]),
                                share(each["chosen"] / max(each["occupied"], 1)),
                                share(each["random"] / max(each["occupied"], 1))))
        for name, each in coverage.items()
    )  # fmt: skip
    columns = (TableColumn("What is occupied", number=False), column("In the pool"), column("Picked"), column("Random"),
               column("Share picked"), column("Share random"))  # fmt: skip
    lead = (
        "A tile holds the molecules that are nearest to one of 2 048 landmarks at most (molecules of the pool, which"
        " no seed decides) and alike in heavy atoms, logP and polar surface. Scaffolds are Bemis-Murcko's: tiling"
        " doesn't pick by them, so that they are an independent measure of it.",
    )
    table = ReportTable("Occupied tiles and scaffolds", columns, rows)
    return Section("coverage", "Coverage of chemical space", "Coverage", lead, (SectionPart("table", table=table),))


def _nearness(nearness: Mapping[str, Any]) -> Section | None:
    if not nearness:
        return None
    rows = tuple(
        (text(name if who == "chosen" else ""), text({"chosen": "picked"}.get(who, who)), decimal(each[who]["mean"]),
         *(decimal(each[who][q]) for q in ("0.05", "0.25", "0.5", "0.75", "0.95")))
        for name, each in nearness.items() for who in ("chosen", "random", "pool")
    )  # fmt: skip
    columns = (TableColumn("Set", number=False), TableColumn("Molecules", number=False), column("Mean"),
               column("5 %"), column("25 %"), column("Median"), column("75 %"), column("95 %"))  # fmt: skip
    lead = (
        "Of a set of molecules: Tanimoto similarity (ECFP4) to its nearest molecule, 1 for a molecule of a given"
        " scaffold. Of a partner: the logarithm of its weight by its private directions, of which only differences"
        " mean something.",
    )
    table = ReportTable("Nearness to the given sets", columns, rows)
    return Section("nearness", "Nearness to given sets", "Nearness", lead, (SectionPart("table", table=table),))


def _properties(properties: Mapping[str, Any]) -> Section:
    charts = []
    for number, (name, edges) in enumerate(properties["edges"].items()):
        traces = []
        for who in ("pool", "random", "chosen"):
            counts = properties[who][name]["counts"]
            total = max(sum(counts), 1)
            line = {"shape": "hv", "color": _HUES[who], "width": 2 if who == "chosen" else 1.4}
            traces.append({
                "type": "scatter", "mode": "lines", "name": {"chosen": "picked"}.get(who, who), "x": edges,
                "y": [round(100 * n / total, 2) for n in [*counts, counts[-1]]],
                "line": line | ({"dash": "dot"} if who == "random" else {}),
                "fill": "tozeroy" if who == "pool" else "none",
            })  # fmt: skip
        means = {who: figure(properties[who][name]["mean"], 2) for who in ("chosen", "pool", "random")}
        charts.append(Chart(
            f"property-{number}", _UNITS.get(name, name),
            f"Distribution of {name}: picked {means['chosen']} on the average, pool {means['pool']}.",
            f"Means: picked {means['chosen']}, random {means['random']}, pool {means['pool']}.",
            {"data": traces, "layout": layout(xaxis=axis(_UNITS.get(name, name)), yaxis=axis("Molecules, %"))}, 260,
        ))  # fmt: skip
    lead = ("Shares of molecules a bin; what is beyond the axis is counted in its last bin.",)
    return Section(
        "properties", "Properties", "Properties", lead, (SectionPart("charts", charts=tuple(charts)),), wide=True
    )


def _map(points: Mapping[str, Any]) -> Section | None:
    if not points:
        return None
    groups = [("pool", points["pool"], _HUES["pool"], 4), ("picked", points["chosen"], _HUES["chosen"], 4)]
    groups += [(name, places, _SETS[i % len(_SETS)], 5) for i, (name, places) in enumerate(points["sets"].items())]
    traces = [
        {"type": "scatter", "mode": "markers", "name": plain(name), "x": [x for x, _ in places],
         "y": [y for _, y in places], "hoverinfo": "skip",
         "marker": {"color": hue, "size": size, "opacity": 0.75 if name != "picked" else 0.55}}
        for name, places, hue, size in groups
    ]  # fmt: skip
    hidden = {"showgrid": False, "showticklabels": False, "mirror": True, "showline": True}
    chart = Chart(
        "map", "", "Scatter plot of samples of pool, pick and given sets.",
        "First two principal directions of the fingerprints of the pool. A sample of each is drawn; near points are"
        " roughly alike. Click a name to hide a group.",
        {"data": traces, "layout": layout(
            xaxis=axis("First direction", **hidden), yaxis=axis("Second direction", **hidden),
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemsizing": "constant",
                    "font": {"color": MUTED}},
        )}, 560,
    )  # fmt: skip
    return Section("map", "Map", "Map", (), (SectionPart("chart", chart=chart),))


def _origin(manifest: Manifest, times: Any) -> Section:
    made = manifest.made
    facts = {
        "Digest": manifest.digest, "Method": plain_method(made["method"]), "Seed": made["seed"],
        "Limits": ", ".join(f"{name} {value}" for name, value in made["limits"].items()),
        **{f"File {file['name']}": f"sha256:{file['sha256']}" for file in made["files"]},
        **{f"Excluded {known['name']}": known["digest"] for known in made["excluded"]},
        **{f"Near to {known['name']}": known["digest"] for known in made["near"]},
        "Made with": made["made_with"],
    }  # fmt: skip
    if "private" in made:
        facts["Private directions"] = f"experts {made['private']['experts']} under {made['private']['charter']}"
    table = ReportTable("Digests", (TableColumn("What", number=False), TableColumn("Value", number=False)),
                        tuple((text(name), text(value)) for name, value in facts.items()))  # fmt: skip
    stages = ReportTable(
        "Stages", (TableColumn("Stage", number=False), column("Seconds"), column("Peak memory, MB")),
        tuple(row(each["stage"], (decimal(each["seconds"], 1), whole(each["peak_mb"]))) for each in times),
    )  # fmt: skip
    lead = ("The same files, sets, options and seed make the same digest, on any number of cores.",)
    parts = (SectionPart("table", table=table), SectionPart("table", table=stages))
    return Section("origin", "Where it came from", "Provenance", lead, parts, wide=True)
