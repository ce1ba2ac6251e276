"""Keys in other programs' forms, and another passphrase: the same keys, in a file that only its owner may read."""

import os
import stat

import pyrage
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from typer.testing import CliRunner

from fluidmol.cli.keys import app
from fluidmol.errors import InputError, OutputError, UsageError
from fluidmol.trust.bech32 import from_bech32, to_bech32
from fluidmol.trust.keyfile import change_passphrase
from fluidmol.trust.keys import PrivateKeys, PublicKeys, needs_passphrase
from fluidmol.trust.portable import from_pem, to_age, to_pem
from fluidmol.trust.sealing import seal

KEYS = PrivateKeys.generate("acme")
OLD, NEW = "correct horse", "battery staple"


@pytest.fixture(autouse=True)
def _nobody_is_asked(monkeypatch):
    for name in ("FLUID_PASSPHRASE", "FLUID_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "acme.key"
    KEYS.save(path, OLD)
    return path


@pytest.fixture
def words(tmp_path):
    """Files of passphrases."""
    found = {}
    for name, word in (("old", OLD), ("new", NEW), ("short", "horse")):
        found[name] = tmp_path / f"{name}.txt"
        found[name].write_text(f"{word}\n")
    return found


def run(*given):
    result = CliRunner().invoke(app, [str(word) for word in given], catch_exceptions=True)
    return result.exception if result.exit_code else result.output


def blocks(pem):
    end = "-----\n"
    return [block for block in pem.split(f"END PRIVATE KEY{end}") if block.strip()]


def test_bech32_is_that_of_age():
    for _ in range(20):
        identity = pyrage.x25519.Identity.generate()
        raw = from_bech32("age-secret-key-", str(identity).lower())
        assert to_bech32("age-secret-key-", raw).upper() == str(identity)
        public = X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
        assert to_bech32("age", public) == str(identity.to_public())


@pytest.mark.parametrize("text", ["", "age1", "age1" + "q" * 58, "age1" + "b" * 58, "x" * 62, "AGE1" + "q" * 58])
def test_text_that_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="expected age1"):
        from_bech32("age", text)


@pytest.mark.parametrize("passphrase", [None, OLD, "µ – é"])
def test_keys_in_pem_are_the_same_keys(passphrase):
    pem = to_pem(KEYS, passphrase)
    again = from_pem("acme", pem, passphrase)
    assert again.public == KEYS.public
    assert again.unseal(seal(b"x", [KEYS.public.sealing])) == b"x"
    assert ("ENCRYPTED" in pem) == (passphrase is not None)
    assert from_pem("acme", f"a letter\n{pem}regards", passphrase).public == KEYS.public


def test_pem_of_others_is_read_in_any_order_and_from_two_files(tmp_path, words):
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    for name, secret in (("b", signing), ("a", sealing)):
        (tmp_path / f"{name}.pem").write_bytes(secret.private_bytes(*form))
    out = tmp_path / "out"
    said = run(
        "import", "acme", tmp_path / "a.pem", tmp_path / "b.pem", "--out", out, "--passphrase-file", words["new"]
    )
    assert "acme.pub" in said
    keys = PrivateKeys.load(out / "acme.key", NEW)
    assert keys.public.verifies(b"m", signing.sign(b"m"))
    assert PublicKeys.from_toml((out / "acme.pub").read_text(), "it") == keys.public


def test_pem_that_holds_something_else_is_refused():
    pem = to_pem(KEYS, None)
    first, second = blocks(pem)
    for text in ("", first + "END PRIVATE KEY-----\n", pem + pem, pem.replace("MC4C", "MC4D"), second):
        with pytest.raises(InputError):
            from_pem("acme", text, None)
    for wrong in (None, NEW):
        with pytest.raises(InputError, match="passphrase") as caught:
            from_pem("acme", to_pem(KEYS, OLD), wrong)
        assert "horse" not in str(caught.value)
    with pytest.raises(InputError, match="empty"):
        to_pem(KEYS, "")
    with pytest.raises(ValueError, match="name"):
        from_pem("..", pem, None)


def test_programs_of_age_open_sealed_files_by_what_is_exported(key, words, tmp_path):
    out = tmp_path / "acme.age"
    result = CliRunner().invoke(
        app, ["export", str(key), "--age", "--out", str(out), "--passphrase-file", str(words["old"])]
    )
    assert result.exit_code == 0
    assert "NOT protected" in result.output
    assert "Caution: whoever has it" in result.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600 or os.name != "posix"
    *notes, secret = out.read_text().splitlines()
    assert all(note.startswith("#") for note in notes)
    assert pyrage.decrypt(seal(b"x", [KEYS.public.sealing]), [pyrage.x25519.Identity.from_str(secret)]) == b"x"
    assert out.read_text() == to_age(KEYS)
    assert secret not in result.output


def test_exported_and_imported_keys_are_the_same(key, words, tmp_path):
    out, there = tmp_path / "vault" / "acme.pem", tmp_path / "there"
    said = run("export", key, "--pem", "--out", out, "--passphrase-file", words["old"])
    assert "encrypted by the passphrase" in said
    assert out.read_text().count("BEGIN ENCRYPTED PRIVATE KEY") == 2
    run("import", "acme", out, "--out", there, "--passphrase-file", words["old"])
    assert PrivateKeys.load(there / "acme.key", OLD).public == KEYS.public
    assert isinstance(run("import", "acme", out, "--out", there, "--passphrase-file", words["old"]), OutputError)
    assert isinstance(run("export", key, "--pem", "--out", out, "--passphrase-file", words["old"]), OutputError)


def test_nothing_leaves_unprotected_unless_it_is_asked_for(words, tmp_path):
    key, out = tmp_path / "plain.key", tmp_path / "out.pem"
    KEYS.save(key, None)
    assert isinstance(run("export", key, "--pem", "--out", out), UsageError)
    assert isinstance(run("export", key, "--out", out), UsageError)
    assert isinstance(run("export", key, "--out", out, "--age", "--pem"), UsageError)
    assert not out.exists()
    assert "NOT protected" in run("export", key, "--pem", "--out", out, "--no-passphrase")
    there = tmp_path / "there"
    run("import", "acme", out, "--out", there, "--no-passphrase")
    assert not needs_passphrase(there / "acme.key")


def test_another_passphrase_opens_the_same_keys(key, words):
    before = key.read_bytes()
    told = ("--passphrase-file", words["old"], "--new-passphrase-file")
    assert isinstance(run("passphrase", key, *told, words["short"]), UsageError)
    wrong = run("passphrase", key, "--passphrase-file", words["new"], "--new-passphrase-file", words["new"])
    assert isinstance(wrong, InputError)
    assert isinstance(run("passphrase", key, *told, words["new"], "--no-passphrase"), UsageError)
    assert isinstance(run("passphrase", key, *told[:2]), UsageError)  # nobody is there to ask
    assert key.read_bytes() == before
    assert "another passphrase" in run("passphrase", key, *told, words["new"])
    assert PrivateKeys.load(key, NEW).public == KEYS.public
    with pytest.raises(InputError):
        PrivateKeys.load(key, OLD)
    assert "NO passphrase" in run("passphrase", key, "--passphrase-file", words["new"], "--no-passphrase")
    assert PrivateKeys.load(key, None).public == KEYS.public
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 or os.name != "posix"


def test_interrupted_change_leaves_the_file_as_it_was(key, monkeypatch):
    before = key.read_bytes()

    def full(*_words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        change_passphrase(key, OLD, NEW)
    assert key.read_bytes() == before
    assert [path.name for path in key.parent.iterdir()] == ["acme.key"]
