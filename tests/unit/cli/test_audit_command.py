"""``fluid audit``: what it writes, what it prints, and how it ends."""

import json

import attrs
import pytest
from typer.testing import CliRunner

from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.cli import main as main_module
from fluidmol.cli.audited import earlier
from fluidmol.cli.inspect import explained
from fluidmol.cli.main import explain
from fluidmol.errors import AwaitingError, CharterError, MissingFileError, OutputError, PolicyError, UsageError
from fluidmol.partner import locks
from fluidmol.partner.audited import STATED, read_audited
from fluidmol.partner.gate import Gate, Policy
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.statement import read_statement
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.parts import Part


def run(*words):
    result = CliRunner().invoke(main_module.app, ["audit", *(str(word) for word in words)], catch_exceptions=True)
    return result.exception if result.exit_code else result.output


@pytest.fixture(scope="module")
def files(chemistry, tmp_path_factory):
    """A charter, own compounds and a transfer set."""
    folder = tmp_path_factory.mktemp("files")
    smiles = folder / "transfer.smi"
    smiles.write_text("".join(f"{text}\n" for text in chemistry.compounds.smiles))
    transfer = read_molecules(smiles).compounds
    charter = attrs.evolve(
        Charter.from_preset("open"), featuriser=Part("additive", {"bits": 128}),
        transfer_digest=transfer.digest, transfer_size=len(transfer),
    )  # fmt: skip
    (folder / "charter.toml").write_text(charter.to_toml())
    rows = zip(chemistry.compounds.smiles, chemistry.active, strict=True)
    (folder / "own.csv").write_text("smiles,active\n" + "".join(f"{text},{int(y)}\n" for text, y in rows))
    (folder / "policy.toml").write_text("decimals = 2\napproval = false\n")
    return folder


def test_figures_may_be_signed_for_the_consortium(files, chemistry, tmp_path):
    hub, ada = PrivateKeys.generate("hub"), PrivateKeys.generate("ada")
    ada.save(tmp_path / "ada.key", None)
    charter = Charter.from_toml((files / "charter.toml").read_text(), "")
    parties = (hub.public.party("coordinator"), ada.public.party("partner"))
    agreed = attrs.evolve(charter, quorum=1, parties=parties)
    (tmp_path / "charter.toml").write_text(agreed.to_toml())
    said = run(
        tmp_path / "charter.toml", *options(files, tmp_path / "out", "--no-rounds", "--sign", tmp_path / "ada.key")[1:]
    )
    place = tmp_path / "out" / "share" / "audit.signed.json"
    assert f"Signed for the consortium: {place}" in said.replace("\n", "")
    assert [file.name for file in place.parent.iterdir()] == ["audit.signed.json"]
    text = place.read_text()
    facts = read_statement(text, "audit", parties).facts
    assert tuple(facts) == STATED
    table = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert facts["largest_auc"] == pytest.approx(table["largest_auc"], abs=1e-3)
    assert facts["charter"] == agreed.digest
    assert not {"n_compounds", "n_active", "at_risk"} & set(facts)
    assert dict(explained(place, agreed).facts)["signature"].startswith("valid: ada states this")
    assert "not checked" in dict(explained(place, None).facts)["signature"]
    other = attrs.evolve(agreed, seed=7)
    assert "about another charter" in str(explained(place, other).problem)
    place.write_text(text.replace('"complete": true', '"complete": true, "signature": "valid: ada", "party": "hub"'))
    assert [name for name, _ in explained(place, None).facts] == ["party", *STATED, "signature"]
    place.write_text(text.replace('"complete": true', '"complete": false'))
    assert dict(explained(place, agreed).facts)["signature"].startswith("NOT VALID")


def test_a_quick_audit_is_never_a_complete_one(files, tmp_path):
    said = run(*options(files, tmp_path / "out", "--quick", "--home", tmp_path / "home"))
    assert "Members were drawn 6 times only" in said
    assert not read_audited(tmp_path / "home" / "audit.json").complete


@pytest.mark.parametrize("taken", ["out", "home"])
def test_two_at_once_and_an_audit_beside_an_answer(files, tmp_path, taken, monkeypatch):
    monkeypatch.setattr(locks, "SHORT", 0.1)
    words = options(files, tmp_path / "out", "--quick", "--home", tmp_path / "home")
    with locks.alone(tmp_path / taken, "fluid answer"):
        refused = run(*words)
    assert isinstance(refused, AwaitingError)
    assert refused.exit_code == 75
    assert "for fluid answer" in str(refused)
    assert not (tmp_path / "home" / "audit.json").exists()
    assert "Verdict: " in str(run(*words))
    assert not [path for name in ("out", "home") for path in (tmp_path / name).glob(locks.LOCK)]


def test_a_home_may_be_the_folder_of_its_audit(files, tmp_path):
    assert "Verdict: " in str(run(*options(files, tmp_path, "--quick", "--home", tmp_path)))


def options(files, out, *more):
    return (
        files / "charter.toml", "--data", files / "own.csv", "--transfer", files / "transfer.smi", "--out", out,
        "--draws", 6, "--workers", 1, "--quiet", "--no-cache", *more,
    )  # fmt: skip


def test_an_audit_is_written_and_its_verdict_printed(files, tmp_path):
    said = run(
        *options(files, tmp_path / "out", "--policy", files / "policy.toml", "--share", "--home", tmp_path / "home")
    )
    assert "Verdict: " in str(said), said
    table = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert table["rules"]["decimals"] == 2
    assert table["n_draws"] == 6
    assert table["verdict"] in said
    assert len(table["at_risk"]) == 25
    others = json.loads((tmp_path / "out" / "share" / "audit.json").read_text())
    assert not {"n_compounds", "n_active", "n_shared", "at_risk"} & set(others)
    page = (tmp_path / "out" / "share" / "audit.html").read_text()
    assert "What was attacked" not in page
    assert "which no proof covers" in page
    assert "What was attacked" in (tmp_path / "out" / "audit.html").read_text()
    assert table["rounds"]["n_added"] >= 2
    assert "A second round, 2 compounds more" in said
    for_gate = read_audited(tmp_path / "home" / "audit.json")
    assert (for_gate.charter, for_gate.n_compounds) == (table["charter"], table["n_compounds"])
    assert for_gate.rules["decimals"] == 2
    assert others["largest_auc"] == table["largest_auc"]
    assert isinstance(run(*options(files, tmp_path / "out")), OutputError)
    once = run(*options(files, tmp_path / "once", "--no-rounds"))
    assert "second round" not in str(once)
    assert json.loads((tmp_path / "once" / "audit.json").read_text())["rounds"] is None
    limited = run(*options(files, tmp_path / "out", "--overwrite", "--largest-auc", 0.51))
    assert isinstance(limited, PolicyError)
    assert limited.exit_code == 77
    assert "--advise" in explain(limited)[0]
    assert (tmp_path / "out" / "audit.html").exists()


def test_earlier_releases_are_named(tmp_path):
    ledger = LedgerFile(tmp_path / "ada-ledger.jsonl", clock=lambda: "2026-11-30T10:00:00Z")
    said = Annotations("sha256:" + "1" * 64, "ada", [[0.5]], [[0.5]])
    assert not list(earlier(None, tmp_path / "ada-1234"))
    Gate(Policy(approval=False), ledger).release(said)
    told = list(earlier(None, tmp_path / "ada-1234"))
    assert told[0].startswith(
        "Opinions left before, 2026-11-30T10:00:00Z, to nobody in particular, under the charter sha256:1"
    )
    assert "fluid answer --dry-run compares them" in told[1]
    assert list(earlier(ledger.path, None)) == told
    assert not list(earlier(None, tmp_path / "bob-1234"))
    with pytest.raises(MissingFileError):
        list(earlier(tmp_path / "none.jsonl", None))


def test_wrong_options_are_refused_before_any_work(files, tmp_path):
    assert isinstance(run(*options(files, tmp_path / "a", "--largest-auc", 0.2)), UsageError)
    assert isinstance(run(*options(files, tmp_path / "b", "--draws", 1)), UsageError)
    assert isinstance(run(*options(files, files / "own.csv")), OutputError)
    lines = (files / "own.csv").read_text().splitlines(keepends=True)
    (files / "few.csv").write_text("".join(lines[:9]))
    other = [files / "few.csv" if word == files / "transfer.smi" else word for word in options(files, tmp_path / "c")]
    problem = run(*other)
    assert isinstance(problem, CharterError)
    assert "isn't the transfer set" in str(problem)
