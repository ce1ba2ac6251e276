"""A model card is filled from files, names its gaps, agrees with itself in all forms, and has no compound in it."""

import html
import json
import re
from pathlib import Path

import attrs
import pytest

from fluidmol.errors import InputError, MissingFileError
from fluidmol.report.card import RENDERERS, make_card
from fluidmol.report.card.facts import FACTS, facts_of
from fluidmol.report.card.fields import CardField, CardTable, Gap, shown
from fluidmol.report.card.from_charter import UNIT, endpoint_section, privacy_section
from fluidmol.values.endpoint import Endpoint
from fluidmol.values.measure import Measure
from fluidmol.values.parts import Part
from fluidmol.values.scale import Scale

KINDS = ("hybrid", "uncalibrated", "student", "run")
ALL = {key: (f"stated {key} <i> | * _",) for key in FACTS}


def card_of(folders, kind, facts=None, **options):
    return make_card(getattr(folders, kind), facts or {}, "2026-11-30", **options)


def by_key(card):
    return {field.key: field for field in card.fields}


@pytest.mark.parametrize("kind", KINDS)
class TestEveryCard:
    def test_has_the_five_principles(self, kind, folders):
        titles = [section.title for section in card_of(folders, kind).sections]
        assert [title[0] for title in titles if title[0].isdigit()] == list("12345")

    def test_keys_of_fields_are_unique(self, kind, folders):
        keys = [field.key for field in card_of(folders, kind).fields]
        assert len(keys) == len(set(keys))

    def test_gaps_name_who_would_know_and_a_place_to_state_it(self, kind, folders):
        gaps = [field for field in card_of(folders, kind).gaps if field.key in FACTS]
        assert len(gaps) > 10
        for field in gaps:
            assert field.gap.who == FACTS[field.key].who
            assert field.gap.where.startswith(f"{field.key} in the facts file")

    def test_facts_close_all_gaps_that_people_can_close(self, kind, folders):
        card = card_of(folders, kind, ALL)
        assert {field.key for field in card.gaps} & FACTS.keys() == set()
        for field in card.fields:
            if field.key in FACTS and field.source == "facts file":
                assert field.lines == ALL[field.key]

    def test_every_statement_names_its_source(self, kind, folders):
        assert all(field.source for field in card_of(folders, kind).fields if field.status == "stated")

    def test_all_forms_say_the_same(self, kind, folders):
        card = card_of(folders, kind, ALL)
        page = html.unescape(re.sub(r"<[^>]*>", "", RENDERERS[".html"](card)))
        plain = re.sub(r"\\(.)", r"\1", RENDERERS[".md"](card))
        told = json.loads(RENDERERS[".json"](card))
        fields = {field["key"]: field for section in told["sections"] for field in section["fields"]}
        assert told["gaps"] == [field.key for field in card.gaps]
        assert card.summary in page
        assert card.summary in plain
        for field in card.fields:
            assert fields[field.key]["status"] == field.status
            for line in (*field.lines, *([str(field.gap)] if field.gap else ())):
                assert line in page
                assert line in plain
            assert fields[field.key].get("lines", []) == list(field.lines)
            for row in field.table.rows if field.table else ():
                assert all(shown(cell) in page and shown(cell) in plain for cell in row)

    def test_what_people_state_is_text_in_a_page(self, kind, folders):
        assert "<i>" not in RENDERERS[".html"](card_of(folders, kind, ALL)).partition("<main>")[2]

    def test_same_files_make_the_same_card(self, kind, folders):
        assert card_of(folders, kind) == card_of(folders, kind)


@pytest.mark.parametrize("figures", [True, False])
@pytest.mark.parametrize("kind", ["hybrid", "uncalibrated", "student"])
def test_no_compound_is_in_a_card(kind, figures, folders, assays, transfer):
    card = card_of(folders, kind, figures=figures)
    texts = [render(card) for render in RENDERERS.values()]
    for compounds in (assays["ada"].compounds, transfer):
        for key in compounds.inchikeys:
            assert not any(key in text or key.split("-")[0] in text for text in texts)
        # A short SMILES such as CN is in some word.
        assert not any(smiles in text for smiles in compounds.smiles if len(smiles) > 7 for text in texts)


class TestHybrid:
    def test_figures_are_of_cross_validation(self, folders):
        rows = by_key(card_of(folders, "hybrid"))["robustness"].table.rows
        assert {name: -1 <= value <= 1 for name, value, _ in rows}["MCC"]

    def test_without_calibration_figures_are_a_gap(self, folders):
        found = by_key(card_of(folders, "uncalibrated"))
        assert {found[key].status for key in ("robustness", "reliability", "coverage")} == {"gap"}
        assert "fitted again" in found["robustness"].gap.where

    def test_without_figures_nothing_is_told_of_how_many_own_compounds_there_are(self, folders, assays):
        told = card_of(folders, "hybrid", figures=False)
        assert {field.key for field in told.withheld} == {"robustness", "reliability", "coverage"}
        assert [name for name, _ in by_key(told)["training"].table.rows] == [
            "public molecules with labels of the consortium"
        ]
        assert len(by_key(told)["domain_method"].table.rows) == 1
        own = json.loads((folders.hybrid / "model.json").read_text())["facts"]
        assert own["n_own"] == len(assays["ada"])
        assert str(own["coverage"][0]["held"]) not in RENDERERS[".json"](told)
        assert "3 withheld" in told.summary

    def test_it_says_that_no_proof_covers_the_hybrid_itself(self, folders):
        assert "no proof covers it" in by_key(card_of(folders, "hybrid"))["model_privacy"].lines[0]

    def test_no_coefficient_leaves(self, folders):
        model = json.loads((folders.hybrid / "model.json").read_text())["model"]
        intercept = str(model["own"]["teacher"]["model"]["intercept"])
        assert not any(intercept[:8] in render(card_of(folders, "hybrid")) for render in RENDERERS.values())

    def test_an_altered_folder_is_refused(self, folders, tmp_path):
        for file in folders.hybrid.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        (tmp_path / "charter.toml").write_text("[charter]\n")
        with pytest.raises(InputError, match="isn't as it was written"):
            make_card(tmp_path, {}, "")


class TestRun:
    def test_figures_are_those_of_the_table(self, folders):
        table = by_key(card_of(folders, "run"))["external_validation"].table
        assert table.columns[:5] == ("model", "tested", "MCC", "MCC (from)", "MCC (to)")
        assert [row[0] for row in table.rows] == ["T0", "student", "hybrid-1", "hybrid-2", "hybrid-3"]

    def test_made_up_data_are_called_so_first(self, folders):
        assert card_of(folders, "run").cautions[0].startswith("Synthetic data")

    def test_the_charter_must_be_the_runs(self, folders, tmp_path):
        for name in ("provenance.json", "metrics.csv"):
            (tmp_path / name).write_bytes((folders.run / name).read_bytes())
        (tmp_path / "charter.toml").write_text((folders.run / "charter.toml").read_text().replace("= 42", "= 43"))
        with pytest.raises(InputError, match="isn't the charter of the run"):
            make_card(tmp_path, {}, "")


class TestCharter:
    def test_proof_has_epsilon_delta_and_unit(self, charter):
        private = attrs.evolve(charter, privacy=Part("gaussian", {"epsilon": 2.0, "delta": 1e-6}))
        proof, leaks = privacy_section(private).fields
        assert proof.table.rows == (("epsilon", 2.0), ("delta", 1e-6), ("unit", UNIT))
        assert any(line.startswith("Proved: epsilon 2") for line in leaks.lines)

    def test_without_privacy_nothing_is_proved(self, charter):
        proof, leaks = privacy_section(charter).fields
        assert proof.lines[0].startswith("Nothing is proved")
        assert any("AUC" in line for line in leaks.lines)

    def test_an_endpoint_with_a_measure(self, charter):
        endpoint = Endpoint("herg", description="hERG block", measure=Measure("IC50", "uM", 10))
        fields = {f.key: f for f in endpoint_section(attrs.evolve(charter, endpoints=(endpoint,)), {}).fields}
        assert fields["endpoint"].lines == ("herg: hERG block", "IC50")
        assert "IC50 at or below 10 uM" in fields["dependent"].lines[1]

    def test_an_endpoint_with_values(self, charter):
        endpoint = Endpoint("clearance", kind="regression", scale=Scale("mL/min/g", 1, 1000, "log10"))
        fields = {f.key: f for f in endpoint_section(attrs.evolve(charter, endpoints=(endpoint,)), {}).fields}
        assert "1 to 1000 mL/min/g" in fields["dependent"].lines[0]
        assert "log10 of mL/min/g" in fields["units"].lines[0]

    def test_a_name_alone_defines_no_endpoint(self, charter):
        values = Endpoint("logd", kind="regression", scale=Scale("logD", -2, 5))
        for endpoint in (Endpoint("herg"), values):
            fields = {f.key: f for f in endpoint_section(attrs.evolve(charter, endpoints=(endpoint,)), {}).fields}
            assert fields["endpoint"].status == "gap"


class TestFactsFile:
    def test_texts_and_lists_of_texts(self):
        assert facts_of('author = "a\\n b"\nmechanism = ["x", "y"]', "f") == {
            "author": ("a b",),
            "mechanism": ("x", "y"),
        }

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('autor = "x"', "unknown key 'autor'. Did you mean author?"),
            ("author = 7", "author is 7. Expected a text, or a list of texts: who wrote this card"),
            ('author = ""', "author is ''"),
            ("author = []", "author is "),
            ("author", "isn't TOML"),
        ],
    )
    def test_what_cant_be_used_is_named(self, text, said):
        with pytest.raises(InputError, match=r"^facts\.toml") as caught:
            facts_of(text, "facts.toml")
        assert said in str(caught.value)


def test_the_docs_list_all_facts():
    text = (Path(__file__).parents[4] / "docs" / "card.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text, re.M)
    assert dict(rows) == {key: fact.asks for key, fact in FACTS.items()}


def test_a_folder_of_neither_is_refused(tmp_path):
    with pytest.raises(MissingFileError, match="neither a hybrid"):
        make_card(tmp_path, {}, "")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"lines": ("x",), "gap": Gap("a", "b", "c")},
        {"table": CardTable(("a",), ()), "withheld": "x"},
        {"gap": Gap("a", "b", "c"), "withheld": "x"},
    ],
)
def test_a_field_is_just_one_of_stated_withheld_and_gap(given):
    with pytest.raises(ValueError, match="just one"):
        CardField(key="k", name="K", **given)
