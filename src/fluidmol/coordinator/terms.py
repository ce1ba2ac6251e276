"""What a charter asks of a partner, in plain words: what leaves, what comes back, and who sees what."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from fluidmol.coordinator.leaks import given_away
from fluidmol.coordinator.words import CATALOGUES, in_words
from fluidmol.values.charter import Charter, Endpoint

TELLING = ("weighted-mean", "reliability")
"""Aggregations whose shares, with one's own weight, give away the weights of all others, whatever the weighting.

Under ``rescaled`` one number more is unknown, the same for all molecules: the decimals of the weights tell it.
"""

FEW = 3
"""So many opinions or fewer of a molecule follow from one's own, their mean and their standard deviation."""

_LIMITS = {
    "judge": "judged where all that they allow lies on one side, and left out otherwise",
    "exclude": "left out",
}


@attrs.frozen
class Clause:
    """One paragraph with its heading."""

    title: str
    """Heading."""

    lines: tuple[str, ...]
    """Full sentences, or items of a list."""


def terms(charter: Charter) -> tuple[Clause, ...]:
    """Say what a charter asks of those who sign it.

    Raises
    ------
    CharterError
        If it has unknown parts.

    Examples
    --------
    >>> [clause.title for clause in terms(Charter.from_preset("open"))][:2]
    ['What is asked', 'What leaves your company']
    """
    return (
        Clause("What is asked", tuple(_asked(charter))),
        Clause("What leaves your company", tuple(_leaves(charter))),
        Clause("What never leaves", (_stays(charter),)),
        Clause("Who sees what", who_sees_what(charter)),
        Clause("What this gives away", given_away(charter)),
        Clause("Models and rules", tuple(_rules(charter))),
        Clause("Parties", tuple(_parties(charter))),
    )  # fmt: skip


def who_sees_what(charter: Charter) -> tuple[str, ...]:
    """Say who learns what from the answers, in full sentences.

    Examples
    --------
    >>> who_sees_what(Charter.from_preset("open"))[0]
    "The coordinator sees each partner's answers, with its name."
    """
    return tuple(_seen(charter))


def _asked(charter: Charter) -> Iterator[str]:
    endpoint = charter.endpoints[0]
    yield f"Endpoint {endpoint.name}: {endpoint.description.rstrip('. ') or 'without a description'}."
    yield _meant(endpoint)
    size = f"{charter.transfer_size:,} public molecules" if charter.transfer_size else "not named yet"
    yield f"Transfer set: {size}{f', {charter.transfer_digest}' if charter.transfer_digest else ''}."
    if charter.privacy is not None:
        yield "A private teacher is trained on your compounds, once; it gives an opinion of each of these molecules."
        return
    yield (
        "You train a teacher on your own compounds, or take a model of your own; it gives an opinion of each of these"
        " molecules."
    )


def _meant(endpoint: Endpoint) -> str:
    measure, scale = endpoint.measure, endpoint.scale
    if scale is not None:
        return (
            f"What is measured: a value, in {scale.unit_words}, on the scale from {scale.range}; lower and higher ones"
            f" are taken for its ends. Errors are measured in {scale.words}. Limits (< and >) are left out. A partner's"
            " file is checked against this before anything leaves."
        )
    if measure is None:
        return (
            "The charter doesn't say in numbers when a compound is active: each partner decides by its own reading of"
            " the description."
        )
    return (
        f"What is measured: {measure.quantity}; active {measure.cut}; limits (< and >) are"
        f" {_LIMITS[measure.relations]}. A partner's file is checked against this before anything leaves."
    )


def _leaves(charter: Charter) -> Iterator[str]:
    many = f"each of the {charter.transfer_size:,}" if charter.transfer_size else "each of the"
    said = (
        "one probability (0 to 1) that it is active"
        if charter.scale is None
        else "one value, as its position on this scale (0 to 1)"
    )
    yield (
        f"First answer: for {many} public molecules {said}, or nothing where your teacher abstains, and one weight"
        " (0 to 1)."
    )
    yield f"The weight is {in_words(charter, 'proximity')}."
    if charter.proximity.name != "uniform" and charter.privacy is None:
        opinions = "probabilities" if charter.scale is None else "values"
        yield f"So weights say something about your compounds, as {opinions} do: see what this gives away, below."
    yield (
        "Precision: both are rounded at your gate, to the decimals of your own policy; the charter asks for none in"
        " particular, and no more than 7 are kept."
    )
    if charter.privacy is not None:
        yield (
            "Both are computed from one private model, which is made once and kept: however often you are asked,"
            " nothing more leaves. A model of your own can't answer under this charter."
        )
        yield (
            "Second answer: always empty. A reason why you decline is your own words, or that noise drowns your private"
            " model, told by its noisy count: none is made up from your data otherwise."
        )
        yield "Every answer is signed with your key."
        return
    yield (
        "Second answer: how well your teacher and your hybrid predict public, labelled sets that all parties hold, a"
        " figure for each measure. It is empty where there are no such sets, or your policy forbids it."
    )
    yield "Instead of either answer you may decline, with a reason in words. Every answer is signed with your key."


def _stays(charter: Charter) -> str:
    but = ""
    if charter.privacy is not None:
        but = " (but one private model of your compounds, which is noisy, can be worked out from your answers)"
    elif charter.distillation.name == "experts":
        but = " (but a linear copy of what your teacher says, see below, is worked out from its answers)"
    return f"Your structures, your measurements, your descriptors and your models{but}. No file format exists for them."


def _seen(charter: Charter) -> Iterator[str]:
    yield "The coordinator sees each partner's answers, with its name."
    yield (
        "Every partner gets the federated labels: for each molecule the common label, how far opinions differed, and"
        " each partner's share in the label. They call partners by pseudonyms: each partner knows its own, and the"
        " coordinator knows all."
    )
    if charter.distillation.name == "experts":
        yield (
            "Every partner also gets the experts: for each partner, under its pseudonym, a model of its teacher and of"
            " how near a molecule is to its compounds, as far as the answers tell. Anybody who has them can ask them"
            " about any molecule."
        )
    yield from _told_by_shares(charter)
    yield (
        "A pseudonym hides a name and no more: whoever knows enough of a partner's chemistry can tell which is its, and"
        " whoever works out all of an opinion to the last digit can check whose it is."
    )
    what = "Labels and experts are" if charter.distillation.name == "experts" else "Labels are"
    yield (
        f"{what} sealed to the parties of this charter, whether or not they answer. Your answers are sealed to the"
        " coordinator, unless you say otherwise."
    )
    yield (
        "Who runs the folder or server between the parties sees names, sizes and times, this charter, the public"
        " molecules, who has signed, and whose answers count; not what is sealed."
    )


def _told_by_shares(charter: Charter) -> Iterator[str]:
    if charter.aggregation.name in TELLING:
        yield (
            "However many partners answer, each of them can work out from the shares and its own weight what weight"
            " every other partner stated for each molecule: weights are as good as published among the partners."
        )
    else:
        yield (
            "However many partners answer, each of them can work out from the shares and its own weight, for some"
            " molecules at least, what weight other partners stated."
        )
    if charter.quorum <= FEW:
        yield (
            f"Where no more than {FEW} partners answer, each of them can work out from labels, differences and shares"
            " what the others said of each molecule; where no more than two answer, anybody who reads the labels can."
        )


def _rules(charter: Charter) -> Iterator[str]:
    yield f"Molecules are described by {in_words(charter, 'featuriser')}."
    if charter.privacy is not None:
        yield f"What leaves is made private by {in_words(charter, 'privacy')}."
        yield f"The model of your own that it is compared with at home is {in_words(charter, 'teacher')}."
    else:
        yield f"A teacher that fluidmol trains is {in_words(charter, 'teacher')}."
    yield f"Combination: {in_words(charter, 'weighting')}, and {in_words(charter, 'aggregation')}."
    soft = "as probabilities" if charter.scale is None else "as values"
    hardness = "as classes" if CATALOGUES["selection"].build(charter.selection).hard else soft
    yield f"Learnt from: {in_words(charter, 'selection')}, {hardness}; {in_words(charter, 'distillation')}."
    if charter.distillation.name == "labels":
        yield f"The student is {in_words(charter, 'student')}."
    yield f"Your hybrid learns from {in_words(charter, 'union')}; its model is {in_words(charter, 'hybrid')}."
    opinions = "1 partner gives" if charter.quorum == 1 else f"{charter.quorum} partners give"
    yield f"Quorum: there is a result when at least {opinions} an opinion. Seed of all randomness: {charter.seed}."


def _parties(charter: Charter) -> Iterator[str]:
    for party in charter.parties:
        yield f"{party.role} {party.name}, keys {party.fingerprint}"
    if charter.parties:
        yield "Compare the fingerprints with each party, by telephone or in person, before you sign."
    else:
        yield "None is named: nobody can sign this charter."
