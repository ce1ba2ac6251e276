"""What a person reads before a release leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fluidmol.cli.glances import print_glances
from fluidmol.cli.plain import plain, size

if TYPE_CHECKING:
    from fluidmol.partner.exposure import Exposure
    from fluidmol.partner.summary import Summary
    from fluidmol.partner.teachers.fidelity import Fidelity

WHAT = {
    "Annotations": "opinions of {rows:,} public molecules",
    "Scorecard": "{scores} figures of models on public sets",
    "Declined": "a refusal, with its reason",
}


def print_summary(summary: Summary, *, to_stderr: bool = False) -> None:
    """Print what would leave, who would get it, what the policy changed and what it says about own compounds.

    Parameters
    ----------
    summary : Summary
    to_stderr : bool
        Where standard output is for something else, say JSON.
    """
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False, markup=False, stderr=to_stderr, soft_wrap=True)
    what = WHAT[summary.kind].format(rows=summary.rows, scores=len(summary.scores))
    console.print(f"What would leave: {what}", style="bold")
    for name, text in _facts(summary):
        console.print(f"  {name:<10}{text}")
    console.print()
    print_glances(console, summary.columns)
    for line in (*_figures(summary), *_policy(summary), *_translation(summary), *_exposed(summary), *_earlier(summary)):
        console.print(line)


def _facts(summary: Summary) -> Iterator[tuple[str, str]]:
    yield "from", plain(summary.partner)
    if not summary.recipients:
        yield "to", "nobody in particular: the charter names no parties"
    for name, fingerprint in summary.recipients:
        yield "to", f"{plain(name)}, fingerprint {fingerprint}"
    if summary.recipients:
        yield "", "sealed: only they can open it" if summary.sealed else "NOT sealed: whoever gets the file can read it"
    if summary.consortium:
        yield "charter", f"{plain(summary.consortium)}, {summary.charter}"
    else:
        yield "charter", summary.charter
    if summary.request:
        yield "answers", f"the question {summary.request}"
    yield "digest", summary.digest
    yield "size", f"{size(summary.size)}, before signature and seal"


def _figures(summary: Summary) -> Iterator[str]:
    for score in summary.scores:
        yield f"  {score.model} on {plain(score.dataset)}: {plain(score.metric)} {score.value:g}"
    if summary.reason:
        yield f"  reason: {plain(summary.reason)}"


def _policy(summary: Summary) -> Iterator[str]:
    if not summary.changes:
        return
    yield "\nRules of your policy, in the order in which they were applied:"
    width = max(len(change.rule) for change in summary.changes)
    for change in summary.changes:
        yield f"  {change.rule:<{width}}  {change.words}: {change.changed:,} of {change.of:,} changed"


def _translation(summary: Summary) -> Iterator[str]:
    if summary.fidelity is not None:
        yield "\nA linear model speaks for yours, so that others can learn all that is said:"
        for line in translation_words(summary.fidelity):
            yield f"  {line}"


def translation_words(found: Fidelity) -> Iterator[str]:
    r"""Describe in words how true a translation is to the model that it speaks for.

    Examples
    --------
    >>> from fluidmol.partner.teachers.fidelity import Fidelity
    >>> found = Fidelity(held=400, taught=3000, agreement=0.9, own_auc=0.85, translated_auc=0.84, unseen=True)
    >>> print(*translation_words(found), sep="\n")
    It has learnt from your measurements, and from what your model says of the 3,000 nearest public molecules.
    On 400 of your compounds that were held out, both call 90% alike. ROC AUC: yours .850, the one that speaks .840.
    """
    yield (
        f"It has learnt from your measurements, and from what your model says of the {found.taught:,} nearest public"
        " molecules."
    )
    if not found.held:
        yield f"How true it is to yours {found.unknown}."
        return
    out = "that were held out" if found.unseen else "that were held out of it (your model may know them)"
    yield (
        f"On {found.held:,} of your compounds {out}, both call {found.agreement:.0%} alike. ROC AUC: yours"
        f" {_area(found.own_auc)}, the one that speaks {_area(found.translated_auc)}."
    )
    if found.unseen and found.translated_auc < found.own_auc - MUCH_WORSE:
        yield "Much of what your model knows isn't said: the consortium will learn less from you than it could."


MUCH_WORSE = 0.05
"""ROC AUC that a translation may lose before a person is told."""


def _area(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _exposed(summary: Summary) -> Iterator[str]:
    if summary.kind != "Annotations":
        return
    yield "\nWhat it says about your compounds:"
    if summary.exposure is None:
        yield "  Your structures aren't known here, so that this can't be counted."
        return
    for line in exposed(summary.exposure, summary.rows):
        yield f"  {line}"


def exposed(found: Exposure, rows: int) -> Iterator[str]:
    """Say in words what a release tells about own compounds.

    Examples
    --------
    >>> from fluidmol.partner.exposure import Exposure
    >>> found = Exposure(own=24, shared=3, alike=4, highest=2, shared_highest=2, told_apart=0.97, spoken=3, right=3)
    >>> print(list(exposed(found, 40))[0])
    3 of the 40 public molecules are among your 24 compounds; 1 more differs from one of yours in stereo or isotopes.
    """
    more = found.alike - found.shared
    alike = f"; {more:,} more {'differs' if more == 1 else 'differ'} from one of yours in stereo or isotopes"
    among = f"{found.shared:,}" if found.shared else "None"
    are = "are" if found.shared > 1 else "is"
    yield f"{among} of the {rows:,} public molecules {are} among your {found.own:,} compounds{alike if more else ''}."
    if found.highest:
        have, are = ("has" if found.highest == 1 else "have"), ("is" if found.shared_highest == 1 else "are")
        yield (
            f"{found.highest:,} {have} proximity 1, the highest that there is, which a reader may take for yours;"
            f" {found.shared_highest:,} of them {are}."
        )
    if found.told_apart is not None:
        yield (
            f"Who is shown one of yours among them and one other, and takes the one of higher proximity for yours, is"
            f" right in {found.told_apart:.0%} of cases; 50% is guessing."
            f" {_stands_on(found.shared, 'of yours', rows - found.shared, 'others')}"
        )
    yield from _analogues(found)
    if found.spoken:
        yield (
            f"{found.right:,} of {found.spoken:,} opinions of your own compounds are {found.close}what you have"
            " measured: who knows that they are yours would guess that."
        )
    yield "This counts the plainest leaks only; it proves nothing to be safe."


FEW = 20
"""A figure that stands on fewer molecules of either kind says little: of 20, chance alone moves it by some 6 to 9 %."""


def _analogues(found: Exposure) -> Iterator[str]:
    if found.near:
        have = (
            "is in the public set or has an analogue" if found.near == 1 else "are in the public set or have analogues"
        )
        yield (
            f"{found.near:,} of your {found.own:,} compounds {have} there (Tanimoto similarity .7 or more):"
            f" {found.analogues:,} more public molecules are near to what you work on."
        )
    if found.analogues_told_apart is not None:
        yield (
            f"Who is shown such an analogue and a molecule that is none, and takes the one of higher proximity for it,"
            f" is right in {found.analogues_told_apart:.0%} of cases: so much is told about compounds that aren't"
            f" public. {_stands_on(found.analogues, 'analogues', found.strangers, 'others')}"
        )


def _stands_on(n: int, what: str, m: int, others: str) -> str:
    few = ": too few to rely on it" if min(n, m) < FEW else ""
    return f"The figure stands on {n:,} {what} and {m:,} {others}{few}."


def _earlier(summary: Summary) -> Iterator[str]:
    if not summary.earlier:
        return
    yield "\nWhat they have had from you before:"
    for one in summary.earlier:
        yield f"  {plain(one.words, 1000)}"
