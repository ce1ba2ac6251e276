"""Tables from ChEMBL (web export, client) and MELLODDY, with their companions, odd rows and second scales."""

from __future__ import annotations

import random
from decimal import Decimal

from layouts.cases import Case, Draft, any_text
from layouts.numbers import ENGLISH, PYTHON, in_unit, related
from layouts.truth import FLIPPED, Measured, draw_limit, draw_measured, to_p
from layouts.writers import Text, write_parquet

_ODD = ("Log", "%", "ug.mL-1", "pIC50", "blank")


def chembl_web(rng: random.Random) -> Case:
    """Draw an export of the web page: semicolons, all quoted, relations in quotes, values on two scales."""
    on_p = rng.random() < 0.35
    limit = draw_limit(rng, p=on_p)
    rows = draw_measured(rng, limit, p=on_p, censored=0.3, extreme=on_p)
    draft = Draft.of("ChEMBL web export", rng, rows, limit, "pChEMBL Value" if on_p else "Standard Value")
    odd = _odd_rows(draft, rows, share=0.25)
    n = len(rows)
    everywhere = rng.random() < 0.2  # curated tables have a p value of each row; ChEMBL only where the relation is =
    draft.plain = not (on_p and everywhere)
    p_values = [
        "" if row.molar is None or odd[i] or not (everywhere or row.relation == "=") else f"{to_p(row.molar)}"
        for i, row in enumerate(rows)
    ]
    if on_p:
        draft.classes = [state if p_values[i] else None for i, state in enumerate(draft.classes)]
    quoted = rng.random() < 0.8
    draft.add("Molecule ChEMBL ID", [f"CHEMBL{rng.randint(1, 99999)}" for _ in range(n)])
    draft.same("Molecule Name", "")
    draft.add("Molecular Weight", [f"{rng.uniform(100, 600):.2f}" for _ in range(n)])
    draft.add("#RO5 Violations", [rng.choice("012") for _ in range(n)])
    draft.add("AlogP", [f"{rng.uniform(-2, 6):.2f}" for _ in range(n)])
    draft.add("Smiles", draft.smiles)
    draft.add("Standard Type", [_type(odd[i]) for i in range(n)])
    draft.add(
        "Standard Relation", ["" if row.molar is None else related(rng, row.relation, quoted=quoted) for row in rows]
    )
    draft.add("Standard Value", [_value(row, odd[i], "nM", python=rng.random() < 0.3) for i, row in enumerate(rows)])
    draft.add("Standard Units", [_unit(odd[i], "nM") for i in range(n)])
    draft.add("pChEMBL Value", p_values)
    draft.same("Data Validity Comment", "")
    draft.same("Uo Units", "UO_0000065")
    draft.add("Ligand Efficiency BEI", [f"{rng.uniform(5, 30):.2f}" for _ in range(n)])
    draft.add("Potential Duplicate", [rng.choice("01") for _ in range(n)])
    draft.same("Assay Description", "Inhibition of 'human' ERG; patch clamp, >= 3 cells")
    draft.same("Document Year", "2012")
    return draft.finish(Text(";", "all", rng.choice(["\n", "\r\n"]), rng.choice(["utf-8", "utf-8-sig"])).write)


def chembl_client(rng: random.Random) -> Case:
    """Draw a dump of the client: raw and standard columns of one measurement, in different units."""
    value = rng.choices(["standard_value", "value", "pchembl_value"], [6, 3, 2])[0]
    on_p = value == "pchembl_value"
    limit = draw_limit(rng, p=on_p)
    rows = draw_measured(rng, limit, p=on_p, censored=0.3, extreme=on_p)
    draft = Draft.of("ChEMBL client dump", rng, rows, limit, value)
    odd = _odd_rows(draft, rows, share=0.15)
    n = len(rows)
    raw = [rng.choice(["uM", "uM", "nM", "M", "p"]) for _ in rows]
    everywhere = rng.random() < 0.2
    p_values = [
        "" if row.molar is None or odd[i] or not (everywhere or row.relation == "=") else f"{to_p(row.molar)}"
        for i, row in enumerate(rows)
    ]
    if on_p:
        draft.plain = not everywhere
        draft.classes = [state if p_values[i] else None for i, state in enumerate(draft.classes)]
    elif value == "value":
        draft.classes = [None if unit == "p" else state for unit, state in zip(raw, draft.classes, strict=True)]
    draft.add("activity_comment", [rng.choice(["", "Not Determined", "active"]) for _ in range(n)])
    draft.add("assay_type", ["B"] * n)
    draft.add("canonical_smiles", draft.smiles)
    draft.add("document_year", ["2015"] * n)
    draft.add("molecule_chembl_id", [f"CHEMBL{rng.randint(1, 99999)}" for _ in range(n)])
    draft.add("pchembl_value", p_values)
    draft.add("potential_duplicate", [rng.choice("01") for _ in range(n)])
    draft.add("qudt_units", ["http://www.openphacts.org/units/Nanomolar"] * n)
    signs = [row.relation if row.molar is not None else "" for row in rows]
    draft.add("relation", [FLIPPED[sign] if raw[i] == "p" else sign for i, sign in enumerate(signs)])
    draft.add("standard_flag", ["1"] * n)
    draft.add("standard_relation", signs)
    draft.add("standard_type", [_type(odd[i]) for i in range(n)])
    draft.add("standard_units", [_unit(odd[i], "nM") for i in range(n)])
    draft.same("standard_upper_value", "")
    draft.add("standard_value", [_value(row, odd[i], "nM", python=True) for i, row in enumerate(rows)])
    draft.add("type", ["pIC50" if unit == "p" else _type(odd[i]) for i, unit in enumerate(raw)])
    draft.add("units", ["" if unit == "p" else _unit(odd[i], unit) for i, unit in enumerate(raw)])
    draft.same("uo_units", "UO_0000065")
    draft.add("upper_value", [""] * n)
    draft.add("value", [_value(row, odd[i], raw[i], python=raw[i] != "p") for i, row in enumerate(rows)])
    if rng.random() < 0.3:
        draft.shuffle()
    for kept in rng.sample(["type", "relation", "standard_relation", "value"], rng.choice([0, 0, 0, 1])):
        _leave_out(draft, kept, value)
    if rng.random() < 0.3:
        draft.columns.insert(0, ("Unnamed: 0" if rng.random() < 0.5 else "", [str(i) for i in range(n)]))
    if rng.random() < 0.1:
        return draft.finish(write_parquet)
    return draft.finish(any_text(rng, ",").write)


def melloddy(rng: random.Random) -> Case:
    """Draw a MELLODDY table: values on the p scale, relations of those, no unit anywhere."""
    limit = draw_limit(rng, p=True)
    rows = draw_measured(rng, limit, p=True, censored=0.3, extreme=True)
    draft = Draft.of("MELLODDY", rng, rows, limit, "standard_value")
    if rng.random() < 0.5:
        draft.wanted["value_unit"] = "p"
    if rng.random() < 0.5:
        draft.wanted["relation_column"] = "standard_qualifier"
    else:  # which scale > belongs to, nothing in the file tells
        draft.plain = not any(row.relation in {"<", "<="} for row in rows)
    draft.draw("input_compound_id", lambda _: f"MCP{rng.randint(1, 9999)}")
    draft.same("input_assay_id", "A1")
    draft.add("standard_qualifier", [FLIPPED[row.relation] for row in rows])
    draft.add("standard_value", ["" if row.molar is None else PYTHON.text(to_p(row.molar)) for row in rows])
    draft.add("smiles", draft.smiles)
    draft.draw("fold_id", lambda _: rng.choice("01234"))
    if rng.random() < 0.3:
        draft.shuffle()
    return draft.finish(any_text(rng, ",").write)


def _odd_rows(draft: Draft, rows: list[Measured], share: float) -> list[str]:
    """Turn rows into others than concentrations; they tell nothing at a concentration's threshold."""
    rng = draft.rng
    odd = ["" for _ in rows]
    if rng.random() < share:
        for i in rng.sample(range(len(rows)), rng.randint(1, max(1, len(rows) // 3))):
            odd[i] = rng.choice(_ODD)
            draft.classes[i] = None
    return odd


def _leave_out(draft: Draft, name: str, value: str) -> None:
    """Leave a column out where the other ones still tell all."""
    needed = {value, "relation" if value == "value" else "standard_relation"}
    if name not in needed:
        names = {name, "units"} if name == "value" else {name}
        draft.columns = [(each, cells) for each, cells in draft.columns if each not in names]


def _type(odd: str) -> str:
    return {"": "IC50", "Log": "Log IC50", "%": "Inhibition", "ug.mL-1": "IC50", "pIC50": "pIC50", "blank": "IC50"}[odd]


def _unit(odd: str, unit: str) -> str:
    return {"": unit, "Log": "", "%": "%", "ug.mL-1": "ug.mL-1", "pIC50": "", "blank": ""}[odd]


def _value(row: Measured, odd: str, unit: str, *, python: bool) -> str:
    if row.molar is None:
        return ""
    number = to_p(row.molar) if odd in {"Log", "pIC50"} or unit == "p" else Decimal(f"{in_unit(row.molar, unit):.7g}")
    if odd == "%":
        number = Decimal(42)
    return (PYTHON if python else ENGLISH).text(number)
