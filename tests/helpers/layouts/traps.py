"""Tables with something contradictory, odd or missing: a reader may refuse them, and mustn't read them wrongly."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import Decimal

from layouts.cases import Case, Draft, any_text
from layouts.noise import harmless
from layouts.numbers import ENGLISH, GERMAN, PYTHON, in_unit, spelt
from layouts.truth import EXPONENTS, Limit, Measured, draw_limit, draw_measured, to_p
from layouts.writers import Text

_OTHER_SCALES = (
    "Inhibition (%)", "% inhibition", "inhibition_pct", "activity [%]", "IC50 (ug/mL)", "IC50_ug_ml", "IC50 [mg/L]",
    "IC50 (ng/ml)", "Percent inhibition at 10 uM", "dose (mg/kg)",
)  # fmt: skip


def p_beside_nanomolar(rng: random.Random) -> Case:
    """Draw p values, beside the concentrations that they come of and the unit of these."""
    rows, draft = _begin(rng, "p beside nM", p=True, censored=rng.choice([0, 0.3]))
    raw = rng.choice(["IC50", "standard_value", "value"])
    name = rng.choice(["pIC50", "pchembl_value", "pActivity", "pki"])
    draft.wanted["value_column"] = name
    draft.add(name, [_p(row) for row in rows])
    draft.add(raw, [_number(row, "nM") for row in rows])
    draft.same(rng.choice(["units", f"{raw}_units", "standard_units", "Unit"]), spelt(rng, "nM"))
    if any(row.relation != "=" for row in rows):
        draft.add(rng.choice(["relation", "standard_relation", f"{raw}_relation"]), [row.relation for row in rows])
    return _finish(draft)


def p_called_nanomolar(rng: random.Random) -> Case:
    """Draw p values in a column whose unit was left as it was before they were transformed."""
    rows, draft = _begin(rng, "p called nM", p=True)
    draft.wanted["value_column"] = "standard_value"
    draft.add("standard_value", [_p(row) for row in rows])
    draft.same("standard_units", "nM")
    return _finish(draft)


def logarithms(rng: random.Random) -> Case:
    """Draw log10 of the concentration, in M or in another unit, which is no p scale and no concentration."""
    unit = rng.choice(["M", "nM", "uM"])
    rows, draft = _begin(rng, "logarithms", p=rng.random() < 0.5)
    name = rng.choice(["logIC50", "Log IC50", "log10_IC50", "Fit_LogAC50", "log(IC50)"])
    if unit != "M":
        name += rng.choice([f" ({unit})", f"_{unit}", f" [{unit}]"])
    draft.wanted["value_column"] = name
    exponent = EXPONENTS[unit]
    draft.add(name, ["" if row.molar is None else f"{-to_p(row.molar) - exponent}" for row in rows])
    return _finish(draft)


def p_of_other_units(rng: random.Random) -> Case:
    """Draw -log10 of the concentration in uM or nM, not in M."""
    rows, draft = _begin(rng, "p of other units", p=True)
    unit = rng.choice(["uM", "nM"])
    name = rng.choice(["pIC50 ({})", "pIC50_{}", "-log10(IC50 [{}])", "-log IC50 ({})", "pIC50 [{}]"]).format(unit)
    draft.wanted["value_column"] = name
    draft.add(name, ["" if row.molar is None else f"{to_p(row.molar) + EXPONENTS[unit]}" for row in rows])
    return _finish(draft)


def header_against_column(rng: random.Random) -> Case:
    """Draw a unit in the header and another one in a column, of which only one is true."""
    rows, draft = _begin(rng, "header against units")
    true, other = rng.sample(["nM", "uM"], 2)
    header, column = rng.choice([(true, other), (other, true)])
    name = rng.choice(["IC50 ({})", "IC50_{}", "Ki [{}]"]).format(header)
    draft.wanted["value_column"] = name
    draft.add(name, [_number(row, true) for row in rows])
    draft.same(rng.choice(["units", "IC50_units" if "IC50" in name else "Ki_units", "unit"]), column)
    return _finish(draft)


def two_relations(rng: random.Random) -> Case:
    """Draw two columns of relations that disagree, of which only one is true."""
    rows, draft = _begin(rng, "two relations", censored=0.5)
    draft.wanted["value_column"] = "IC50_nM"
    draft.add("IC50_nM", [_number(row, "nM") for row in rows])
    names = rng.sample(["relation", "qualifier", "operator", "IC50_relation", "modifier", "standard_relation"], 2)
    draft.add(names[0], [row.relation for row in rows])
    draft.add(names[1], [rng.choice(["=", ">", "<"]) for _ in rows])
    return _finish(draft)


def two_units(rng: random.Random) -> Case:
    """Draw two columns of units that disagree, of which only one is true."""
    rows, draft = _begin(rng, "two units")
    true, other = rng.sample(["nM", "uM"], 2)
    draft.wanted["value_column"] = "value"
    draft.add("value", [_number(row, true) for row in rows])
    names = rng.sample(["units", "unit", "standard_units", "value_units"], 2)
    draft.same(names[0], true)
    draft.same(names[1], other)
    return _finish(draft)


def other_scale(rng: random.Random) -> Case:
    """Draw values that are no molar concentrations at all."""
    rows, draft = _begin(rng, "no concentration", p=rng.random() < 0.2)
    name = rng.choice([*_OTHER_SCALES, "value", "result"])
    draft.wanted["value_column"] = name
    draft.draw(name, lambda _: f"{rng.uniform(0, 120):.1f}")
    if name in {"value", "result"}:
        draft.same(rng.choice(["units", "unit"]), rng.choice(["%", "ug/mL", "mg/kg", "s-1", "percent", "fold"]))
    draft.classes = [None] * len(rows)
    return _finish(draft)


def twin_values(rng: random.Random) -> Case:
    """Draw two columns of values with one name, of which only one is meant."""
    rows, draft = _begin(rng, "two columns of values")
    name = rng.choice(["IC50_nM", "IC50 (nM)", "IC50"])
    limit = Limit(Decimal(str(draft.wanted["threshold"])), draft.wanted["unit"])
    unit = "nM" if "nM" in name else limit.unit
    draft.wanted["value_column"] = name
    twin = name if rng.random() < 0.6 else name.lower()
    draft.add(name, [_number(row, unit) for row in rows])
    others = draw_measured(rng, limit)
    draft.add(twin, ["" if row.molar is None else _number(rng.choice(others), unit) or "1" for row in rows])
    return _finish(draft)


def units_below(rng: random.Random) -> Case:
    """Draw a row of units below the header."""
    rows, draft = _begin(rng, "units below the header")
    unit = rng.choice(["nM", "uM"])
    draft.wanted["value_column"] = "IC50"
    draft.add("IC50", [_number(row, unit) for row in rows])
    draft.add("smiles", draft.smiles)
    draft.draw("Molecular Weight", lambda _: f"{rng.uniform(100, 600):.1f}")
    draft.shuffle()
    mark = rng.choice(["{}", "[{}]", "({})"])
    texts = {"IC50": mark.format(spelt(rng, unit)), "Molecular Weight": mark.format("g/mol"), "smiles": ""}
    below = (tuple(texts[name] for name, _ in draft.columns),)
    return draft.finish(Text(rng.choice([",", ";", "\t"]), below=below).write)


def broken_rows(rng: random.Random) -> Case:
    """Draw unquoted text with delimiters and quotes in names, which shift or swallow what comes behind."""
    rows, draft = _begin(rng, "broken rows", censored=0.3)
    delimiter = rng.choice([",", ";", "\t"])
    other = {",": "1,1-dimethyl", ";": "E;Z isomer", "\t": "left\tright"}[delimiter]
    names = ['"A-ring analog', 'B-ring analog"', "aspirin", "", '3"-methoxy', other, f'"{other}', '"']
    draft.wanted["value_column"] = "IC50 (nM)"
    draft.draw("Name", lambda _: rng.choice(names))
    draft.add("IC50 (nM)", [_number(row, "nM") for row in rows])
    draft.add("relation", [row.relation for row in rows])
    draft.add("Document Year", [str(rng.randint(1990, 2024)) for _ in rows])
    draft.add("Ki (nM)", [str(rng.randint(1, 99999)) for _ in rows])
    draft.columns.insert(rng.randint(0, len(draft.columns)), ("smiles", draft.smiles))
    return draft.finish(Text(delimiter, "none").write)


def odd_numbers(rng: random.Random) -> Case:
    """Draw numbers as people type them; some are none."""
    rows, draft = _begin(rng, "odd numbers")
    unit = rng.choice(["nM", "uM"])
    draft.wanted["value_column"] = f"IC50 ({unit})"
    cells = []
    for i, row in enumerate(rows):
        number = None if row.molar is None else in_unit(row.molar, unit)
        text, told = rng.choice(_ODD_NUMBERS if rng.random() < 0.5 else _ODD_NUMBERS[:1])(number)
        cells.append(text)
        if not told:
            draft.classes[i] = None
    draft.add(draft.wanted["value_column"], cells)
    return _finish(draft)


def _spaced(mark: str) -> Callable[[Decimal | None], tuple[str, bool]]:
    return lambda number: ("" if number is None else f"{number:,f}".replace(",", mark), True)


def _with(form: str, *, told: bool = True) -> Callable[[Decimal | None], tuple[str, bool]]:
    return lambda number: ("" if number is None else form.format(ENGLISH.text(number)), told)


_ODD_NUMBERS: Sequence[Callable[[Decimal | None], tuple[str, bool]]] = (
    _with("{}"), _spaced(" "), _spaced("'"), _spaced("\u00a0"), _spaced("\u202f"), _with("{} ± 0.3"), _with("{} (n=3)"),
    _with("{}*"), _with("ca. {}"), _with("={}"), lambda n: ("" if n is None else f"{n:.6E}", True),
    _with("-{}", told=False),
    lambda _: ("5-5000000", False), lambda _: ("1-May", False), lambda _: ("01.05.2020", False),
    lambda _: ("n.d.", False),
    lambda _: ("inf", False), lambda _: ("nan", False), lambda _: ("1_000_000_", False), lambda _: ("#DIV/0!", False),
    lambda _: ("0.1/900000", False), lambda _: ("0.1; 900000", False), lambda _: ("not active", False),
)  # fmt: skip


def mixed_marks(rng: random.Random) -> Case:
    """Draw a column that two people filled in, one with decimal commas and one with points."""
    rows, draft = _begin(rng, "mixed marks")
    unit = rng.choice(["nM", "uM"])
    draft.wanted["value_column"] = f"IC50 ({unit})"
    cells = []
    for row in rows:
        marks = rng.choice([ENGLISH, GERMAN])
        text = "" if row.molar is None else marks.text(in_unit(row.molar, unit))
        cells.append(text if marks.clear([text]) else text + "0")  # 3,579 could be thousands, and would be then
    draft.add(draft.wanted["value_column"], cells)
    return _finish(draft)


def odd_units(rng: random.Random) -> Case:
    """Draw units that are seldom written, or that look like others."""
    rows, draft = _begin(rng, "odd units")
    unit, text = rng.choice([
        ("uM", "nmol/mL"), ("mM", "umol/mL"), ("nM", "10^-9 M"), ("nM", "10'-9M"), ("nM", "nmol.L-1"), ("nM", "nM."),
        ("nM", "nmol l-1"), ("uM", "10-6 mol/L"), ("uM", "uM/L"), ("uM", "microM"), ("nM", "E-9 M"), ("M", "M-1"),
        ("nM", "nM-1"), ("uM", "1/uM"), ("uM", "uM^-1"), ("nM", "x 10^-3 uM"), ("uM", "10^3 nM"), ("uM", "x1000 nM"),
        ("nM", "1e-9 M"), ("nM", "10⁻⁹ M"), ("nM", "NM"), ("uM", "umol/dm3"), ("nM", "pmol/mL"), ("mM", "mol/m3"),
        ("uM", "ÂµM"), ("uM", "?M"), ("mM", "mМ"), ("uM", "�M"), ("nM", "n M"), ("uM", "u-M"), ("nM", "nanomole/L"),
    ])  # fmt: skip
    if text in {"M-1", "nM-1", "1/uM", "uM^-1"}:  # an association constant: the reciprocal
        draft.classes = [None] * len(rows)
    header = rng.random() < 0.4
    name = f"IC50 ({text})" if header else "IC50"
    draft.wanted["value_column"] = name
    draft.add(name, [_number(row, unit) for row in rows])
    if not header:
        draft.same("units", text)
    return _finish(draft)


def cell_against_header(rng: random.Random) -> Case:
    """Draw some cells with a unit of their own under a header with another one."""
    rows, draft = _begin(rng, "cells against header")
    draft.wanted["value_column"] = "IC50 (nM)"
    cells = []
    for row in rows:
        unit = rng.choice(["nM", "nM", "uM"])
        text = _number(row, unit)
        cells.append(f"{text} {spelt(rng, unit)}" if text and unit != "nM" else text)
    draft.add("IC50 (nM)", cells)
    return _finish(draft)


def lines_above(rng: random.Random) -> Case:
    """Draw lines of text above the header."""
    rows, draft = _begin(rng, "lines above the header", censored=0.3)
    draft.wanted["value_column"] = "IC50 (nM)"
    draft.add("smiles", draft.smiles)
    draft.add("relation", [row.relation for row in rows])
    draft.add("IC50 (nM)", [_number(row, "nM") for row in rows])
    above = rng.choice([("# made by ELN 3.2",), ("Assay: hERG", ""), ("Results, 2020", "IC50 in uM"), ("",)])
    return draft.finish(Text(rng.choice([",", ";", "\t"]), above=above).write)


def joined_tables(rng: random.Random) -> Case:
    """Draw two tables, one below the other, with the header repeated."""
    rows, draft = _begin(rng, "joined tables", censored=0.3)
    draft.wanted["value_column"] = "IC50 (nM)"
    at = rng.randint(1, len(rows))
    draft.smiles.insert(at, "smiles")
    draft.classes.insert(at, None)
    signs, cells = [row.relation for row in rows], [_number(row, "nM") for row in rows]
    signs.insert(at, "relation")
    cells.insert(at, "IC50 (nM)")
    draft.columns = [("smiles", draft.smiles), ("relation", signs), ("IC50 (nM)", cells)]
    return draft.finish(any_text(rng, rng.choice([",", ";", "\t"])).write)


def concentrations_called_p(rng: random.Random) -> Case:
    """Draw concentrations of which the user says that they are p values."""
    rows, draft = _begin(rng, "concentrations called p", p=True)
    stated = rng.random() < 0.5
    draft.wanted["value_column"] = name = rng.choice(["IC50 (nM)", "Ki_nM"]) if stated else "activity"
    draft.wanted["value_unit"] = "p" if rng.random() < 0.5 else None
    draft.add(name, [_number(row, "nM") for row in rows])
    if not stated:  # numbers beyond any p value; the others can't be told from such
        draft.classes = [None] * len(rows)
        draft.columns = [(name, [str(rng.randint(50, 90_000)) for _ in rows])]
    return _finish(draft)


def _begin(rng: random.Random, layout: str, *, p: bool = False, censored: float = 0.0) -> tuple[list[Measured], Draft]:
    limit = draw_limit(rng, p=p)
    rows = draw_measured(rng, limit, p=p, censored=censored, extreme=p)
    draft = Draft.of(layout, rng, rows, limit, "")
    draft.plain = False
    return rows, draft


def _finish(draft: Draft) -> Case:
    draft.add("smiles", draft.smiles)
    harmless(draft, ENGLISH, 2)
    draft.shuffle()
    return draft.finish_any()


def _number(row: Measured, unit: str) -> str:
    return "" if row.molar is None else ENGLISH.text(in_unit(row.molar, unit))


def _p(row: Measured) -> str:
    return "" if row.molar is None else PYTHON.text(to_p(row.molar))


TRAPS: tuple[Callable[[random.Random], Case], ...] = (
    p_beside_nanomolar, p_called_nanomolar, logarithms, p_of_other_units, header_against_column, two_relations,
    two_units, other_scale, twin_values, units_below, broken_rows, odd_numbers, mixed_marks, odd_units,
    cell_against_header, lines_above, joined_tables, concentrations_called_p,
)  # fmt: skip
