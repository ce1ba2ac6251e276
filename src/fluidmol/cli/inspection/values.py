"""What packed values say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fluidmol.cli.inspection.shown import Shown
from fluidmol.cli.plain import plain

if TYPE_CHECKING:
    from fluidmol.values.annotations import Annotations
    from fluidmol.values.charter import Charter
    from fluidmol.values.codec import Value
    from fluidmol.values.compounds import CompoundSet
    from fluidmol.values.glance import Glance
    from fluidmol.values.labels import FederatedLabels
    from fluidmol.values.messages import Annotate, Declined, Learn, Scorecard
    from fluidmol.values.private_model import PrivateModel
    from fluidmol.values.representation import Output, Representation

FEW = 3
"""Molecules that are shown as examples."""

LISTED = 200
"""Sources of a representation that are listed."""

MANY = 20
"""Names, figures or partners that are listed; more are counted."""


def said(value: Value, charter: Charter | None = None) -> Shown:
    """Say what a value says, under a charter if that is at hand.

    Examples
    --------
    >>> from fluidmol.values.messages import Declined
    >>> said(Declined("sha256:" + "0" * 64, "acme", "we are on holiday")).what
    'A refusal: a partner does not answer'
    """
    kind = type(value).__name__
    of_values = kind == "Annotations" and charter is not None and charter.scale is not None
    shown = _positions(value) if of_values else _WORDS[kind](value)
    return shown.but(("type", type(value).__name__), ("digest", value.digest))


def agreed(charter: Charter) -> Shown:
    """Say what a charter says, briefly."""
    endpoints = ", ".join(f"{e.name} ({e.description})" if e.description else e.name for e in charter.endpoints)
    parties = tuple((p.role, f"{plain(p.name)}, fingerprint {p.fingerprint}") for p in charter.parties[:MANY])
    more = len(charter.parties) - MANY
    facts = (
        ("name", plain(charter.name)),
        ("endpoint", plain(endpoints)),
        ("molecules", f"{charter.transfer_size:,}, of the transfer set {charter.transfer_digest or '(not yet named)'}"),
        ("quorum", f"{charter.quorum}"),
        *(parties or (("parties", "none: it is a recipe, or of a simulation"),)),
        *((("", f"and {more:,} parties more"),) if more > 0 else ()),
    )
    remark = "fluid charter show says in plain words what it asks of those who sign it."
    return Shown("A charter: what a consortium has agreed on", facts, remarks=(remark,))


def _positions(value: Any) -> Shown:
    what = "Position: where on the charter's scale the partner's model sees each public molecule, 0 to 1."
    return _annotations(value, "position", what)


def _annotations(
    value: Annotations,
    said: str = "probability",
    meant: str = "Probability: how likely the partner's model holds each public molecule to be active.",
) -> Shown:
    from fluidmol.partner.summary import columns_of  # noqa: PLC0415 - heavy

    rows, endpoints = value.shape
    facts = (
        ("partner", plain(value.partner)),
        ("charter", plain(value.charter)),
        ("molecules", f"{rows:,}, in the order of the charter's transfer set"),
        ("endpoints", f"{endpoints}"),
        ("abstained", f"{int(value.abstained.sum()):,} times"),
    )
    remarks = (
        meant,
        "Proximity: how near the molecule is to what the partner knows; it says something about its compounds.",
        "There are no structures of the partner in it.",
    )
    return Shown("Opinions of a partner about public molecules", facts, tuple(columns_of(value, what=said)), remarks)


def _labels(value: FederatedLabels) -> Shown:
    from fluidmol.values.glance import glance  # noqa: PLC0415 - heavy

    facts: list[tuple[str, str]] = [("charter", plain(value.charter)), ("molecules", f"{len(value.value):,}")]
    shares = value.contribution.mean(axis=(1, 2)) if value.contribution.size else [0.0] * len(value.partners)
    for name, share in list(zip(value.partners, shares, strict=True))[:MANY]:
        facts.append(("partner", f"{plain(name)}, mean share {share:.1%}"))
    if len(value.partners) > MANY:
        facts.append(("", f"and {len(value.partners) - MANY:,} partners more"))
    if value.experts is not None:
        facts.append(("experts", f"of {len(value.experts.partners):,} partners, {value.experts.n_columns:,} columns"))
    columns: list[Glance] = []
    for place in range(value.value.shape[1]):
        number = f" {place + 1}" if value.value.shape[1] > 1 else ""
        columns.append(glance(f"label{number}", value.value[:, place]))
        columns.append(glance(f"spread{number}", value.spread[:, place]))
    return Shown("Federated labels: what a consortium thinks of public molecules", tuple(facts), tuple(columns))


def _compounds(value: CompoundSet) -> Shown:
    examples = tuple(("for example", plain(smiles)) for smiles in value.smiles[:FEW])
    return Shown("Public molecules, such as a transfer set", (("molecules", f"{len(value):,}"), *examples))


def _annotate(value: Annotate) -> Shown:
    shown = agreed(value.charter)
    what = f"A question to partners: what do you think of the {value.charter.transfer_size:,} public molecules?"
    return Shown(what, (("charter", value.charter.digest), *shown.facts))


def _learn(value: Learn) -> Shown:
    shown = _labels(value.labels)
    return Shown("The consortium's labels, and a question: how does your hybrid fare?", shown.facts, shown.columns)


def _scorecard(value: Scorecard) -> Shown:
    facts = (("partner", plain(value.partner)), ("charter", plain(value.charter)), ("figures", f"{len(value.scores)}"))
    rows = tuple((s.model, f"{plain(s.dataset)}: {plain(s.metric)} {s.value:g}") for s in value.scores[:MANY])
    more = len(value.scores) - MANY
    rest = (("", f"and {more:,} figures more"),) if more > 0 else ()
    return Shown("Figures of a partner's models on public sets", (*facts, *rows, *rest))


def _declined(value: Declined) -> Shown:
    facts = (("partner", plain(value.partner)), ("charter", plain(value.charter)), ("reason", plain(value.reason)))
    return Shown("A refusal: a partner does not answer", facts)


def _part(output: Output, options: Mapping[str, object]) -> str:
    """Describe an output; with the power that its maker took, how long its directions are tells their variances."""
    where = "of the features" if not output.depth else f"of hidden layer {output.depth} of a network"
    lengths = (output.onto.weights.numbers.astype(float) ** 2).sum(axis=0) ** 0.5
    words = f"{len(lengths):,} directions {where}, {output.share:.0%} of the squared length"
    power = options.get("whitening" if output.depth else "power")
    if isinstance(power, float) and 0 < power <= 1 and lengths.min() > 0:
        variances = lengths ** (-1 / power)
        return f"{words}, variances {variances.max():.3g} to {variances.min():.3g}"
    return f"{words}, stretched {lengths.min():.3g} to {lengths.max():.3g} times"


def representation(value: Representation) -> Shown:
    """Describe a representation."""
    made = value.provenance
    options = ", ".join(f"{name} {option}" for name, option in made.maker.options)
    facts = [
        ("maker", plain(f"{made.maker.name} ({options})" if options else made.maker.name)),
        ("features", plain(f"{value.featuriser.name}, {value.n_columns:,} columns")),
    ]
    for number, output in enumerate(value.outputs, start=1):
        facts.append((f"part {number}", _part(output, dict(made.maker.options))))
    for source in made.sources[:LISTED]:
        facts.append(("source", plain(f"{source.name}, {source.used:,} compounds used, {source.digest}")))
    if len(made.sources) > LISTED:
        facts.append(("", f"and {len(made.sources) - LISTED:,} sources more"))
    if made.n_excluded:
        facts.append(("excluded", f"{made.n_excluded:,} skeletons, of digest {made.excluded}, for honest studies only"))
    remarks = (
        "It is public: anyone turns a molecule into the same row, of length 1 at most.",
        "What it was made from is said, not proven: fluid representation check makes it again and compares.",
    )
    return Shown("A representation: a public map from molecules to rows of numbers", tuple(facts), remarks=remarks)


def _private(value: PrivateModel) -> Shown:
    return Shown(
        "A private model: what a partner released, with noise",
        (
            ("directions", f"{value.n_columns:,}"),
            ("privacy", f"epsilon {value.epsilon:g} at delta {value.delta:g} for one compound"),
            ("compounds", f"about {value.count:,.0f}: a noisy number"),
        ),
        remarks=("Everything that is ever said under its charter is computed from it.",),
    )


_WORDS: dict[str, Callable[[Any], Shown]] = {
    "Annotate": _annotate,
    "Annotations": _annotations,
    "Charter": agreed,
    "CompoundSet": _compounds,
    "Declined": _declined,
    "FederatedLabels": _labels,
    "Learn": _learn,
    "PrivateModel": _private,
    "Representation": representation,
    "Scorecard": _scorecard,
}
