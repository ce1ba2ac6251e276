"""Hypothesis strategies that mirror ``fluidmol.values``."""

import math

import attrs
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import PARTS, Charter, Endpoint, Party
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.grids import Grid
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.measure import RELATIONS, Measure
from fluidmol.values.messages import Annotate, Declined, Learn, Score, Scorecard
from fluidmol.values.names import is_part
from fluidmol.values.parties import signing_text
from fluidmol.values.parts import Part
from fluidmol.values.private_model import PrivateModel
from fluidmol.values.provenance import Provenance, Source, skeletons_digest
from fluidmol.values.quantities import is_logarithm
from fluidmol.values.representation import Branch, Layer, Output, Representation

digests = st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:".__add__)
words = st.text(max_size=12)
probabilities = st.floats(0, 1, width=32)
scalars = st.one_of(
    st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False), words
)
options = st.dictionaries(
    st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True).filter(lambda key: key != "name"), scalars, max_size=3
)
parts = st.builds(Part, words, options)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True).filter(is_part)
quantities = st.text("IKCEpid50 µ(-)", min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and any(map(str.isalnum, text))
)
measures = st.one_of(
    st.builds(
        Measure, quantities.filter(lambda text: not is_logarithm(text)), st.sampled_from(("M", "mM", "uM", "nM", "pM")),
        st.floats(0, exclude_min=True, allow_infinity=False), relations=st.sampled_from(RELATIONS),
    ),
    st.builds(Measure, quantities, st.just("p"), st.floats(-50, 50), relations=st.sampled_from(RELATIONS)),
)  # fmt: skip
endpoints = st.builds(Endpoint, name=names, description=words, measure=st.none() | measures)
_alone = st.builds(
    Charter,
    name=words,
    preset=words,
    seed=st.integers(0, 2**40),
    quorum=st.integers(1, 50),
    endpoints=st.tuples(endpoints),
    transfer_digest=st.one_of(st.just(""), digests),
    transfer_size=st.integers(0, 10**8),
    **dict.fromkeys(PARTS, parts),
)
signing_keys = st.binary(min_size=32, max_size=32).map(signing_text)
sealing_keys = st.text("023456789acdefghjklmnpqrstuvwxyz", min_size=58, max_size=58).map("age1".__add__)


@st.composite
def parties(draw):
    """Parties of a consortium: one coordinator and one to three partners."""
    n = draw(st.integers(2, 4))
    alike = [
        draw(st.lists(texts, min_size=n, max_size=n, unique_by=str.lower))
        for texts in (names, signing_keys, sealing_keys)
    ]
    roles = ("coordinator", *["partner"] * (n - 1))
    return tuple(Party(name, role, *keys) for role, name, *keys in zip(roles, *alike, strict=True))


charters_with_parties = st.builds(
    lambda charter, found: attrs.evolve(charter, parties=found, quorum=1 + charter.quorum % (len(found) - 1)),
    _alone, parties(),
)  # fmt: skip
charters = st.one_of(_alone, charters_with_parties)
inchikeys = st.from_regex(r"[A-Z]{14}-[A-Z]{10}-[A-Z]", fullmatch=True)


@st.composite
def compound_sets(draw):
    keys = draw(st.lists(inchikeys, unique=True, max_size=6))
    return CompoundSet(draw(st.lists(words, min_size=len(keys), max_size=len(keys))), keys)


def matrices(shape):
    return arrays(np.float32, shape, elements=probabilities)


@st.composite
def annotations(draw):
    shape = draw(st.tuples(st.integers(0, 6), st.integers(1, 3)))
    value, weight = draw(matrices(shape)), draw(matrices(shape))
    silent = draw(arrays(bool, shape))
    return Annotations(draw(digests), draw(words), np.where(silent, np.nan, value), np.where(silent, 0, weight))


coefficients = st.floats(-1e4, 1e4, width=32)


@st.composite
def experts_of(draw, names):
    """Experts of some of the partners; None if of nobody."""
    known = sorted(name for name in names if draw(st.booleans()))
    if not known:
        return None
    n, width = len(known), draw(st.integers(2, 5))
    tables = arrays(np.float32, (n, width), elements=coefficients)
    fidelity = draw(arrays(np.float32, n, elements=st.floats(-(2.0**20), 1, width=32)))
    return Experts(known, draw(tables), draw(tables), fidelity, draw(matrices(n)))


@st.composite
def federated_labels(draw):
    names = draw(st.lists(words, unique=True, min_size=1, max_size=4))
    shape = draw(st.tuples(st.integers(0, 5), st.integers(1, 2)))
    share = draw(arrays(np.float64, (len(names), *shape), elements=st.integers(0, 5).map(float)))
    total = share.sum(axis=0)
    share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    value = np.where(total > 0, draw(matrices(shape)), np.nan)
    experts = draw(experts_of(names))
    return FederatedLabels(draw(digests), names, value, draw(matrices(shape)) / 2, share, experts)


@st.composite
def private_models(draw):
    n = draw(st.integers(1, 6))
    opinion = draw(arrays(np.float32, n + 1, elements=coefficients))
    total = draw(arrays(np.float32, n, elements=coefficients))
    above = st.floats(1e-12, 1e6)
    return PrivateModel(opinion, total, draw(above), draw(above), draw(st.floats(1e-12, 0.5)), draw(above))


figures = st.one_of(st.just(math.nan), st.floats(allow_nan=False, allow_infinity=False))
scores = st.builds(Score, st.sampled_from(("teacher", "hybrid")), words, words, figures)
scorecards = st.builds(Scorecard, digests, words, st.lists(scores, max_size=5))
declined = st.builds(Declined, digests, words, words)
annotate = st.builds(Annotate, charters)
learn = st.builds(Learn, charters, federated_labels())


@st.composite
def grids(draw, rows=None, columns=None):
    shape = (draw(st.integers(1, 4)) if rows is None else rows, draw(st.integers(1, 4)) if columns is None else columns)
    exponents = draw(st.lists(st.integers(-20, 8), min_size=shape[1], max_size=shape[1]))
    return Grid(draw(arrays(np.int16, shape, elements=st.integers(-32767, 32767))), exponents)


@st.composite
def layers(draw, rows, columns=None):
    weights = draw(grids(rows, columns))
    return Layer(weights, draw(grids(1, weights.shape[1])))


@st.composite
def branches(draw, width, most):
    found = []
    for _ in range(draw(st.integers(0, 2))):
        found.append(draw(layers(found[-1].weights.shape[1] if found else width)))
    widths = [width, *(layer.weights.shape[1] for layer in found)]
    depths = draw(st.lists(st.integers(0, len(found)), min_size=1, max_size=2))
    outputs = [Output(d, draw(layers(widths[d])), draw(st.floats(0.01, most / 2))) for d in depths]
    return Branch(outputs, found, draw(st.none() | grids(width, 1)), draw(st.sampled_from((0.0, 1.0, 5.0))))


sources = st.builds(Source, st.text("abc. é-9", min_size=1, max_size=9), digests, st.integers(0, 10**6))
provenances = st.builds(
    lambda maker, found, keys: Provenance(maker, found, len(keys), skeletons_digest(keys)),
    parts, st.lists(sources, max_size=3), st.sets(st.text("AB", min_size=14, max_size=14), max_size=2),
)  # fmt: skip


@st.composite
def representations(draw):
    width = draw(st.integers(1, 5))
    n = draw(st.integers(1, 2))
    return Representation(draw(parts), [draw(branches(width, 1 / n)) for _ in range(n)], draw(provenances))


values = st.one_of(
    annotations(), federated_labels(), compound_sets(), charters, annotate, learn, scorecards, declined,
    representations(), private_models(),
)  # fmt: skip
