"""Setting a drop up: no key is ever replaced, and names are checked before anything is written."""

import ipaddress
import threading

import pytest
from cryptography.x509 import DNSName, IPAddress

from fluidmol.errors import MissingFileError, OutputError, UsageError
from fluidmol_drop.server import founding
from fluidmol_drop.server.authority import Authority, server_names
from fluidmol_drop.server.blobs import open_blobs
from fluidmol_drop.server.founding import found
from fluidmol_drop.server.service import Service
from fluidmol_drop.server.settings import Settings
from fluidmol_drop.server.tables import Database


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "drop.sqlite"}


def test_a_drop_without_its_settings_is_not_set_up_anew(tmp_path):
    settings = Settings(tmp_path, "x")
    found(settings)
    (tmp_path / "drop.toml").unlink()
    before = contents(tmp_path)
    for attempt in (lambda: found(settings), lambda: Settings.load(tmp_path)):
        with pytest.raises((OutputError, MissingFileError), match=r"ca\.key.*estore drop\.toml from the backup"):
            attempt()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["ca.key", "ca.pem", "server.key", "server.pem", "drop.sqlite"])
def test_files_of_others_stay_as_they_are(tmp_path, name):
    (tmp_path / name).write_text("of somebody else")
    tmp_path.chmod(0o755)
    with pytest.raises(OutputError, match=f"holds {name}, and no key is ever replaced"):
        found(Settings(tmp_path, "x"))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "of somebody else")]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("step", ["Database", "renew", "save_key", "write_whole"])
def test_an_interrupted_try_is_made_again(tmp_path, monkeypatch, step):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(founding, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        found(Settings(tmp_path, "x"))
    monkeypatch.undo()
    with pytest.raises(MissingFileError, match="holds half a drop"):
        Settings.load(tmp_path)
    found(Settings(tmp_path, "x"))
    assert not (tmp_path / "drop.toml.unfinished").exists()
    assert Authority.load(tmp_path)
    with pytest.raises(OutputError, match="holds a drop already"):
        found(Settings(tmp_path, "x"))


def test_the_database_of_another_drop_is_not_taken(tmp_path):
    first = Settings(tmp_path / "one", "x")
    found(first)
    service = Service.open(first)
    service.members.invite("ada", "partner")
    service.database.close()
    with pytest.raises(OutputError, match="holds another drop: its log has 1 records"):
        found(Settings(tmp_path / "two", "x", database=first.database_url))
    assert not (tmp_path / "two" / "ca.key").exists()


def test_an_empty_database_is_given_to_one_drop_only(tmp_path):
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    found(Settings(tmp_path / "one", "x", database=url))
    with pytest.raises(OutputError, match=r"the database belongs to another drop, which was set up with it \(20"):
        found(Settings(tmp_path / "two", "x", database=url))
    assert not (tmp_path / "two" / "ca.key").exists()
    assert not (tmp_path / "one" / founding.MARK).exists()


def test_of_several_at_once_one_gets_the_database(tmp_path):
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    Database(url).close()
    said = []

    def attempt(name):
        try:
            found(Settings(tmp_path / name, "x", database=url))
            said.append("")
        except OutputError as problem:
            said.append(problem.message)

    threads = [threading.Thread(target=attempt, args=(f"home{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(bool(text) for text in said) == [False, True, True, True]
    assert all("belongs to another drop" in text for text in said if text)


def test_an_interrupted_try_keeps_its_database(tmp_path, monkeypatch):
    settings = Settings(tmp_path / "one", "x", database=f"sqlite:///{tmp_path / 'shared.sqlite'}")
    with monkeypatch.context() as patch:
        patch.setattr(founding, "renew", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OutputError, match="No space left"):
            found(settings)
    found(settings)
    assert Settings.load(tmp_path / "one")


@pytest.mark.parametrize(
    "url", ["memory://x", "MEMORY://x", "simplecache::memory://x", "https://a.example/x", "zip://a"]
)
def test_blobs_are_kept_where_they_last_or_not_at_all(tmp_path, url):
    with pytest.raises(UsageError, match="blobs can't be kept at"):
        found(Settings(tmp_path / "home", "x", blobs=url))
    assert not (tmp_path / "home").exists()
    with pytest.raises(UsageError, match="blobs can't be kept at"):
        open_blobs(url)


def test_two_uploads_of_one_content_dont_meet_on_their_way(tmp_path, monkeypatch):
    store = open_blobs(f"file://{tmp_path}/far")
    both, seen, put = threading.Barrier(2, timeout=10), [], store._system.put_file

    def together(source, target):
        put(source, target)
        seen.append(target)
        both.wait()

    monkeypatch.setattr(store._system, "put_file", together)
    parts = [tmp_path / name for name in ("one.part", "two.part")]
    for part in parts:
        part.write_bytes(b"content")
    threads = [threading.Thread(target=store.take, args=(part, "ab12")) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 2
    assert b"".join(store.pieces("ab12", 0, 7)) == b"content"
    assert not any(part.exists() for part in parts)


@pytest.mark.parametrize("name", ["漢" * 40, "é" * 60, "\N{GRINNING FACE}" * 20, "a" * 100])
def test_a_consortium_may_have_any_name_of_one_line(tmp_path, name):
    found(Settings(tmp_path, name))
    assert Settings.load(tmp_path).consortium == name
    subject = Authority.load(tmp_path).certificate.subject.rfc4514_string()
    assert subject.startswith(f"CN={name[:12]}")


@pytest.mark.parametrize(
    "wrong", [{"consortium": "two\nlines"}, {"consortium": "\udc80"}, {"hosts": ("",)}, {"hosts": ()}]
)
def test_what_can_not_be_used_leaves_nothing_behind(tmp_path, wrong):
    with pytest.raises(UsageError):
        found(Settings(tmp_path / "home", **({"consortium": "x"} | wrong)))
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "host",
    ["", " ", "a b/../c", "https://a.example", "a.example:8443", "[::1]", "10.0.0.256", "a..b", "-a", ".",
     "\u2028.example", "a" * 64, "a." * 130 + "example"],
)  # fmt: skip
def test_what_is_no_host(host):
    with pytest.raises(UsageError, match="is no name or address of a server"):
        server_names([host])


def test_hosts_are_as_clients_ask_for_them():
    names = server_names(["bücher.example", "faß.example", "Drop_1.local", "*.a.example", "192.0.2.7", "::1"])
    assert names == [
        *map(DNSName, ["xn--bcher-kva.example", "xn--fa-hia.example", "Drop_1.local", "*.a.example"]),
        *(IPAddress(ipaddress.ip_address(text)) for text in ("192.0.2.7", "::1")),
    ]


def test_a_lost_authority_is_restored_and_not_made_anew(tmp_path):
    found(Settings(tmp_path, "x"))
    (tmp_path / "ca.key").unlink()
    with pytest.raises(MissingFileError, match=r"ca\.key.*Restore both from the backup") as lost:
        Authority.load(tmp_path)
    assert "fluid drop init" not in str(lost.value)
