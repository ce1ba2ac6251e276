"""``fluid data``: what it prints, and what it refuses."""

import pytest
from typer.testing import CliRunner

from fluidmol.cli.data import app
from fluidmol.errors import OutputError, UnavailableError, UsageError
from fluidmol.studies.downloads import Fetched
from fluidmol.studies.sources import DataSource

runner = CliRunner()


@pytest.fixture
def fetched(monkeypatch):
    calls = []

    def fetch(self, folder=None, base_url="", progress=None, patience=None):
        calls.append((self.name, folder, base_url))
        progress(self.files[0].name, 1, 2)
        return [Fetched(folder / file.name, "0123456789abcdef" * 4, new=True, checked=False) for file in self.files]

    monkeypatch.setattr(DataSource, "fetch", fetch)
    return calls


def test_a_collection_fetches_all_its_sources(fetched, tmp_path):
    result = runner.invoke(app, ["fetch", "herg", "--to", str(tmp_path)])
    assert result.exit_code == 0
    assert fetched == [("herg-chembl", tmp_path, ""), ("herg-ctoxpred", tmp_path, "")]
    plain = "".join(result.stdout.split())
    assert f"{tmp_path / 'data_herg_dev.csv'}(fetched;SHA-2560123456789ab...,recordedfornexttime)" in plain
    assert "CC BY-SA 3.0" in result.stdout


def test_a_mirror_is_for_one_source(fetched, tmp_path):
    result = runner.invoke(app, ["fetch", "herg", "--base-url", "http://mirror"])
    assert isinstance(result.exception, UsageError)
    assert "herg-chembl, herg-ctoxpred" in str(result.exception)
    assert fetched == []
    runner.invoke(app, ["fetch", "herg-ctoxpred", "--base-url", "http://mirror", "--to", str(tmp_path)])
    assert fetched == [("herg-ctoxpred", tmp_path, "http://mirror")]


def test_errors_are_left_to_the_main_command(monkeypatch, tmp_path):
    def offline(*_, **__):
        raise UnavailableError("offline")

    monkeypatch.setattr(DataSource, "fetch", offline)
    result = runner.invoke(app, ["fetch", "herg-chembl", "--to", str(tmp_path)])
    assert isinstance(result.exception, UnavailableError)
    assert isinstance(runner.invoke(app, ["fetch", "nothing"]).exception, UsageError)


def test_a_folder_that_cant_be_written_is_named_by_its_option(monkeypatch, tmp_path):
    def full(*_, **__):
        raise OutputError("a.csv can't be written: no space", hint="Name another folder.")

    monkeypatch.setattr(DataSource, "fetch", full)
    result = runner.invoke(app, ["fetch", "herg-chembl", "--to", str(tmp_path)])
    assert isinstance(result.exception, OutputError)
    assert str(result.exception) == "a.csv can't be written: no space. Name another folder with --to."


def test_the_list_shows_licences_and_what_is_there(tmp_path):
    place = tmp_path / "herg-chembl"
    place.mkdir()
    place.joinpath("chembl-herg-ic50.csv").write_text("")
    result = runner.invoke(app, ["list", "--to", str(tmp_path)])
    assert result.exit_code == 0
    assert "herg-chembl  (fetched)" in result.stdout
    assert "herg-ctoxpred  (not fetched)" in result.stdout
    assert "Licence: MIT" in result.stdout
    assert "/data/raw/hERG/eval_set_herg_70.csv\n" in result.stdout
    assert str(tmp_path) in result.stdout
