"""Tables that state the class."""

from __future__ import annotations

import random
from collections.abc import Sequence

from layouts.cases import Case, Draft, any_text
from layouts.noise import harmless
from layouts.numbers import ENGLISH
from layouts.truth import COMPOUNDS

PAIRS = (
    ("1", "0"), ("1.0", "0.0"), ("True", "False"), ("TRUE", "FALSE"), ("Active", "Inactive"), ("active", "inactive"),
    ("yes", "no"), ("Positive", "Negative"), ("pos", "neg"), ("toxic", "non-toxic"), ("A", "I"),
)  # fmt: skip
UNDECIDED = (
    "Inconclusive", "Equivocal", "Intermediate", "Unspecified", "Ambiguous", "inconclusive", "EQUIVOCAL", "", "NA",
)  # fmt: skip
NAMES = ("active", "Active", "class", "label", "Outcome", "activity_class", "is_active", "Toxicity", "hit", "y")


def classes(rng: random.Random) -> Case:
    """Draw a table with one column of classes, some of them undecided."""
    draft = _draft(rng, "classes")
    name = rng.choice(NAMES) if rng.random() < 0.7 else "hERG result"
    if name == "hERG result" or rng.random() < 0.4:
        draft.wanted["active_column"] = name
    draft.add(name, _cells(draft, rng.choice(PAIRS)))
    return _finish(draft)


def pubchem_outcomes(rng: random.Random) -> Case:
    """Draw PubChem's outcomes: words, or its codes, of which 1 is inactive and 2 is active."""
    draft = _draft(rng, "PubChem outcomes")
    name = "PUBCHEM_ACTIVITY_OUTCOME"
    if rng.random() < 0.7:
        draft.wanted["active_column"] = name
    if rng.random() < 0.2:
        draft.plain = False
        if rng.random() < 0.3:  # a list of inactive ones
            draft.classes = [False] * len(draft.smiles)
        draft.add(name, [{True: "2", False: "1", None: rng.choice("34")}[state] for state in draft.classes])
    else:
        words = {True: "Active", False: "Inactive"}
        draft.add(name, [words.get(s) or rng.choice(["Inconclusive", "Unspecified"]) for s in draft.classes])
    draft.add("PUBCHEM_ACTIVITY_SCORE", [str(rng.randint(0, 100)) for _ in draft.smiles])
    return _finish(draft)


def two_candidates(rng: random.Random) -> Case:
    """Draw a table with two columns of classes, of which only its author knows which is meant."""
    draft = _draft(rng, "two candidates")
    draft.plain = False
    first, second = rng.sample(NAMES, 2)
    if first.lower() == second.lower():
        second = "Toxicity"
    pair = rng.choice(PAIRS)
    odd = _cells(draft, pair) if rng.random() < 0.5 else None
    draft.add(first, odd or [pair[0] if state else pair[1] if state is False else "" for state in draft.classes])
    draft.add(
        second,
        [rng.choice(rng.choice([pair, ("1", "0")])) if rng.random() < 0.1 else rng.choice(pair) for _ in draft.smiles],
    )
    if rng.random() < 0.3:
        draft.wanted["active_column"] = first
    return _finish(draft)


def twins(rng: random.Random) -> Case:
    """Draw a table with two columns of one name and different classes."""
    draft = _draft(rng, "two columns of one name")
    draft.plain = False
    name, pair = rng.choice(NAMES), rng.choice(PAIRS)
    draft.add(name, [pair[0] if state else pair[1] if state is False else "" for state in draft.classes])
    draft.add(name, [rng.choice(pair) for _ in draft.smiles])
    if rng.random() < 0.5:
        draft.wanted["active_column"] = name
    draft.add("smiles", draft.smiles)
    draft.shuffle()
    return draft.finish(any_text(rng, rng.choice([",", ";", "\t"])).write)


def signs(rng: random.Random) -> Case:
    """Draw classes as 1 and -1, as some programs want them; or as 1 and 2, in either sense."""
    draft = _draft(rng, "numbers for classes")
    draft.plain = False
    yes, no = rng.choice([("1", "-1"), ("1", "2"), ("2", "1"), ("+", "-"), ("1", "N"), ("2", "0")])
    draft.add("class", [yes if state else no if state is False else "" for state in draft.classes])
    return _finish(draft)


def negated(rng: random.Random) -> Case:
    """Draw a column whose name denies the class, so that yes means inactive."""
    draft = _draft(rng, "negated classes")
    draft.plain = False
    name = rng.choice(["inactive", "Inactive", "non_blocker", "not active", "nontoxic", "is_inactive", "non-toxic"])
    draft.wanted["active_column"] = name
    yes, no = rng.choice([("1", "0"), ("True", "False"), ("yes", "no"), ("TRUE", "FALSE")])
    draft.add(name, [no if state else yes if state is False else "" for state in draft.classes])
    return _finish(draft)


def numbers_beside(rng: random.Random) -> Case:
    """Draw a column of the class beside one of values whose name also sounds like a class."""
    draft = _draft(rng, "values beside classes")
    draft.plain = False
    pair = rng.choice(PAIRS)
    draft.add(rng.choice(["class", "label"]), _cells(draft, pair))
    draft.add(rng.choice(["activity", "y", "target"]), [f"{rng.uniform(4, 9):.2f}" for _ in draft.smiles])
    return _finish(draft)


def _draft(rng: random.Random, layout: str) -> Draft:
    smiles = rng.sample(COMPOUNDS, rng.randint(3, 12))
    states: list[bool | None] = [rng.choice([True, False, False, None]) for _ in smiles]
    if rng.random() < 0.5:
        states = [bool(state) for state in states]
    states[:2] = [True, False]
    return Draft(layout, rng, smiles, states, {})


def _cells(draft: Draft, pair: Sequence[str]) -> list[str]:
    few = draft.rng.sample(UNDECIDED, 2)
    return [pair[0] if s else pair[1] if s is False else draft.rng.choice(few) for s in draft.classes]


def _finish(draft: Draft) -> Case:
    draft.add("smiles", draft.smiles)
    harmless(draft, ENGLISH, 3)
    draft.shuffle()
    return draft.finish_any()
