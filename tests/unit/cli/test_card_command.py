"""``fluid card``: files in, cards out."""

import json

import pytest
from typer.testing import CliRunner

from fluidmol.cli.main import app
from fluidmol.coordinator.federate import federate
from fluidmol.errors import InputError, OutputError, UsageError
from fluidmol.exchange.local import LocalChannel
from fluidmol.partner.kept.fitting import fit_hybrid
from fluidmol.partner.kept.saved_hybrid import write_kept
from fluidmol.partner.partner import Partner
from fluidmol.report.card.facts import read_facts
from fluidmol.values.publication import Publication


@pytest.fixture(scope="module")
def hybrid(quick_charter, assays, transfer, tmp_path_factory):
    partners = [Partner(name, assay, transfer) for name, assay in assays.items()]
    labels = federate(quick_charter, transfer, LocalChannel(partners)).labels
    public = Publication(charter=quick_charter, transfer=transfer, labels=labels)
    folder = tmp_path_factory.mktemp("card") / "hybrid"
    write_kept(fit_hybrid(assays["ada"], public, "ada", folds=3).kept, folder)
    return folder


def card(*words):
    return CliRunner().invoke(app, ["card", *map(str, words)], obj=())


def test_three_forms_with_facts_and_without_figures(hybrid, tmp_path):
    (tmp_path / "facts.toml").write_text('species = "human"\n')
    outs = [tmp_path / f"card{ending}" for ending in (".html", ".md", ".json")]
    words = [word for out in outs for word in ("--out", out)]
    done = card(hybrid, "--facts", tmp_path / "facts.toml", "--no-figures", *words)
    assert done.exit_code == 0, done.output
    told = json.loads(outs[2].read_text())
    assert "species" not in told["gaps"]
    assert f"{len(told['gaps'])} gaps" in done.output
    assert told["withheld"] == ["robustness", "reliability", "coverage"]
    assert {out.stat().st_mode & 0o077 for out in outs} == {0}
    assert "Content-Security-Policy" in outs[0].read_text()


def test_an_unknown_fact_is_refused_before_anything_is_written(hybrid, tmp_path):
    (tmp_path / "facts.toml").write_text('specis = "human"\n')
    done = card(hybrid, "--facts", tmp_path / "facts.toml", "--out", tmp_path / "card.md")
    assert isinstance(done.exception, InputError)
    assert "Did you mean species?" in str(done.exception)
    assert not (tmp_path / "card.md").exists()


def test_a_form_has_the_gaps_as_comments(hybrid, tmp_path):
    form = tmp_path / "facts.toml"
    assert card(hybrid, "--form", form).exit_code == 0
    assert read_facts(form) == {}
    form.write_text(form.read_text().replace('# species = ""', 'species = "human"'))
    assert read_facts(form) == {"species": ("human",)}
    assert isinstance(card(hybrid, "--form", form).exception, OutputError)
    assert isinstance(card(hybrid).exception, UsageError)


def test_other_endings_and_files_that_are_there_are_refused(hybrid, tmp_path):
    assert isinstance(card(hybrid, "--out", tmp_path / "card.pdf").exception, OutputError)
    (tmp_path / "card.md").write_text("mine")
    assert isinstance(card(hybrid, "--out", tmp_path / "card.md").exception, OutputError)
    assert (tmp_path / "card.md").read_text() == "mine"
    assert card(hybrid, "--out", tmp_path / "card.md", "--overwrite").exit_code == 0
