"""Tables that people make themselves: any names, units here or there, KNIME's and German spreadsheets' manners."""

from __future__ import annotations

import random
from collections.abc import Sequence

from layouts.cases import Case, Draft, any_text
from layouts.noise import foreign, harmless
from layouts.numbers import ENGLISH, GERMAN, PYTHON, SPELLINGS, Marks, in_unit, related, spelt
from layouts.truth import FLIPPED, Limit, Measured, draw_limit, draw_measured, to_p

QUANTITIES = ("IC50", "Ki", "EC50", "Kd", "AC50", "ic50")
SMILES_NAMES = ("smiles", "SMILES", "Smiles", "canonical_smiles", "Structure", "cpd_smiles", "Canonical Smiles")
BARE = ("{}", "{}", "value", "Value", "activity_value", "standard_value", "Potency", "Standard Value", "standardValue")
IN_HEADER = ("{} ({})", "{} [{}]", "{}_{}", "{}, {}", "{} {}", "{}({})")
IN_HEADER_ODDLY = (
    "{}/{}", "{} in {}", "{}.{}", "{}-{}", "{}_{}_mean", "Mean {} ({})", "{} ({}) mean", "{} {} avg", "{}{}", "{}:{}",
    "{} [{}] human", "hERG {} ({}), n=3",
)  # fmt: skip
UNITS = ("units", "unit", "Units", "{} units", "{}_units", "{}_unit", "{} Unit")
UNITS_ODDLY = ("uom", "measured in", "dimension", "{}_uom", "conc")
RELATIONS = (
    "relation", "qualifier", "operator", "Relation", "{}_relation", "{}_qualifier", "{} relation",
    "activity_qualifier", "modifier",
)  # fmt: skip
RELATIONS_ODDLY = ("sign", "mod", "prefix", "op", "Vorzeichen", "comparison", "rel", "{}_sign", "gt_lt")
MISSING = ("", "", "NA", "n/a", "null")
WORDS = (
    {"<": "lt", ">": "gt", "=": "eq", "<=": "le", ">=": "ge", "~": "ca"},
    {"<": "less than", ">": "greater than", "=": "equal", "<=": "at most", ">=": "at least", "~": "about"},
    {"<": "&lt;", ">": "&gt;", "=": "=", "<=": "&lt;=", ">=": "&gt;=", "~": "~"},
    {"<": "＜", ">": "＞", "=": "＝", "<=": "≦", ">=": "≧", "~": "∼"},
    {"<": "<", ">": ">", "=": "exact", "<=": "<=", ">=": ">=", "~": "approx."},
)
"""Relations as words and as other characters."""


def own(rng: random.Random) -> Case:
    """Draw a table of concentrations."""
    limit = draw_limit(rng, p=rng.random() < 0.08)
    placed = rng.choices(["none", "column", "cell"], [3, 5, 3])[0]
    rows = draw_measured(rng, limit, censored=0.0 if placed == "none" else 0.3)
    marks = rng.choices([ENGLISH, PYTHON, Marks(".", ","), GERMAN, Marks(",", ".")], [10, 6, 2, 4, 3])[0]
    quantity = rng.choice(QUANTITIES)
    draft = Draft.of("own", rng, rows, limit, "")
    units, in_cell = _place_units(draft, quantity, limit)
    numbers = [_cell(row, unit, marks) for row, unit in zip(rows, units, strict=True)]
    if placed == "column":
        add_relations(draft, rows, quantity)
    cells = [
        text and _sign(rng, row, placed) + text + (rng.choice(["", " "]) + spelt(rng, unit) if in_cell else "")
        for row, text, unit in zip(rows, numbers, units, strict=True)
    ]
    draft.plain = draft.plain and limit.unit != "p"
    missing = rng.choice(MISSING)
    draft.add(draft.wanted["value_column"], [cell or missing for cell in cells])
    if not marks.clear(numbers):
        settle_marks(draft, marks)
    elif rng.random() < 0.1:
        draft.wanted["decimal"] = marks.decimal
    if rng.random() < 0.08 and "value_unit" not in draft.wanted and draft.stated:
        draft.wanted["value_unit"] = rng.choice(sorted({"nM", "uM", "M", "p"} - set(units)))
        draft.plain = False
    return finish(draft, marks)


def own_p(rng: random.Random) -> Case:
    """Draw a table on the p scale; its relations are of the p values, or carried over from the concentrations."""
    limit = draw_limit(rng, p=rng.random() < 0.85)
    placed = rng.choices(["none", "own", "any", "carried", "cell", "cell carried"], [5, 3, 2, 3, 1, 1])[0]
    rows = draw_measured(rng, limit, p=True, censored=0.0 if placed == "none" else 0.3, extreme=placed != "any")
    quantity = rng.choice(("IC50", "Ki", "EC50", "ic50"))
    named = rng.random() < 0.7
    value = (
        rng.choice(["p{}", "p{} value", "p{}"]).format(quantity) if named else rng.choice(["value", "activity", "y0"])
    )
    draft = Draft.of("own p", rng, rows, limit, value)
    draft.plain = placed in {"none", "own"} and limit.unit == "p"
    if not named or rng.random() < 0.1:
        draft.wanted["value_unit"] = "p"
    marks = rng.choices([ENGLISH, PYTHON, GERMAN], [4, 4, 2])[0]
    cells = ["" if row.molar is None else marks.text(to_p(row.molar)) for row in rows]
    carried = "carried" in placed
    signs = [row.relation if carried else FLIPPED[row.relation] for row in rows]
    if placed.startswith("cell"):
        cells = [
            cell and related(rng, sign if sign != "=" else "") + cell for cell, sign in zip(cells, signs, strict=True)
        ]
    elif placed != "none":
        names = (
            ["p{}_relation", "p{} relation", "p{}_qualifier"]
            if placed == "own" and named
            else ["relation", "qualifier"]
        )
        if carried:
            names += ["standard_relation", f"{quantity}_relation"]
        draft.add(rng.choice(names).format(quantity), [related(rng, sign) for sign in signs])
        draft.plain = draft.plain and named
    draft.add(value, cells)
    return finish(draft, marks)


def finish(draft: Draft, marks: Marks) -> Case:
    """Add structures and noise, and write the file."""
    rng = draft.rng
    name = rng.choice(SMILES_NAMES)
    if rng.random() < 0.1:
        name, draft.wanted["smiles_column"] = "drawn", "drawn"
    draft.add(name, draft.smiles)
    harmless(draft, marks)
    if rng.random() < 0.25:
        foreign(draft, marks)
    if rng.random() < 0.7:
        draft.shuffle()
    if marks.decimal == "," or marks.thousands:
        delimiter = rng.choices([";", "\t", ","], [6, 3, 2])[0]
        return draft.finish(any_text(rng, delimiter).write)
    return draft.finish_any()


def _place_units(draft: Draft, quantity: str, limit: Limit) -> tuple[list[str], bool]:
    """Decide where the unit is stated, and name the column of values.

    Return each row's unit, and whether it stands in the cells.
    """
    rng, n = draft.rng, len(draft.smiles)
    unit = rng.choices(["nM", "uM", "M", "mM", "pM"], [12, 10, 1, 1, 1])[0]
    placed = rng.choices(["column", "header", "cell", "option"], [4, 4, 1, 3])[0]
    value = rng.choice(BARE).format(quantity)
    units = [unit] * n
    if placed == "header":
        oddly = rng.random() < 0.15
        value = rng.choice(IN_HEADER_ODDLY if oddly else IN_HEADER).format(quantity, spelt(rng, unit))
        draft.plain = not oddly
    elif placed == "option":
        if rng.random() < 0.6 or limit.unit in {unit, "p"}:
            draft.wanted["value_unit"] = unit
        draft.plain = "value_unit" in draft.wanted  # else a reader may ask
        units = [draft.wanted.get("value_unit", limit.unit)] * n
    elif placed == "column":
        units = _units_column(draft, quantity, value, unit)
    draft.wanted["value_column"] = value
    draft.stated = placed != "option"
    return units, placed == "cell"


def _units_column(draft: Draft, quantity: str, value: str, unit: str) -> list[str]:
    rng, n = draft.rng, len(draft.smiles)
    mixed = rng.random() < 0.3
    units = [rng.choice(["nM", "uM"]) if mixed else unit for _ in range(n)]
    odd = rng.random() < 0.15
    name = _companion(rng, value, UNITS_ODDLY if odd else UNITS, quantity, ("units", "Units"))
    texts = (
        [spelt(rng, each) if mixed else each for each in units]
        if rng.random() < 0.8
        else [SPELLINGS[u][-1] for u in units]
    )
    other = rng.choice(["", "", "%", "ug/mL", "NA", "/min"])
    if rng.random() < 0.25:
        for i in rng.sample(range(n), rng.randint(1, max(1, n // 3))):
            texts[i] = other
            draft.classes[i] = None
    draft.add(name, texts)
    if rng.random() < 0.15:
        draft.wanted["units_column"] = name
        odd = False
    draft.plain = not odd
    return units


def _companion(rng: random.Random, value: str, names: Sequence[str], quantity: str, standard: tuple[str, str]) -> str:
    """Name a companion of the column of values: of its own family, or a general name."""
    family = {"standard_value": "standard_" + standard[0], "Standard Value": "Standard " + standard[1],
              "standardValue": "standard" + standard[1]}  # fmt: skip
    if value in family and rng.random() < 0.8:
        return family[value]
    return rng.choice(names).format(quantity if quantity in value else value)


def add_relations(draft: Draft, rows: Sequence[Measured], quantity: str) -> None:
    """Add a column of relations."""
    rng, value = draft.rng, draft.wanted["value_column"]
    odd = rng.random() < 0.15
    name = _companion(rng, value, RELATIONS_ODDLY if odd else RELATIONS, quantity, ("relation", "Relation"))
    if rng.random() < 0.15:
        draft.wanted["relation_column"] = name
        odd = False
    quoted, blank = rng.random() < 0.1, rng.random() < 0.3
    words = rng.choice(WORDS) if rng.random() < 0.06 else None
    texts = [words[row.relation] if words else related(rng, row.relation, quoted=quoted) for row in rows]
    draft.add(name, ["" if blank and row.relation == "=" else text for row, text in zip(rows, texts, strict=True)])
    draft.plain = draft.plain and not odd and not words


def _sign(rng: random.Random, row: Measured, placed: str) -> str:
    """Write what stands before the number."""
    if placed != "cell" or row.relation == "=":
        return ""
    return related(rng, row.relation) + rng.choice(["", "", " "])


def settle_marks(draft: Draft, marks: Marks) -> None:
    """The decimal mark where the file leaves it open, or still open."""
    if draft.rng.random() < 0.5:
        draft.wanted["decimal"] = marks.decimal
    else:
        draft.plain = False


def _cell(row: Measured, unit: str, marks: Marks) -> str:
    return "" if row.molar is None else marks.text(in_unit(row.molar, unit))
