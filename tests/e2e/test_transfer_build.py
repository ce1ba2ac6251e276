"""A transfer set is built from files, named in a charter, and checked against it; by the commands that people type."""

import subprocess
import sys


def fluid(*words, folder):
    return subprocess.run(
        [sys.executable, "-m", "fluidmol", *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip


def test_a_charter_is_made_of_a_built_set(chemistry, tmp_path, monkeypatch):
    monkeypatch.setenv("FLUID_CACHE", str(tmp_path / "cache"))
    half = len(chemistry.compounds) // 2
    for name, part in (("a.smi", chemistry.compounds.smiles[:half]), ("b.smi", chemistry.compounds.smiles[half:])):
        (tmp_path / name).write_text("\n".join(part) + "\n")
    (tmp_path / "empty.smi").write_text("")
    built = fluid("transfer", "build", "*.smi", "--out", "set", "--size", 100, "--method", "tiling", folder=tmp_path)
    assert built.returncode == 0, built.stderr
    assert "Left out: empty.smi" in built.stdout
    digest = built.stdout.partition("Digest: ")[2].split()[0]
    assert "standardise" in built.stderr

    for name in ("hub", "ada", "bob"):
        assert fluid("keys", "new", name, "--no-passphrase", folder=tmp_path).returncode == 0
    agreed = fluid("charter", "new", "--name", "few", "--endpoint", "amine", "--description", "a basic amine",
                   "--preset", "open", "--transfer", "set", "--coordinator", "hub.pub", "--partner", "ada.pub",
                   "--partner", "bob.pub", "--quiet", folder=tmp_path)  # fmt: skip
    assert agreed.returncode == 0, agreed.stderr
    assert digest in (tmp_path / "charter.toml").read_text()
    checked = fluid("charter", "check", "charter.toml", "--transfer", "set", folder=tmp_path)
    assert checked.returncode == 0, checked.stderr

    refused = fluid("transfer", "build", "*.smi", "--out", "more", "--size", 1000, folder=tmp_path)
    assert refused.returncode == 65
    assert "130 molecules are left of 130 rows, and 1,000 are asked for" in refused.stderr
    assert "--allow-fewer" in refused.stderr

    assert digest in fluid("transfer", "check", "set", folder=tmp_path).stdout
    [shard] = (tmp_path / "set").glob("*.fluid")
    shard.write_bytes(shard.read_bytes()[:-100])
    assert fluid("transfer", "check", "set", folder=tmp_path).returncode == 76
