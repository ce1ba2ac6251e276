"""Tables from BindingDB, PubChem, KNIME, German spreadsheets and R."""

from __future__ import annotations

import random

from layouts.cases import Case, Draft, any_text
from layouts.noise import harmless
from layouts.numbers import ENGLISH, GERMAN, PYTHON, Marks, in_unit, related
from layouts.own import settle_marks
from layouts.truth import draw_limit, draw_measured, to_p
from layouts.writers import Text, write_excel

_LIGANDS = (
    '"A-ring analog', 'B-ring analog"', "5'-O-methyl", "1,1''-biphenyl", '3"-methoxy', "aspirin", "CHEMBL25",
    'bis("oxy")', '"quoted"', "N-[2-(4-{[x]})]", "",
)  # fmt: skip


def bindingdb(rng: random.Random) -> Case:
    """Draw a BindingDB table: tabs, never quoted, relations in the cells, one column a quantity."""
    limit = draw_limit(rng)
    rows = draw_measured(rng, limit, censored=0.3)
    quantity = rng.choice(["Ki", "IC50", "Kd", "EC50"])
    draft = Draft.of("BindingDB", rng, rows, limit, f"{quantity} (nM)")
    draft.draw("BindingDB Reactant_set_id", lambda _: str(rng.randint(1, 99999)))
    draft.add("Ligand SMILES", draft.smiles)
    draft.draw("BindingDB Ligand Name", lambda _: rng.choice(_LIGANDS))
    draft.same("Target Name", "Potassium channel, \"HERG\" 'human'")
    for name in ("Ki", "IC50", "Kd", "EC50"):
        if name == quantity:
            pad = rng.choice(["", " "])
            cells = ["" if row.molar is None else pad + _signed(rng, row, "nM", spaced=False) for row in rows]
            draft.add(f"{name} (nM)", cells)
        else:
            draft.draw(f"{name} (nM)", lambda _: rng.choice(["", "", ">10000", "12.5", "<0.1"]))
    draft.same("kon (M-1-s-1)", "")
    draft.same("koff (s-1)", "")
    draft.draw("pH", lambda _: rng.choice(["", "7.4"]))
    draft.draw("Temp (C)", lambda _: rng.choice(["", "25.00 C"]))
    draft.same("Curation/DataSource", "Curated from the literature by BindingDB")
    return draft.finish(Text("\t", "none", rng.choice(["\n", "\r\n"])).write)


def pubchem(rng: random.Random) -> Case:
    """Draw a PubChem data table: types, descriptions and units in rows below the header."""
    limit = draw_limit(rng)
    rows = draw_measured(rng, limit, censored=0.3)
    unit = rng.choice(["uM", "uM", "nM"])
    word = {"uM": "MICROMOLAR", "nM": "NANOMOLAR"}[unit]
    value, qualifier = rng.choice(
        [("IC50", "IC50 Qualifier"), ("IC50", "Qualifier"), ("Potency", ""), ("Ki", "Ki Qualifier")]
    )
    if not qualifier:
        rows = draw_measured(rng, limit, censored=0)
    draft = Draft.of("PubChem", rng, rows, limit, value)
    n = len(rows)
    below: dict[str, tuple[str, str, str]] = {}

    def add(name: str, cells: list[str], kind: str = "", about: str = "", measured: str = "") -> None:
        draft.add(name, cells)
        below[name] = (kind, about, measured)

    add("PUBCHEM_RESULT_TAG", [str(i + 1) for i in range(n)], "RESULT_TYPE", "RESULT_DESCR", "RESULT_UNIT")
    add("PUBCHEM_SID", [str(rng.randint(1, 10**8)) for _ in range(n)])
    add("PUBCHEM_CID", [str(rng.randint(1, 10**8)) for _ in range(n)])
    add("PUBCHEM_EXT_DATASOURCE_SMILES", draft.smiles)
    outcomes = ["Active", "Inactive", "Inconclusive", "Unspecified"]
    add("PUBCHEM_ACTIVITY_OUTCOME", [rng.choice(outcomes) for _ in range(n)])
    add("PUBCHEM_ACTIVITY_SCORE", [str(rng.randint(0, 100)) for _ in range(n)])
    add("PUBCHEM_ACTIVITY_URL", [""] * n)
    add("PUBCHEM_ASSAYDATA_COMMENT", [""] * n)
    add("Phenotype", [rng.choice(["Inhibitor", ""]) for _ in range(n)], "STRING", "Type of activity", "NONE")
    if qualifier:
        add(
            qualifier,
            ["" if row.molar is None else related(rng, row.relation) for row in rows],
            "STRING",
            "Sign",
            "NONE",
        )
    about = "Concentration of half effect, mean of n=3"
    add(value, [_plain(row, unit) for row in rows], "FLOAT", about, word)
    add("Efficacy", [f"{rng.uniform(0, 100):.4f}" for _ in range(n)], "FLOAT", "Maximal effect", "PERCENT")
    if rng.random() < 0.4:
        cells = ["" if row.molar is None else f"{-to_p(row.molar)}" for row in rows]
        add("Fit_LogAC50", cells, "FLOAT", "Logarithm of the fit", "NONE")
    lines = tuple(tuple(below[name][k] for name, _ in draft.columns) for k in range(3))
    return draft.finish(Text(",", rng.choice(["minimal", "all"]), rng.choice(["\n", "\r\n"]), below=lines).write)


def knime(rng: random.Random) -> Case:
    """Draw a table as KNIME writes it: row names in a column of their own, all quoted."""
    limit = draw_limit(rng)
    rows = draw_measured(rng, limit, censored=0.3)
    unit = rng.choice(["nM", "uM"])
    style = rng.choice(["header", "companions"])
    value = f"IC50_{unit}" if style == "header" else rng.choice(["standardValue", "IC50"])
    draft = Draft.of("KNIME", rng, rows, limit, value)
    draft.add("Row ID", [f"Row{i}" for i in range(len(rows))])
    draft.add("Molecule (SMILES)", draft.smiles)
    relation = {"standardValue": "standardRelation"}.get(
        value, rng.choice(["ic50_relation", "activity_qualifier", "modifier"])
    )
    draft.add(value, [_plain(row, unit) for row in rows])
    draft.add(relation, ["" if row.molar is None else related(rng, row.relation) for row in rows])
    if style == "companions":
        draft.same("standardUnits" if value == "standardValue" else "IC50 units", unit)
    harmless(draft, ENGLISH)
    return draft.finish(Text(rng.choice([",", ";", "\t"]), "all").write)


def german(rng: random.Random) -> Case:
    """Draw what a German Excel saves as CSV: semicolons, decimal commas, perhaps points for thousands."""
    limit = draw_limit(rng)
    rows = draw_measured(rng, limit, censored=0.25)
    unit = rng.choice(["nM", "nM", "uM"])
    marks = rng.choice([GERMAN, Marks(",", ".")])
    micro = "µM" if unit == "uM" else unit
    header = rng.random() < 0.5
    value = (
        rng.choice([f"IC50 [{micro}]", f"IC50_{unit}", f"Ki ({micro})"])
        if header
        else rng.choice(["Wert", "Messwert", "IC50"])
    )
    draft = Draft.of("German Excel", rng, rows, limit, value)
    numbers = ["" if row.molar is None else marks.text(in_unit(row.molar, unit)) for row in rows]
    in_cell = rng.random() < 0.5
    draft.draw("Substanz", lambda _: f"Wirkstoff {rng.randint(1, 999)}")
    draft.add("SMILES", draft.smiles)
    if in_cell:
        signs = ["" if row.relation == "=" else related(rng, row.relation) for row in rows]
        draft.add(value, [text and sign + text for sign, text in zip(signs, numbers, strict=True)])
    else:
        draft.add(rng.choice(["Relation", "Qualifier", "Operator"]), [related(rng, row.relation) for row in rows])
        draft.add(value, numbers)
    if not header:
        draft.same(rng.choice(["Einheit", "Unit"]), micro)
    harmless(draft, marks, 3)
    draft.same("Bemerkung", 'über Nacht; "ok"')
    if not marks.clear(numbers):
        settle_marks(draft, marks)
    above = ("sep=;",) if rng.random() < 0.2 else ()
    encoding = rng.choice(["utf-8-sig", "cp1252", "utf-16" if not above else "utf-8"])
    trailing = rng.choices(["", "rows", "all"], [8, 1, 1])[0]
    return draft.finish(Text(";", newline="\r\n", encoding=encoding, above=above, trailing=trailing).write)


def r_table(rng: random.Random) -> Case:
    """Draw what R's write.table and write.csv make: row names, NA, strings in quotes."""
    limit = draw_limit(rng)
    rows = draw_measured(rng, limit, censored=0.25)
    unit = rng.choice(["nM", "uM"])
    draft = Draft.of("R", rng, rows, limit, rng.choice([f"IC50.{unit}.", f"IC50_{unit}", "value"]))
    draft.plain = "." not in draft.wanted["value_column"]
    draft.add("smiles", draft.smiles)
    draft.add("relation", ["NA" if row.molar is None else row.relation for row in rows])
    draft.add(draft.wanted["value_column"], [_plain(row, unit) or "NA" for row in rows])
    if draft.wanted["value_column"] == "value":
        draft.same("units", unit)
    harmless(draft, ENGLISH, 3)
    if rng.random() < 0.6:
        draft.shuffle()
    if rng.random() < 0.3:
        draft.columns.insert(0, ("", [str(i + 1) for i in range(len(rows))]))
        return draft.finish(Text(",", "strings").write)
    spaced = rng.random() < 0.15
    draft.plain = draft.plain and not spaced
    return draft.finish(Text(" " if spaced else "\t", rng.choice(["strings", "minimal"]), row_names=True).write)


def excel(rng: random.Random) -> Case:
    """Draw a workbook."""
    limit = draw_limit(rng)
    rows = draw_measured(rng, limit, censored=0.25)
    unit = rng.choice(["nM", "uM"])
    draft = Draft.of("Excel", rng, rows, limit, f"IC50 ({unit})")
    draft.add("ID", [f"X{i}" for i in range(len(rows))])
    draft.add("SMILES", draft.smiles)
    draft.add("Relation", ["" if row.molar is None else related(rng, row.relation) for row in rows])
    draft.add(f"IC50 ({unit})", [_plain(row, unit) for row in rows])
    harmless(draft, PYTHON, 3)
    front = rng.random() < 0.5
    if front:
        draft.wanted["sheet"] = "Data"
    return draft.finish(lambda columns: write_excel(columns, front=front))


def sdf(rng: random.Random) -> Case:
    """Draw an SDF as several programs write it, some without the blank lines that the format wants."""
    limit = draw_limit(rng)
    rows = draw_measured(rng, limit, censored=0.3)
    unit = rng.choice(["nM", "uM"])
    draft = Draft.of("SDF", rng, rows, limit, rng.choice([f"IC50_{unit}", f"IC50 ({unit})", "Standard Value"]))
    standard = draft.wanted["value_column"] == "Standard Value"
    in_cell = not standard and rng.random() < 0.4
    draft.add("ID", [f"X{i}" for i in range(len(rows))])
    if in_cell:
        cells = ["" if row.molar is None else _signed(rng, row, unit, spaced=True) for row in rows]
        draft.add(draft.wanted["value_column"], cells)
    else:
        name = "Standard Relation" if standard else rng.choice(["Relation", "qualifier"])
        draft.add(name, ["" if row.molar is None else related(rng, row.relation) for row in rows])
        draft.add(draft.wanted["value_column"], [_plain(row, unit) for row in rows])
    if standard:
        draft.same("Standard Units", unit)
    harmless(draft, ENGLISH, 3)
    draft.shuffle()
    tight = rng.random() < 0.25
    draft.plain = not tight
    encoding = rng.choices(["utf-8", "utf-16"], [9, 1])[0]
    newline = rng.choice(["\n", "\n", "\r\n", "\r"])
    header = rng.choice([">  <{}>", "> <{}>", ">  <{}>  (1)", "> DT12 <{}>", "><{}>"])
    return draft.finish_sdf(newline=newline, encoding=encoding, tight=tight, header=header, absent=rng.random() < 0.5)


def _plain(row, unit: str) -> str:
    return "" if row.molar is None else ENGLISH.text(in_unit(row.molar, unit))


def _signed(rng: random.Random, row, unit: str, *, spaced: bool) -> str:
    sign = "" if row.relation == "=" else related(rng, row.relation)
    return sign + (" " if sign and spaced and rng.random() < 0.5 else "") + _plain(row, unit)


__all__ = ["any_text", "bindingdb", "excel", "german", "knime", "pubchem", "r_table", "sdf"]
