"""``fluid annotate``: a large transfer set in shares, on one machine or many, which ``fluid answer`` takes up."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fluidmol.chem.pool.shards import BuiltSet, read_set
from fluidmol.partner.policy import Policy
from fluidmol.partner.policy_file import to_toml
from fluidmol.values import pieces
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack

SIZE = 40

COMMAND = """#!{python}
import sys
from fluidmol.values import pieces
pieces.PIECE = {size}  # of 25 000 molecules a test would take minutes
from fluidmol.cli.main import main
main()
"""


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", SIZE)


@pytest.fixture(scope="module")
def company(tmp_path_factory, fluid, files, rows, as_table):
    """A transfer set in shards, its charter, keys, and one partner's data."""
    root = tmp_path_factory.mktemp("annotate")
    for name in ("hub", "ada", "bob"):
        assert fluid("keys", "new", name, "--no-passphrase", "--out", root).code == 0
    (root / "policy.toml").write_text(to_toml(Policy()))
    (root / "ada.csv").write_text(as_table(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE", SIZE)
        made = fluid(
            "transfer", "build", files.transfer, "--size", 1000, "--allow-fewer", "--min-atoms", 1, "--workers", 1,
            "--quiet", "--out", root / "transfer",
        )  # fmt: skip
        assert made.code == 0, made.err
    made = fluid(
        "charter", "new", "--name", "large", "--endpoint", "amine", "--description", "has a basic amine", "--quiet",
        "--transfer", root / "transfer", "--charter", files.experts, "--coordinator", root / "hub.pub",
        "--partner", root / "ada.pub", "--partner", root / "bob.pub", "--out", root / "charter.toml",
    )  # fmt: skip
    assert made.code == 0, made.err
    return SimpleNamespace(root=root, n=len(BuiltSet.open(root / "transfer").sizes))


def annotate(fluid, company, home, *more, data="ada.csv"):
    root = company.root
    given = () if data is None else ("--data", root / data)
    return fluid(
        "annotate", root / "transfer", "--as", "ada", "--charter", root / "charter.toml", "--home", home,
        "--workers", 1, "--quiet", *given, *more,
    )  # fmt: skip


def kept(home):
    """Opinions by the digest of their piece."""
    found = {}
    for path in home.rglob("*.npz"):
        if len(path.stem) == 64:
            with np.load(path) as arrays:
                found[path.stem] = np.hstack([arrays["value"], arrays["weight"]])
    return found


def test_shares_are_the_whole(company, fluid, tmp_path):
    assert company.n > 2
    whole = annotate(fluid, company, tmp_path / "whole")
    assert whole.code == 0, whole.err
    assert f"{company.n} of {company.n} shards are annotated" in whole.out
    assert f"fluid answer --home {tmp_path / 'whole'} sends it" in whole.out
    (folder,) = (tmp_path / "whole" / "pieces").iterdir()
    assert f"in {folder}. " in whole.out
    for share in (2, 1, 2):
        assert annotate(fluid, company, tmp_path / "shares", "--shard", f"{share}/2").code == 0
    one, other = kept(tmp_path / "whole"), kept(tmp_path / "shares")
    assert one.keys() == other.keys()
    assert len(one) == company.n
    for piece, said in one.items():
        np.testing.assert_array_equal(said, other[piece])


def test_a_share_says_what_is_missing(company, fluid, tmp_path):
    said = annotate(fluid, company, tmp_path, "--shard", f"1/{company.n}")
    assert f"1 of {company.n} shards are annotated" in said.out
    assert "sends it" not in said.out
    more = annotate(fluid, company, tmp_path, "--shard", f"{company.n + 1}/{company.n + 1}")
    assert more.code == 0
    assert f"1 of {company.n} shards are annotated" in more.out


def test_a_foreign_shard_is_named_and_the_rest_goes_on(company, fluid, tmp_path):
    shutil.copytree(company.root / "transfer", tmp_path / "transfer")
    built = BuiltSet.open(tmp_path / "transfer")
    first, second = (tmp_path / "transfer" / built.manifest.shards[place].file for place in (0, 1))
    good = second.read_bytes()
    second.write_bytes(first.read_bytes())
    elsewhere = SimpleNamespace(root=tmp_path, n=company.n)
    for name in ("ada.csv", "charter.toml"):
        shutil.copy(company.root / name, tmp_path)
    found = annotate(fluid, elsewhere, tmp_path / "home")
    assert found.code == 76
    assert f"1 of {company.n} shards can't be used (2)" in found.err
    assert "holds other molecules" in found.err
    assert len(kept(tmp_path / "home")) == company.n - 1
    second.write_bytes(good)
    assert annotate(fluid, elsewhere, tmp_path / "home").code == 0
    assert len(kept(tmp_path / "home")) == company.n


def test_a_shard_that_is_no_file_is_set_aside(company, fluid, tmp_path):
    shutil.copytree(company.root / "transfer", tmp_path / "transfer")
    second = tmp_path / "transfer" / BuiltSet.open(tmp_path / "transfer").manifest.shards[1].file
    second.unlink()
    os.mkfifo(second)
    for name in ("ada.csv", "charter.toml"):
        shutil.copy(company.root / name, tmp_path)
    found = annotate(fluid, SimpleNamespace(root=tmp_path), tmp_path / "home")
    assert (found.code, "(2)" in found.err, "is no regular file" in found.err) == (76, True, True), found.err
    assert len(kept(tmp_path / "home")) == company.n - 1


def test_one_shard_needs_no_shares(company, fluid, tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 10_000)
    (tmp_path / "transfer.fluid").write_bytes(pack(read_set(company.root / "transfer")))
    root = company.root
    found = fluid(
        "annotate", tmp_path / "transfer.fluid", "--as", "ada", "--charter", root / "charter.toml", "--data",
        root / "ada.csv", "--home", tmp_path / "home", "--workers", 1, "--quiet",
    )  # fmt: skip
    assert found.code == 0, found.err
    assert "fluid answer annotates it." in found.out
    assert "of 1 shards" not in found.out


def test_answer_takes_what_is_there(company, fluid, tmp_path):
    root, place = company.root, tmp_path / "place"
    federate = ("federate", root / "charter.toml", place, "--key", root / "hub.key", "--workers", 1, "--quiet")

    def answer(home, *more):
        return fluid(
            "answer", place, "--as", "ada", "--key", root / "ada.key", "--policy", root / "policy.toml", "--data",
            root / "ada.csv", "--home", home, "--ledger", tmp_path / "ledger.jsonl", "--workers", 1, "--quiet", *more,
        )  # fmt: skip

    assert fluid(*federate).code == 75
    assert answer(tmp_path / "home", "--accept").code == 0
    bob = ("answer", place, "--as", "bob", "--key", root / "bob.key", "--home", tmp_path / "bob", "--accept")
    assert fluid(*bob, "--workers", 1, "--quiet").code == 0
    assert fluid(*federate).code == 75
    alone = answer(tmp_path / "another", "--dry-run")
    assert annotate(fluid, company, tmp_path / "home").code == 0
    ahead = {path: path.stat().st_mtime_ns for path in (tmp_path / "home" / "pieces").rglob("*.npz")}
    assert len(ahead) == company.n + 1
    said = answer(tmp_path / "home")
    assert said.code == 0, said.err
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "home" / "pieces").rglob("*.npz")} == ahead
    entry = json.loads((tmp_path / "ledger.jsonl").read_text().splitlines()[-1])
    assert f"ada-{entry['digest'].removeprefix('sha256:')[:12]}" in alone.out  # the same as without


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("--shard", "0/4"), 64, "--shard is '0/4'.*I from 1 to N"),
        (("--shard", "5/4"), 64, "--shard is '5/4'"),
        (("--shard", "half"), 64, "--shard is 'half'"),
        (("--fit", "--shard", "1/2"), 64, "--fit is given with --shard"),
        (("--as", "../ada"), 64, "--as is '../ada'"),
        (("--charter", "nowhere.toml"), 66, "nowhere.toml"),
    ],
)
def test_bad_words(words, code, reason, company, fluid, tmp_path):
    found = annotate(fluid, company, tmp_path, *words)
    assert found.code == code, found.err
    assert re.search(reason, found.err, re.DOTALL), found.err


def test_another_transfer_set_or_home_is_refused(company, fluid, files, tmp_path):
    root = company.root
    words = ("--as", "ada", "--charter", root / "charter.toml", "--data", root / "ada.csv", "--quiet", "--workers", 1)
    other = fluid("annotate", files.external, *words, "--home", tmp_path / "home")
    assert (other.code, "isn't the charter's transfer set" in other.err) == (78, True)
    agreed = Charter.from_toml((root / "charter.toml").read_text())
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "charter.toml").write_text(agreed.to_toml().replace("seed = 42", "seed = 43"))
    taken = annotate(fluid, company, tmp_path / "taken")
    assert (taken.code, "is the home of another charter" in taken.err) == (64, True), taken.err


def test_nothing_to_learn_from(company, fluid, tmp_path):
    found = annotate(fluid, company, tmp_path, data=None)
    assert (found.code, "Give --data FILE" in found.err) == (64, True)


def test_the_slurm_script(company, tmp_path):
    """Its jobs, one after the other, as Slurm would start them."""
    command = tmp_path / "bin" / "fluid"
    command.parent.mkdir()
    command.write_text(COMMAND.format(python=sys.executable, size=SIZE))
    command.chmod(0o755)
    root, script = company.root, Path(__file__).parents[2] / "examples" / "cluster" / "slurm.sh"
    given = {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "TRANSFER": root / "transfer", "NAME": "ada",
        "DATA": root / "ada.csv", "FLUID_HOME": tmp_path / "home", "CHARTER": root / "charter.toml", "SHARES": 2,
        "SLURM_CPUS_PER_TASK": 1, "MODEL": "--quiet",
    }  # fmt: skip

    def job(**more):
        environment = os.environ | {name: str(value) for name, value in {**given, **more}.items()}
        found = subprocess.run([script], check=False, env=environment, capture_output=True, text=True)
        assert found.returncode == 0, found.stderr
        return found.stdout

    assert "The teacher is ready" in job()
    assert not kept(tmp_path / "home")
    job(SLURM_ARRAY_TASK_ID=2)
    assert f"{company.n} of {company.n} shards are annotated" in job(SLURM_ARRAY_TASK_ID=1)
