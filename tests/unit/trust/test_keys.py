"""Keys: kept, lost, altered, and never shown."""

import base64
import copy
import json
import logging
import pickle
import stat

import attrs
import pyrage
import pytest

from fluidmol.errors import InputError, MissingFileError, OutputError
from fluidmol.trust import keyfile
from fluidmol.trust.keys import PrivateKeys, PublicKeys, needs_passphrase, public_of

KEYS = PrivateKeys.generate("acme")
SECRETS = (KEYS._signing.private_bytes_raw(), str(KEYS._sealing))


def shown(secret, text):
    """Say whether a secret occurs in a text, as it is or encoded."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    forms = (raw.hex(), base64.b64encode(raw).decode().rstrip("="), repr(raw)[2:-1], raw.decode("latin-1"))
    return any(form in text for form in forms)


@pytest.mark.parametrize("passphrase", [None, "correct horse", "µ – é", " "])
def test_saved_keys_are_the_same_keys(passphrase, tmp_path):
    path = tmp_path / "acme.key"
    KEYS.save(path, passphrase)
    again = PrivateKeys.load(path, passphrase)
    assert again.public == KEYS.public == public_of(path)
    assert KEYS.public.verifies(b"m", again.sign(b"m"))
    assert again.unseal(pyrage.encrypt(b"x", [pyrage.x25519.Recipient.from_str(KEYS.public.sealing)])) == b"x"
    assert needs_passphrase(path) == (passphrase is not None)
    assert [file.name for file in tmp_path.iterdir()] == ["acme.key"]


@pytest.mark.parametrize("passphrase", ["Correct horse", "", None, "correct horse "])
def test_another_passphrase_opens_nothing(passphrase, tmp_path):
    path = tmp_path / "acme.key"
    KEYS.save(path, "correct horse")
    with pytest.raises(InputError, match="passphrase") as caught:
        PrivateKeys.load(path, passphrase)
    assert "horse" not in str(caught.value)


@pytest.mark.parametrize("passphrase", ["correct horse", None])
def test_only_the_owner_may_read_the_file(passphrase, tmp_path):
    path = tmp_path / "acme.key"
    KEYS.save(path, passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_protects_nothing_is_refused_where_others_may_read(tmp_path):
    plain, sealed = tmp_path / "plain.key", tmp_path / "sealed.key"
    KEYS.save(plain, None)
    KEYS.save(sealed, "correct horse")
    for path in (plain, sealed):
        path.chmod(0o640)
        assert keyfile.readable_by_others(path)
    with pytest.raises(InputError, match="chmod 600"):
        PrivateKeys.load(plain, None)
    assert PrivateKeys.load(sealed, "correct horse").name == "acme"


def test_the_protected_file_holds_no_secret_and_each_time_other_bytes(tmp_path):
    paths = [tmp_path / "one.key", tmp_path / "two.key"]
    for path in paths:
        KEYS.save(path, "correct horse")
        assert not any(shown(secret, path.read_text()) for secret in (*SECRETS, "correct horse"))
    one, two = (json.loads(path.read_text()) for path in paths)
    assert one["secret"][:16] != two["secret"][:16]
    assert one["scrypt"]["salt"] != two["scrypt"]["salt"]


def test_nothing_shows_a_secret(caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "acme.key"
    KEYS.save(path, "correct horse")
    loaded = PrivateKeys.load(path, "correct horse")
    texts = [
        repr(loaded),
        str(loaded),
        f"{loaded}",
        caplog.text,
        repr(keyfile.read_keyfile(path)),
        repr(loaded._sealing),
    ]
    assert not any(shown(secret, text) for text in texts for secret in (*SECRETS, "correct horse"))
    with pytest.raises(TypeError):
        pickle.dumps(loaded)
    with pytest.raises(TypeError):
        copy.deepcopy(loaded)


def altered(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


OTHER = PrivateKeys.generate("acme").public
CHANGES = {
    "name": lambda c: c["facts"].update(name="beta"),
    "signing key": lambda c: c["facts"].update(signing=OTHER.signing),
    "sealing key": lambda c: c["facts"].update(sealing=OTHER.sealing),
    "cost": lambda c: c["scrypt"].update(n=2048),
    "salt": lambda c: c["scrypt"].update(salt=base64.b64encode(bytes(16)).decode()),
    "secret": lambda c: c.update(secret=base64.b64encode(bytes(120)).decode()),
    "short secret": lambda c: c.update(secret=""),
    "huge cost": lambda c: c["scrypt"].update(n=1 << 30),
    "cost that is no power": lambda c: c["scrypt"].update(n=3000),
    "cost of no number": lambda c: c["scrypt"].update(n="2048"),
    "no cost": lambda c: c.update(scrypt={}),
    "facts of another kind": lambda c: c.update(facts=[]),
    "another format": lambda c: c.update(format="fluidmol private keys 9"),
    "more": lambda c: c.update(more=1),
    "no base64": lambda c: c.update(secret="???"),
    "no passphrase asked": lambda c: c.update(scrypt=None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_altered_file_is_refused(change, tmp_path):
    path = tmp_path / "acme.key"
    KEYS.save(path, "correct horse")
    altered(path, CHANGES[change])
    with pytest.raises(InputError, match=r"acme\.key"):
        PrivateKeys.load(path, "correct horse")


@pytest.mark.parametrize("change", ["name", "signing key", "sealing key"])
def test_an_altered_file_without_passphrase_is_refused_where_secrets_tell(change, tmp_path):
    path = tmp_path / "acme.key"
    KEYS.save(path, None)
    altered(path, CHANGES[change])
    if change == "name":  # which isn't part of a key
        assert PrivateKeys.load(path, None).name == "beta"
        return
    with pytest.raises(InputError, match="aren't those of its secrets"):
        PrivateKeys.load(path, None)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 60000, b" " * 70000, b"-----BEGIN"]
)
def test_other_files_are_no_keys(content, tmp_path):
    path = tmp_path / "acme.key"
    path.write_bytes(content)
    for read in (public_of, needs_passphrase, lambda file: PrivateKeys.load(file, "x")):
        with pytest.raises(InputError, match="no private key file"):
            read(path)


def test_missing_files_and_taken_places(tmp_path):
    with pytest.raises(MissingFileError, match="fluid keys new"):
        PrivateKeys.load(tmp_path / "none.key", None)
    with pytest.raises(MissingFileError):
        PrivateKeys.load(tmp_path, None)
    path = tmp_path / "acme.key"
    path.write_text("mine")
    with pytest.raises(OutputError, match="already"):
        KEYS.save(path, None)
    with pytest.raises(OutputError, match="can't be written"):
        KEYS.save(tmp_path / "nowhere" / "acme.key", None)
    with pytest.raises(InputError, match="empty"):
        KEYS.save(tmp_path / "b.key", "")
    assert path.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["acme.key"]


def test_an_interrupted_save_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(_handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(keyfile.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        KEYS.save(tmp_path / "acme.key", None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "-a", "é", "a" * 65, "a\n", None])
def test_names_that_could_do_harm_are_refused(name):
    with pytest.raises(ValueError, match="name"):
        PrivateKeys.generate(name)
    with pytest.raises(ValueError, match="name"):
        attrs.evolve(KEYS.public, name=name)


PUBLIC = KEYS.public.to_toml()
WRONG = {
    "no TOML": "{",
    "another format": PUBLIC.replace("keys 1", "keys 2"),
    "an entry more": PUBLIC + "more = 1\n",
    "an entry less": PUBLIC.replace("sealing", "healing"),
    "a wrong letter in the sealing key": PUBLIC.replace(KEYS.public.sealing, KEYS.public.sealing[:-1] + "b"),
    "a mistyped sealing key": PUBLIC.replace(KEYS.public.sealing, KEYS.public.sealing[:-1] + "q")
    if not KEYS.public.sealing.endswith("q") else PUBLIC.replace(KEYS.public.sealing, KEYS.public.sealing[:-1] + "p"),
    "a short signing key": PUBLIC.replace("ed25519:", "ed25519:AAAA"),
    "a key of another scheme": PUBLIC.replace("ed25519:", "rsa:"),
    "a number as name": PUBLIC.replace('"acme"', "5"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_other_texts_are_no_public_keys(case):
    with pytest.raises(InputError, match=r"acme\.pub"):
        PublicKeys.from_toml(WRONG[case], "acme.pub")


def test_the_fingerprint_is_of_both_keys_and_not_of_the_name():
    public = KEYS.public
    prints = [
        public.fingerprint,
        *(attrs.evolve(public, **{f: getattr(OTHER, f)}).fingerprint for f in ("signing", "sealing")),
    ]
    assert len(set(prints)) == 3
    assert attrs.evolve(public, name="beta").fingerprint == public.fingerprint == public.party("partner").fingerprint


def test_signatures_are_of_one_message_by_one_signer():
    signature = KEYS.sign(b"message")
    assert signature == KEYS.sign(b"message")
    assert KEYS.public.verifies(b"message", signature)
    assert not KEYS.public.verifies(b"massage", signature)
    assert not OTHER.verifies(b"message", signature)
    assert not any(
        KEYS.public.verifies(b"message", bad) for bad in (b"", b"x", signature[:-1], signature + b"x", bytes(64))
    )


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 5000])
def test_hostile_toml_is_no_public_key(text):
    with pytest.raises(InputError, match="no public key file"):
        PublicKeys.from_toml(text, "x.pub")
