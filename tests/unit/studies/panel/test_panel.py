"""A panel: which endpoints it has, what each partner gains, and the page over all of them."""

import csv
import json
import math

import attrs
import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem.Crippen import MolLogP
from typer.testing import CliRunner

from fluidmol.chem.intake.measurements.measured import OutcomeColumns
from fluidmol.cli.main import app
from fluidmol.errors import InputError, MissingFileError, OutputError, QuorumError
from fluidmol.learning.statistics.panels import ELSEWHERE, OWN, PanelFigures, corrected, shares, tukey, what_predicts
from fluidmol.learning.statistics.predictions import Predictions
from fluidmol.progress import Stages
from fluidmol.report.panel_page import panel_page
from fluidmol.studies.consortium import Setup
from fluidmol.studies.lab.model_predictions import ModelPredictions
from fluidmol.studies.lab.runner import run_study
from fluidmol.studies.panel.endpoints import PanelEndpoint, folder_of, panel_csv, read_panel
from fluidmol.studies.panel.figures import endpoint_figures, pair_gains
from fluidmol.studies.panel.run import Panel, run_panel
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part
from fluidmol.values.scale import Scale


@pytest.fixture(scope="module")
def folder(chemistry, tmp_path_factory):
    """Two endpoints of one chemistry: a class, and a value; and molecules of nobody."""
    place = tmp_path_factory.mktemp("panel")
    smiles = chemistry.compounds.smiles
    logp = [MolLogP(Chem.MolFromSmiles(each)) for each in smiles]
    rows = list(zip(smiles, chemistry.active.astype(int), logp, strict=True))[:110]
    (place / "amine.csv").write_text("smiles,active\n" + "".join(f"{s},{a}\n" for s, a, _ in rows), encoding="utf-8")
    (place / "logp.csv").write_text("smiles,value\n" + "".join(f"{s},{v:.3f}\n" for s, _, v in rows), encoding="utf-8")
    (place / "public.smi").write_text("\n".join(smiles[110:]) + "\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def charter():
    quick = Part("logistic", {"strength": 0.5})
    return attrs.evolve(
        Charter.from_preset("open"), featuriser=Part("fcfp", {"bits": 256}), teacher=quick, hybrid=quick
    )


def panel_of(endpoints, folder, charter, **more):
    settings = {"endpoints": endpoints, "transfer": folder / "public.smi", "charter": charter, **more}
    return Panel(setup=Setup(n_partners=2, split="random"), settings=(("folds", 2), ("ceiling", "none")), **settings)


def run(plan, out):
    return run_study(plan, out, cache=None, stages=Stages())


@pytest.fixture(scope="module")
def done(folder, charter, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "panel"
    return out, run_panel(panel_of(read_panel(folder), folder, charter), out, run)


class TestEndpoints:
    def test_files_of_a_folder_are_endpoints(self, folder):
        amine, logp = read_panel(folder)
        assert (amine.name, amine.asked.kind, amine.columns.active_column) == ("amine", "classification", "active")
        assert (logp.name, logp.asked.kind, logp.columns.value_column) == ("logp", "regression", "value")
        assert logp.scale is not None
        assert 0 < logp.scale.lowest < 0.4 < 4.5 < logp.scale.highest < 5

    def test_table_is_read_as_it_is_written(self, folder, tmp_path):
        panel = read_panel(folder)
        (tmp_path / "panel.csv").write_text(panel_csv(panel), encoding="utf-8")
        assert read_panel(tmp_path / "panel.csv") == panel

    def test_table_names_columns_and_scales(self, folder):
        path = folder / "mine.txt"
        path.write_text(
            "endpoint,file,column,threshold,unit,lowest,highest,transformation\n"
            "Lipophilicity / µ,logp.csv,value,,logP,-3,7,\n"
            "potent,logp.csv,value,5,p,,,\n"
            "amine,amine.csv,,,,,,\n",
            encoding="utf-8",
        )
        value, potent, amine = read_panel(path)
        assert value.scale == Scale("logP", -3, 7)
        assert value.folder == folder_of("Lipophilicity / µ") != value.name
        assert value.asked.description == "Lipophilicity / µ"
        assert potent.columns == OutcomeColumns(value_column="value", threshold=5.0, unit="p")
        assert amine.columns == OutcomeColumns()

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ("endpoint,file,kolumn\na,amine.csv,x", "has a column 'kolumn'.*column"),
            ("name,file\na,amine.csv", "has a column 'name'"),
            ("", "names no endpoint"),
            ("endpoint,file\na,nothing.csv", "names nothing.csv, which isn't there"),
            ("endpoint,file\n,amine.csv", "line 2: expected an endpoint and its file"),
            ("endpoint,file\na,amine.csv\nA,logp.csv", "several endpoints called 'a'"),
            ("endpoint,file,column,lowest,highest\na,logp.csv,value,1,2", "a regression lacks unit"),
            ("endpoint,file,column,unit,lowest,highest\na,logp.csv,value,x,2,1", "expected the lower number first"),
            ("endpoint,file,column,unit,lowest,highest\na,logp.csv,value,x,low,1", "line 2: could not convert"),
            ("endpoint,file,column,unit,lowest,highest,threshold\na,logp.csv,value,p,2,9,5", "a threshold and a scale"),
        ],
    )
    def test_tables_that_cant_be_used(self, folder, lines, said):
        path = folder / "wrong.txt"
        path.write_text(lines + "\n", encoding="utf-8")
        with pytest.raises(InputError, match=said):
            read_panel(path)

    def test_no_panel_at_all(self, tmp_path):
        with pytest.raises(MissingFileError):
            read_panel(tmp_path / "nothing")
        with pytest.raises(InputError, match="holds no table"):
            read_panel(tmp_path)

    def test_column_of_several_is_named_by_the_user(self, tmp_path):
        (tmp_path / "a.csv").write_text("smiles,one,two\nCCO,1.5,2\nCCN,2.5,3\n", encoding="utf-8")
        with pytest.raises(InputError, match="no column of classes, and 2 of numbers: one, two"):
            read_panel(tmp_path)

    def test_concentrations_are_compared_by_their_logarithms(self, tmp_path):
        (tmp_path / "a.csv").write_text("smiles,IC50 (nM)\nCCO,1000\nCCN,10\nCCC,100\n", encoding="utf-8")
        [endpoint] = read_panel(tmp_path)
        assert endpoint.scale is not None
        assert (endpoint.scale.unit, endpoint.scale.lowest, endpoint.scale.highest) == ("p", 5.9, 8.1)


class TestRunning:
    def test_each_endpoint_has_figures_and_pairs(self, done):
        _, found = done
        assert [(each.name, each.kind, each.metric) for each in found.endpoints] == [
            ("amine", "classification", "mcc"), ("logp", "regression", "rmse")
        ]  # fmt: skip
        assert {(pair.endpoint, pair.partner, pair.where) for pair in found.pairs} == {
            (endpoint, f"partner-{i}", where)
            for endpoint in ("amine", "logp") for i in (1, 2) for where in (OWN, ELSEWHERE)
        }  # fmt: skip
        assert all(pair.p <= pair.p_holm <= 1 for pair in found.pairs)

    def test_gains_are_what_hybrids_are_better_by(self, done):
        for pair in done[1].pairs:
            better = pair.hybrid - pair.teacher if pair.metric != "rmse" else pair.teacher - pair.hybrid
            assert pair.gain == pytest.approx(better, abs=1e-9)
            assert pair.low <= pair.gain <= pair.high

    def test_tables_and_page_say_the_same(self, done):
        out, found = done
        pairs = list(csv.DictReader((out / "pairs.csv").read_text(encoding="utf-8").splitlines()))
        assert [float(row["gain"]) for row in pairs] == pytest.approx([pair.gain for pair in found.pairs])
        endpoints = list(csv.DictReader((out / "endpoints.csv").read_text(encoding="utf-8").splitlines()))
        assert [row["endpoint"] for row in endpoints] == ["amine", "logp"]
        page = panel_page(out)
        for wanted in ("Taking part, over 2 endpoints", "amine", "logp (value)", "Gains by partner and endpoint"):
            assert wanted in page

    def test_finished_endpoints_arent_run_again(self, done, folder, charter):
        out, found = done
        before = {path: path.stat().st_mtime_ns for path in out.glob("*/all-domains/cells/*")}
        again = run_panel(panel_of(read_panel(folder), folder, charter), out, run)
        assert again.pairs == found.pairs
        assert {path: path.stat().st_mtime_ns for path in out.glob("*/all-domains/cells/*")} == before

    def test_an_impossible_endpoint_is_left_out_and_said(self, folder, charter, tmp_path):
        (tmp_path / "few.csv").write_text("smiles,active\nCCO,1\nCCN,0\n", encoding="utf-8")
        few = PanelEndpoint("few", tmp_path / "few.csv", OutcomeColumns())
        good = read_panel(folder)[1:]
        told = []
        found = run_panel(panel_of((few, *good), folder, charter), tmp_path / "out", run, told.append)
        assert list(found.left_out) == ["few"]
        assert [each.name for each in found.endpoints] == ["logp"]
        assert any(line.startswith("few is left out: ") for line in told)
        assert "Endpoints that could" in panel_page(tmp_path / "out")
        with pytest.raises(QuorumError, match="no endpoint of the panel could be studied: few: "):
            run_panel(panel_of((few,), folder, charter), tmp_path / "none", run)

    def test_another_folder_stays_as_it_is(self, folder, charter, tmp_path):
        (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
        with pytest.raises(OutputError, match="isn't empty"):
            run_panel(panel_of(read_panel(folder), folder, charter), tmp_path, run)
        assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]

    def test_damaged_findings_are_refused(self, tmp_path):
        (tmp_path / "panel.json").write_text('{"kind": "panel"}', encoding="utf-8")
        with pytest.raises(InputError, match="unfinished, or damaged"):
            panel_page(tmp_path)

    def test_command(self, folder, tmp_path):
        told = CliRunner().invoke(
            app,
            ["study", "panel", "--source", str(folder), "--transfer", str(folder / "public.smi"), "--partners", "2",
             "--split", "random", "--seeds", "1", "--set", "folds=2", "--set", "ceiling=none", "--quiet",
             "--no-cache", "--out", str(tmp_path / "out")],
        )  # fmt: skip
        assert told.exit_code == 0, told.output
        assert "Own held-out compounds: " in told.output
        assert (tmp_path / "out" / "report.html").is_file()

    @pytest.mark.parametrize(
        "option", [("--value-column", "value"), ("--external", "x.csv"), ("--lowest", "1"), ("--as", "x"), ("--quick",)]
    )
    def test_options_of_one_file_are_refused(self, folder, tmp_path, option):
        told = CliRunner().invoke(
            app,
            ["study", "panel", "--source", str(folder), "--transfer", str(folder / "public.smi"), *option, "--out",
             str(tmp_path / "out")],
        )  # fmt: skip
        assert told.exit_code != 0
        assert f"{option[0]} doesn't go with a panel" in str(told.exception)
        assert not (tmp_path / "out").exists()


def said(seed, dataset, kind, partner, values, truth, fold="1"):
    names = [f"{dataset}-{seed}-{i}" for i in range(len(truth))]
    return ModelPredictions(
        seed, {"fold": fold}, dataset, f"{kind}-{partner}", kind, partner, Predictions(truth, values, names)
    )


def made_up(better=0.5, seeds=(1,), n=60, folds=("1",)):
    """Two partners of a regression; hybrids err less than teachers by a half."""
    rng = np.random.default_rng(1)
    found = []
    for seed in seeds:
        for fold in folds:
            for owner in ("a", "b"):
                truth = rng.normal(6, 1, n)
                noise = rng.normal(0, 1, n)
                where = f"held-out-{owner}"
                for partner in ("a", "b"):
                    found.append(said(seed, where, "teacher", partner, truth + noise, truth, fold))
                    found.append(said(seed, where, "hybrid", partner, truth + better * noise, truth, fold))
                found.append(said(seed, where, "student", "", truth + better * noise, truth, fold))
                found.append(said(seed, where, "pooled", "", truth + 0.4 * noise, truth, fold))
    return found


class TestFigures:
    def test_a_hybrid_that_errs_half_as_much(self):
        pairs = pair_gains("x", "regression", made_up())
        assert {(pair.partner, pair.where) for pair in pairs} == {(p, w) for p in "ab" for w in (OWN, ELSEWHERE)}
        for pair in corrected(pairs):
            assert pair.hybrid == pytest.approx(pair.teacher / 2)
            assert pair.relative == pytest.approx(0.5)
            assert pair.p_holm < 0.05

    def test_clear_gains_survive_the_correction_of_hundreds(self):
        pairs = [
            attrs.evolve(pair, endpoint=f"e{i}")
            for i in range(100)
            for pair in pair_gains("x", "regression", made_up())
        ]
        assert all(pair.p_holm < 0.01 for pair in corrected(pairs))

    def test_no_difference_is_none(self):
        pairs = corrected(pair_gains("x", "regression", made_up(better=1.0)))
        assert all(pair.gain == 0 and pair.p_holm == 1 for pair in pairs)
        counted = shares(pairs, OWN, "rmse")
        assert counted is not None
        assert (counted.n, counted.not_below, counted.above, counted.clearly_above) == (2, 1.0, 0.0, 0.0)

    def test_few_compounds_arent_judged(self):
        assert pair_gains("x", "regression", made_up(n=10)) == []
        one_sided = [said(1, "held-out-a", kind, "a", np.linspace(0, 1, 40), [True, True] + [False] * 38)
                     for kind in ("teacher", "hybrid")]  # fmt: skip
        assert pair_gains("x", "classification", one_sided) == []

    def test_folds_are_put_together(self):
        pairs = pair_gains("x", "regression", [
            attrs.evolve(a, said=attrs.evolve(a.said, molecules=np.char.add(f"{a.case['fold']}-", a.said.molecules)))
            for a in made_up(folds=("1", "2"))
        ])  # fmt: skip
        assert {pair.n_test for pair in pairs} == {120}

    def test_methods_differ_over_repetitions(self):
        figures = endpoint_figures("x", "regression", "p", 500, made_up(seeds=(1, 2, 3, 4)))
        assert figures.tukey["teachers", "T0"] < 0.001
        assert figures.tukey["student", "hybrids"] == 1.0
        assert figures.figures["student"] == pytest.approx(figures.figures["teachers"] / 2)

    def test_tukey_of_two_methods_is_the_paired_t_test(self):
        from scipy.stats import ttest_rel  # noqa: PLC0415

        rng = np.random.default_rng(2)
        first, second = rng.normal(0.5, 0.1, 8), rng.normal(0.55, 0.1, 8)
        found = tukey([{"a": a, "b": b} for a, b in zip(first, second, strict=True)])
        assert found["a", "b"] == pytest.approx(ttest_rel(first, second).pvalue, rel=1e-4)

    def test_tukey_needs_repetitions(self):
        assert tukey([{"a": 1.0, "b": 2.0}] * 2) == {}
        assert tukey([]) == {}

    def test_what_goes_with_gains(self):
        pairs = [
            attrs.evolve(pair, endpoint=f"e{i}", gain=float(i))
            for i in range(30) for pair in pair_gains("x", "regression", made_up()) if pair.where == OWN
        ]  # fmt: skip
        sizes = {(f"e{i}", partner): 100 + i for i in range(30) for partner in "ab"}
        assert what_predicts(pairs, sizes, OWN, "rmse")["the endpoint's compounds"] > 0.95
        assert what_predicts(pairs[:5], sizes, OWN, "rmse") == {}

    def test_what_is_written_is_read_back(self, done):
        found = done[1]
        again = PanelFigures.of_plain(json.loads(json.dumps(found.plain())))
        assert again.pairs == found.pairs
        assert again.sizes == found.sizes
        assert [attrs.evolve(each, gains={}) for each in again.endpoints] == [
            attrs.evolve(each, gains={}) for each in found.endpoints
        ]
        assert all(
            math.isclose(one.gains[OWN].difference, two.gains[OWN].difference)
            for one, two in zip(again.endpoints, found.endpoints, strict=True)
        )
