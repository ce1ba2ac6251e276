"""Whether the student keeps up with pooled data on every source, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from fluidmol.learning.statistics.intervals import Interval
from fluidmol.report.parts import Finding
from fluidmol.report.read.studies import Studies
from fluidmol.report.sections.shift import STUDY, between, gap, groups
from fluidmol.values.results import BY_ORIGIN, BY_SIMILARITY, LEFT_OUT, UNDIVIDED

MARGIN = 0.01
"""The student keeps up where its ROC AUC is at least that of T0 less this."""


def shifted(studies: Studies) -> Iterator[Finding]:
    """List the sources on which the student's ROC AUC is at least that of the best pooled model, less .01."""
    frame = studies.main.frame(STUDY)
    gaps = {group: gap(frame, group, "student-less-T0") for group in groups(frame)}
    gaps = {group: found for group, found in gaps.items() if not math.isnan(found.mean)}
    sources = {group.called: found for group, found in gaps.items() if group.by == BY_ORIGIN}
    bands = {group.called: found for group, found in gaps.items() if group.by == BY_SIMILARITY}
    left_out = {group.name: found for group, found in gaps.items() if group.by == LEFT_OUT}
    judged = sources or bands or left_out
    if not judged:
        return
    behind = {name: found for name, found in judged.items() if found.mean < -MARGIN}
    clearly = [name for name, found in behind.items() if found.high < -MARGIN]
    what = "sources" if sources else "bands of similarity" if bands else "sources that were left out of training"
    n, of = len(judged) - len(behind), len(judged)
    shows = "better" if not behind else "unclear" if not clearly else "partly" if n else "worse"
    whole = next((found for group, found in gaps.items() if group.by == UNDIVIDED), None)
    sentences = [
        f"The student's ROC AUC is at least that of T0 (the best pooled model) less .01 on {n} of {of} {what}.",
        f"Student less T0, ROC AUC with 95\u00a0% interval: {_listed(judged)}.",
        f"Beyond chance (each interval by itself) it is farther behind on {', '.join(clearly)}." if clearly else "",
        f"By similarity to the nearest training compound: {_listed(bands)}." if sources and bands else "",
        f"Left out of training: {_listed(left_out)}." if left_out and judged is not left_out else "",
        f"On the whole external set: {between(whole).text}." if whole is not None else "",
    ]
    title = f"The student keeps up with the best pooled model on {n} of {of} {what}."
    yield Finding(
        "Sources of the external set" if sources else "Distance" if bands else "Sources left out",
        shows,
        title,
        tuple(filter(None, sentences)),
    )


def _listed(found: Mapping[str, Interval]) -> str:
    return "; ".join(f"{name} {between(interval).text}" for name, interval in found.items())
