"""``fluid keys`` and ``fluid charter``: from nothing to a charter that all have signed, and what is refused."""

import doctest
import io
import os
import pty
import re
import select
import shlex
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest

from fluidmol.trust import keyfile
from fluidmol.values.charter import Charter
from fluidmol.values.codec import pack, unpack
from fluidmol.values.compounds import CompoundSet

PHRASE = "four quiet green pistons"
SAID = [
    "--preset",
    "open",
    "--name",
    "Pilot",
    "--endpoint",
    "herg",
    "--description",
    "hERG blockade; active if IC50 is at or below 10 µM",
]


@pytest.fixture(autouse=True, scope="module")
def _quick_passphrases():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyfile, "WORK", 1 << 10)
        patch.delenv("FLUID_PASSPHRASE_FILE", raising=False)
        patch.setenv("FLUID_PASSPHRASE", PHRASE)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory, fluid, files):
    """Keys of three parties, and a charter that nobody has signed."""
    folder = tmp_path_factory.mktemp("consortium")
    for name in ("hub", "acme", "beta"):
        result = fluid("keys", "new", name, "--out", folder)
        assert result.code == 0, result.err
    result = fluid("charter", "new", *SAID, *parties(folder), "--transfer", files.transfer, "--out", folder / "c.toml",
                   "--quiet", "--transfer-size", 30)  # fmt: skip
    assert result.code == 0, result.err
    return SimpleNamespace(
        folder=folder, charter=folder / "c.toml", transfer=folder / "transfer.fluid", said=result.out
    )


def parties(folder):
    return ["--coordinator", folder / "hub.pub", "--partner", folder / "acme.pub", "--partner", folder / "beta.pub"]


def digest_in(text):
    return next(word for word in text.split() if word.startswith("sha256:") and len(word) == 71)


def test_the_whole_way(place, fluid, tmp_path):
    agreements = tmp_path / "agreements"
    for name in ("hub", "acme", "beta"):
        result = fluid("charter", "sign", place.charter, "--key", place.folder / f"{name}.key", "--out", agreements)
        assert result.code == 0, result.err
        assert digest_in(place.said) in result.out
        checked = fluid("charter", "check", place.charter, "--agreements", agreements)
        assert f"{name}: signed" in checked.out
        assert checked.code == (0 if name == "beta" else 75)
        assert "beta" in checked.err or name == "beta"
    again = fluid("charter", "sign", place.charter, "--key", place.folder / "acme.key", "--out", agreements)
    assert (again.code, "had signed already" in again.out) == (0, True)


def test_show_gives_terms_fingerprints_and_digest(place, fluid):
    result = fluid("charter", "show", place.charter)
    assert result.code == 0
    assert digest_in(place.said) in result.out
    words = " ".join(result.out.split())
    assert "30 public molecules" in words
    for name in ("hub", "acme", "beta"):
        key = fluid("keys", "show", place.folder / f"{name}.pub").out
        assert key.partition("Fingerprint:")[2].splitlines()[0].strip() in words
    assert max(map(len, result.out.splitlines())) <= 96


def test_a_charter_can_not_write_on_the_terminal(place, fluid, tmp_path):
    evil = tmp_path / "evil.toml"
    evil.write_text(place.charter.read_text().replace('name = "Pilot"', 'name = "\\u001b[2Jnice\\nDigest: none"'))
    for words in (("show",), ("check", "--against", place.charter)):
        result = fluid("charter", words[0], evil, *words[1:])
        assert "nice" in result.out
        assert "\x1b" not in result.out
        assert "\nDigest: none" not in result.out


def test_the_transfer_set_is_checked(place, fluid, files, tmp_path):
    assert fluid("charter", "check", place.charter, "--transfer", place.transfer).code == 0
    result = fluid("charter", "check", place.charter, "--transfer", files.transfer)
    assert result.code == 78
    assert "transfer set" in result.err
    damaged = tmp_path / "transfer.fluid"
    damaged.write_bytes(place.transfer.read_bytes()[:-40])
    assert fluid("charter", "check", place.charter, "--transfer", damaged).code == 76


def test_a_transfer_set_of_false_keys_is_found(place, fluid, tmp_path):
    honest = unpack(place.transfer.read_bytes())
    lying = CompoundSet(honest.smiles, (*honest.inchikeys[1:], honest.inchikeys[0]))
    agreed = Charter.from_toml(place.charter.read_text())
    charter, transfer = tmp_path / "charter.toml", tmp_path / "transfer.fluid"
    charter.write_text(attrs.evolve(agreed, transfer_digest=lying.digest).to_toml())
    transfer.write_bytes(pack(lying))
    for _ in range(2):
        result = fluid("charter", "check", charter, "--transfer", transfer)
        assert (result.code, "30 of the 30 molecules" in result.err) == (78, True)
    result = fluid("federate", charter, tmp_path / "place", "--key", place.folder / "hub.key")
    assert (result.code, "InChIKey" in result.err) == (78, True)
    assert not list((tmp_path / "place").rglob("*.fluid"))


def test_the_same_command_again_changes_nothing_and_another_one_replaces_nothing(place, fluid, files):
    words = ["charter", "new", *SAID, *parties(place.folder), "--transfer", place.transfer, "--out", place.charter]
    before = place.charter.read_bytes()
    again = fluid(*words)
    assert (again.code, digest_in(again.out)) == (0, digest_in(place.said))
    other = fluid(*words, "--seed", 7)
    assert other.code == 73
    assert "--overwrite" in other.err
    assert place.charter.read_bytes() == before


def test_a_changed_charter_is_refused_by_name(place, fluid, tmp_path):
    agreements, changed = tmp_path / "agreements", tmp_path / "changed.toml"
    key = place.folder / "acme.key"
    assert fluid("charter", "sign", place.charter, "--key", key, "--out", agreements).code == 0
    changed.write_text(place.charter.read_text().replace("power = 6.0", "power = 4.0"))
    result = fluid("charter", "check", changed, "--agreements", agreements, "--against", place.charter)
    assert result.code == 76
    assert "[weighting] power 6.0 -> 4.0" in result.out
    refused = next(line for line in result.out.splitlines() if "refused" in line)
    assert "acme signed the charter sha256:" in refused
    assert digest_in(place.said) in refused
    again = fluid("charter", "sign", changed, "--key", key, "--out", agreements)
    assert again.code == 73
    assert "acme signed the charter" in again.err
    assert fluid("charter", "sign", changed, "--key", key, "--out", agreements, "--overwrite").code == 0


def test_settings_change_the_recipe(place, fluid, tmp_path):
    words = ["charter", "new", *SAID, *parties(place.folder), "--transfer", place.transfer]
    out = tmp_path / "c.toml"
    sets = ["--set", "weighting.power=4", "--set", "aggregation=weighted-median", "--quorum", 1, "--seed", 7]
    assert fluid(*words, *sets, "--out", out).code == 0
    text = out.read_text()
    for line in ("power = 4.0", 'name = "weighted-median"', "quorum = 1", "seed = 7", "format = 3"):
        assert line in text.splitlines()


def test_a_measure_is_written_shown_and_compared(place, fluid, tmp_path):
    words = ["charter", "new", *SAID, *parties(place.folder), "--transfer", place.transfer, "--quantity", "IC50"]
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    assert fluid(*words, "--threshold", 10, "--unit", "µM", "--out", one).code == 0
    exclude = ["--threshold", 5, "--unit", "p", "--relations", "exclude"]
    assert fluid(*words, *exclude, "--out", other, "--packed", tmp_path / "transfer.fluid").code == 0
    assert "format = 4" in one.read_text().splitlines()
    shown = " ".join(fluid("charter", "show", one).out.split())
    assert "What is measured: IC50; active at or below 10 uM; limits (< and >) are judged" in shown
    assert "active at or above 5 (p, -log10 of M); limits (< and >) are left out." in " ".join(
        fluid("charter", "show", other).out.split()
    )
    assert "doesn't say in numbers" in " ".join(fluid("charter", "show", place.charter).out.split())
    compared = fluid("charter", "check", other, "--against", one)
    assert compared.code == 0
    for line in (
        "[endpoint] unit 'uM' -> 'p'", "[endpoint] threshold 10.0 -> 5.0", "[endpoint] relations 'judge' -> 'exclude'",
        "[endpoint] direction 'at-or-below' -> 'at-or-above'",
    ):  # fmt: skip
        assert line in compared.out.splitlines()
    assert "[endpoint] quantity 'IC50' is new" in fluid("charter", "check", one, "--against", place.charter).out
    key = place.folder / "acme.key"
    assert fluid("charter", "sign", one, "--key", key, "--out", tmp_path / "agreements").code == 0
    one.write_text(one.read_text().replace("format = 4", "format = 3"))
    older = fluid("charter", "show", one)
    assert (older.code, "format 3" in older.err) == (78, True)


WRONG = {
    "a cut without a quantity": (["--threshold", 10, "--unit", "uM"], 64, "given without --quantity."),
    "only a unit": (["--unit", "uM"], 64, "--unit given without --quantity, --threshold"),
    "relations of nothing": (["--relations", "judge"], 64, "given without --quantity, --threshold, --unit"),
    "no molar unit": (["--quantity", "IC50", "--threshold", 10, "--unit", "mg/ml"], 64, "expected M, mM, uM"),
    "a negative concentration": (["--quantity", "IC50", "--threshold", -1, "--unit", "uM"], 64, "larger than 0"),
    "a quantity of nothing": (["--quantity", "", "--threshold", 1, "--unit", "uM"], 64, "quantity is ''"),
    "unknown relations": (["--quantity", "Ki", "--threshold", 1, "--unit", "p", "--relations", "drop"], 64, "exclude"),
    "nothing said": ([], 64, "--name, --endpoint, --description, --transfer, --coordinator, --partner"),
    "unknown part": (["--set", "wieghting.power=4"], 64, "weighting"),
    "unknown option": (["--set", "weighting.powr=4"], 78, "powr"),
    "no value": (["--set", "weighting.power"], 64, "weighting.power"),
    "two values": (["--set", "weighting.power=4,5"], 64, "one value"),
    "unknown preset": (["--preset", "papper-2025"], 78, "paper-2025"),
    "missing preset file": (["--charter", "nothing.toml"], 66, "nothing.toml"),
}


@pytest.mark.parametrize("case", WRONG)
def test_new_says_what_is_wrong_before_any_work(case, fluid, tmp_path):
    words, code, said = WRONG[case]
    result = fluid("charter", "new", *words, "--out", tmp_path / "c.toml")
    assert result.code == code
    assert said in result.err
    assert list(tmp_path.iterdir()) == []


PARTIES = {
    "a private key": (["--partner", "acme.key"], 65, "Keep it to yourself"),
    "one partner twice": (["--partner", "acme.pub"], 78, "same name"),
    "a missing key": (["--partner", "none.pub"], 66, "none.pub"),
    "another file": (["--partner", "c.toml"], 65, "no public key file"),
    "a quorum that is too large": (["--quorum", "3"], 78, "quorum is 3"),
}


@pytest.mark.parametrize("case", PARTIES)
def test_new_refuses_parties_that_make_no_consortium(case, place, fluid, monkeypatch, tmp_path):
    words, code, said = PARTIES[case]
    monkeypatch.chdir(place.folder)
    result = fluid("charter", "new", *SAID, *parties(place.folder), "--transfer", place.transfer, *words, "--out",
                   tmp_path / "c.toml")  # fmt: skip
    assert result.code == code
    assert said in result.err
    assert list(tmp_path.iterdir()) == []


def test_presets_and_strangers_can_not_be_signed(place, fluid, files, tmp_path):
    result = fluid("charter", "sign", files.forest, "--key", place.folder / "acme.key", "--out", tmp_path / "a")
    assert result.code == 78
    assert "no parties, no transfer set" in result.err
    assert fluid("keys", "new", "eve", "--out", tmp_path).code == 0
    result = fluid("charter", "sign", place.charter, "--key", tmp_path / "eve.key", "--out", tmp_path / "a")
    assert result.code == 78
    assert "eve is no party" in result.err
    assert not (tmp_path / "a").exists()


def test_keys_are_shown_without_a_passphrase_and_without_a_secret(place, fluid, monkeypatch):
    monkeypatch.delenv("FLUID_PASSPHRASE")
    private, public = (fluid("keys", "show", place.folder / f"acme.{kind}") for kind in ("key", "pub"))
    assert private.code == public.code == 0
    assert private.out.startswith(public.out)
    assert "encrypted by a passphrase" in private.out
    secret = (place.folder / "acme.key").read_text().partition('"secret": "')[2][:20]
    assert secret not in private.out


def test_keys_are_never_replaced_and_an_interrupted_command_goes_on(fluid, tmp_path):
    assert fluid("keys", "new", "acme", "--out", tmp_path).code == 0
    before = (tmp_path / "acme.key").read_bytes(), (tmp_path / "acme.pub").read_bytes()
    assert fluid("keys", "new", "acme", "--out", tmp_path).code == 73
    (tmp_path / "acme.pub").unlink()
    assert fluid("keys", "new", "acme", "--out", tmp_path).code == 0
    assert before == ((tmp_path / "acme.key").read_bytes(), (tmp_path / "acme.pub").read_bytes())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_nothing_is_waited_for_at_a_pipe(place, fluid, tmp_path):
    pipe, key = tmp_path / "pipe", place.folder / "acme.key"
    os.mkfifo(pipe)
    (tmp_path / "there").mkdir()
    for words in (
        ("inspect", pipe), ("charter", "show", pipe), ("charter", "check", place.charter, "--transfer", pipe),
        ("policy", "check", pipe), ("ledger", "verify", pipe), ("keys", "show", pipe),
        ("charter", "sign", place.charter, "--key", pipe),
        ("answer", tmp_path / "there", "--as", "acme", "--key", key, "--policy", pipe),
    ):  # fmt: skip
        result = fluid(*words)
        assert (result.code, "no regular file" in result.err) == (65, True), words


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="this system has no /dev/fd")
def test_a_passphrase_may_come_through_a_pipe(place, fluid, tmp_path):
    reading, writing = os.pipe()
    os.write(writing, f"{PHRASE}\n".encode())
    os.close(writing)
    words = ("charter", "sign", place.charter, "--key", place.folder / "acme.key", "--out", tmp_path / "a")
    result = fluid(*words, "--passphrase-file", f"/dev/fd/{reading}")
    os.close(reading)
    assert result.code == 0, result.err


@pytest.mark.parametrize("name", ["../acme", "a b", "a" * 65])
def test_names_that_can_not_be_file_names(name, fluid, tmp_path):
    result = fluid("keys", "new", name, "--out", tmp_path)
    assert (result.code, list(tmp_path.iterdir())) == (64, [])


def test_where_passphrases_come_from(place, fluid, monkeypatch, tmp_path):
    right, wrong, empty = tmp_path / "right", tmp_path / "wrong", tmp_path / "empty"
    right.write_bytes(PHRASE.encode() + b"\r\nand a remark\n")
    wrong.write_text("five loud red pistons\n")
    empty.write_text("\n")

    def sign(*words):
        return fluid(
            "charter", "sign", place.charter, "--key", place.folder / "acme.key", "--out", tmp_path / "a", *words
        )

    assert sign("--passphrase-file", right).code == 0
    for result in (sign("--passphrase-file", wrong), sign("--passphrase-file", empty)):
        assert result.code == 65
        assert "pistons" not in result.err
    monkeypatch.setenv("FLUID_PASSPHRASE_FILE", str(wrong))
    assert sign().code == 65  # it comes before FLUID_PASSPHRASE
    assert sign("--passphrase-file", right).code == 0
    monkeypatch.setenv("FLUID_PASSPHRASE_FILE", str(right))
    monkeypatch.delenv("FLUID_PASSPHRASE")
    assert sign().code == 0
    monkeypatch.delenv("FLUID_PASSPHRASE_FILE")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    result = sign()
    assert result.code == 64
    assert "FLUID_PASSPHRASE_FILE" in result.err


def test_no_passphrase_is_asked_for_explicitly(fluid, monkeypatch, tmp_path):
    monkeypatch.delenv("FLUID_PASSPHRASE")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert fluid("keys", "new", "acme", "--out", tmp_path).code == 64
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("FLUID_PASSPHRASE", "short")
    assert fluid("keys", "new", "acme", "--out", tmp_path).code == 64
    assert fluid("keys", "new", "acme", "--out", tmp_path, "--no-passphrase").code == 0
    assert "NOT protected" in fluid("keys", "show", tmp_path / "acme.key").out


def test_a_key_that_others_may_read(place, fluid, tmp_path):
    key = tmp_path / "acme.key"
    key.write_bytes((place.folder / "acme.key").read_bytes())
    key.chmod(0o644)
    result = fluid("charter", "sign", place.charter, "--key", key, "--out", tmp_path / "a")
    assert result.code == 0
    assert "chmod 600" in result.err


def at_terminal(answers, *words, enter="\n"):
    """Run ``fluid`` on a terminal of its own, give each answer when its question is there, return all it showed."""
    code = "from fluidmol.trust import keyfile; keyfile.WORK = 1 << 10; from fluidmol.cli.main import main; main()"
    environ = {key: value for key, value in os.environ.items() if key != "FLUID_PASSPHRASE"}
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # shells start what runs in the background deaf to it
        os.execve(sys.executable, [sys.executable, "-c", code, *map(str, words)], environ)
    shown, left, seen, end = "", list(answers), 0, time.monotonic() + 120
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data = os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
            shown += data.decode()
        if left and (place := shown.find(left[0][0], seen)) >= 0:
            question, answer = left.pop(0)
            seen = place + len(question)
            os.write(terminal, (answer + enter).encode())
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert left == [], shown
    return os.waitstatus_to_exitcode(status), shown


def test_a_terminal_is_asked_and_shows_no_passphrase(tmp_path):
    # What is typed before the echo is off gets lost, so the space at the end is waited for.
    asked = [("Passphrase for the new key: ", PHRASE), ("Repeat for confirmation: ", PHRASE)]
    code, shown = at_terminal(asked, "keys", "new", "acme", "--out", tmp_path)
    assert code == 0, shown
    assert PHRASE not in shown
    assert keyfile.read_keyfile(tmp_path / "acme.key").opened(PHRASE, "")


@pytest.mark.parametrize(("key", "code", "said"), [("\x03", 130, "Interrupted."), ("\x04", 64, "input ended")])
def test_who_leaves_a_prompt_is_not_told_aborted(key, code, said, place, tmp_path):
    for asked, words in (
        ("Passphrase for the new key: ", ("keys", "new", "acme", "--out", tmp_path)),
        (
            "such as herg:",
            (
                "charter",
                "new",
                "--preset",
                "open",
                "--name",
                "Pilot",
                "--transfer",
                place.transfer,
                "--out",
                tmp_path / "c",
            ),
        ),
    ):
        ended, shown = at_terminal([(asked, key)], *words, enter="")
        assert ended == code, shown
        assert said in shown
        assert "Abort" not in shown
        assert not list(tmp_path.iterdir())


def test_a_terminal_is_asked_for_what_a_charter_lacks(place, tmp_path):
    folder = place.folder
    asked = [("such as herg:", "herg"), ("compound active:", "blocks hERG"),
             ("key files, with spaces in between:", f"{folder / 'acme.pub'} '{folder / 'beta.pub'}'")]  # fmt: skip
    code, shown = at_terminal(
        asked, "charter", "new", "--preset", "open", "--name", "Pilot",
        "--transfer", place.transfer, "--coordinator", folder / "hub.pub",
        "--out", tmp_path / "c.toml",
    )  # fmt: skip
    assert code == 0, shown
    assert "blocks hERG" in (tmp_path / "c.toml").read_text()


def test_the_guide(fluid, files, root, tmp_path, monkeypatch):
    page = (root / "docs" / "charter.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    Path("public.smi").write_bytes(files.transfer.read_bytes())
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 8
    for line in lines:
        result = fluid(*shlex.split(line)[1:])
        assert result.code == 0, f"{line}: {result.err}"
    # What the guide tells people to look for is there in these words.
    shown = " ".join(fluid("charter", "show", "charter.toml").out.split())
    for words in re.findall(r"^- \*(.*?)\*:", page, re.MULTILINE):
        assert words in shown
    (python,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    test = doctest.DocTestParser().get_doctest(python, {}, "charter.md", "charter.md", 0)
    said = []
    assert doctest.DocTestRunner().run(test, out=said.append).failed == 0, "".join(said)
