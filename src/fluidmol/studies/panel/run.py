"""Running a panel: a study of each endpoint in a folder of its own, then the tables over all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import FluidError, OutputError, QuorumError
from fluidmol.learning.statistics.panels import (
    ELSEWHERE,
    METHODS,
    OWN,
    PairGain,
    PanelFigures,
    corrected,
    corrected_endpoints,
)
from fluidmol.studies.consortium import Setup
from fluidmol.studies.lab.folder import LAST
from fluidmol.studies.lab.model_predictions import answers
from fluidmol.studies.lab.plan import StudyPlan
from fluidmol.studies.lab.results import as_json, write_csv, write_file
from fluidmol.studies.panel.endpoints import PanelEndpoint, panel_csv
from fluidmol.studies.panel.figures import endpoint_figures, pair_gains
from fluidmol.studies.prepare import Sources
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part

STUDY = "all-domains"
"""The study that each endpoint gets."""

PANEL, PANEL_TABLE = "panel.json", "panel.csv"
"""Marks the folder and says what is in it; the panel as it was read."""

PAIRS, ENDPOINTS = "pairs.csv", "endpoints.csv"
"""Gains by partner and endpoint; figures by endpoint."""


@attrs.frozen(kw_only=True)
class Panel:
    """All that is to be studied."""

    endpoints: tuple[PanelEndpoint, ...] = attrs.field(validator=attrs.validators.min_len(1))
    transfer: Path
    transfer_size: int | None = None
    charter: Charter
    """The rules; each endpoint takes the place of the charter's."""

    setup: Setup = attrs.field(factory=Setup)
    date_column: str | None = None
    """Which column of all files holds dates, where the newest compounds are held out."""

    seeds: tuple[int, ...] = (1,)
    settings: tuple[tuple[str, Any], ...] = ()
    """Of the study of each endpoint."""

    def plan(self, endpoint: PanelEndpoint) -> StudyPlan:
        """Return the study of an endpoint."""
        return StudyPlan(
            study=Part(STUDY, dict(self.settings)),
            sources=Sources(
                source=endpoint.file,
                transfer=self.transfer,
                transfer_size=self.transfer_size,
                columns=endpoint.columns,
                date_column=self.date_column,
            ),
            charter=attrs.evolve(self.charter, endpoints=(endpoint.asked,)),
            setup=self.setup,
            seeds=self.seeds,
        )


def run_panel(
    panel: Panel, out: Path, run: Callable[[StudyPlan, Path], object], note: Callable[[str], None] = lambda _text: None
) -> PanelFigures:
    """Study each endpoint that isn't finished, then write the tables over all of them.

    Parameters
    ----------
    panel : Panel
    out : Path
        Each endpoint gets a folder in it.
    run : callable
        Runs a plan into a folder; what is finished isn't computed again.
    note : callable
        Told what the user should know.

    Returns
    -------
    PanelFigures
        An endpoint that its data make impossible is left out, and it says why; the others go on.

    Raises
    ------
    OutputError
        If the folder holds something else, or can't be written.
    QuorumError
        If no endpoint at all could be studied.
    """
    _check_folder(out)
    out.mkdir(parents=True, exist_ok=True)
    write_file(out / PANEL, as_json({"kind": "panel", "fluidmol": metadata.version("fluidmol")}))
    write_file(out / PANEL_TABLE, panel_csv(tuple(attrs.evolve(e, file=e.file.resolve()) for e in panel.endpoints)))
    found = PanelFigures([], [], {}, {})
    for place, endpoint in enumerate(panel.endpoints, start=1):
        note(f"{endpoint.name} ({place} of {len(panel.endpoints)})")
        plan = panel.plan(endpoint)
        try:
            run(plan, out / endpoint.folder)
        except OutputError:
            raise
        except FluidError as problem:
            found.left_out[endpoint.name] = problem.message
            note(f"{endpoint.name} is left out: {problem}")
            continue
        folder = plan.folder(out / endpoint.folder).path
        told = json.loads((folder / LAST).read_text(encoding="utf-8"))["by_seed"]
        sizes = {str(name): int(n) for name, n in next(iter(told.values()))["partners"].items()}
        found.sizes.update({(endpoint.name, partner): n for partner, n in sizes.items()})
        said = answers(folder)
        kind, unit = endpoint.asked.kind, endpoint.scale.words if endpoint.scale else ""
        found.pairs.extend(pair_gains(endpoint.name, kind, said))
        found.endpoints.append(endpoint_figures(endpoint.name, kind, unit, sum(sizes.values()), said))
    if not found.endpoints:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(found.left_out.items())[:3])
        raise QuorumError(f"no endpoint of the panel could be studied: {why}", hint="Correct its files, or the table.")
    whole = attrs.evolve(found, pairs=corrected(found.pairs), endpoints=corrected_endpoints(found.endpoints))
    _write(whole, panel, out)
    return whole


def _write(found: PanelFigures, panel: Panel, out: Path) -> None:
    columns = tuple(field.name for field in attrs.fields(PairGain))
    write_csv(out / PAIRS, columns, (attrs.astuple(pair) for pair in found.pairs))
    rows = []
    for each in found.endpoints:
        places = [
            cell
            for where in (OWN, ELSEWHERE)
            for gain in (each.gains[where],)
            for cell in ((gain.difference, gain.low, gain.high, gain.p) if gain else ("",) * 4)
            + (each.p_holm.get(where, ""),)
        ]
        rows.append((each.name, each.kind, each.unit, each.n_compounds, each.metric,
                     *(each.figures.get(method, "") for method in METHODS), *places))  # fmt: skip
    gains = [f"{what}_{where}" for where in (OWN, ELSEWHERE) for what in ("gain", "low", "high", "p", "p_holm")]
    write_csv(out / ENDPOINTS, ("endpoint", "kind", "unit", "n_compounds", "metric", *METHODS, *gains), rows)
    facts = {
        "kind": "panel", "fluidmol": metadata.version("fluidmol"), "seeds": list(panel.seeds),
        "settings": dict(panel.settings), "setup": attrs.asdict(panel.setup), "preset": panel.charter.preset,
        "partners": panel.setup.n_partners, "transfer_size": panel.transfer_size, **found.plain(),
    }  # fmt: skip
    write_file(out / PANEL, as_json(facts))


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file", hint="Give a folder that doesn't exist yet with `out`.")
    names = [path.name for path in out.iterdir() if not path.name.startswith(".")] if out.exists() else []
    if names and not _is_panel(out / PANEL):
        raise OutputError(f"{out} isn't empty ({', '.join(sorted(names)[:3])})", hint="Give another folder with `out`.")


def _is_panel(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8")).get("kind") == "panel")
    except (OSError, ValueError, AttributeError):
        return False
