"""What anybody sees of a consortium without a key."""

import re

import attrs
import pytest

from fluidmol.cli.status import status
from fluidmol.errors import CharterError, FluidError, MissingFileError, SignatureError
from fluidmol.exchange.closing import Closing, read_closing
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.layout import parsed_reply, reply_name
from fluidmol.exchange.mailbox import Mailbox
from fluidmol.exchange.status import standing
from fluidmol.trust.agreement import agree
from fluidmol.trust.keys import PrivateKeys
from fluidmol.trust.signed import signed
from fluidmol.values.charter import Charter
from fluidmol.values.messages import Annotate

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture(scope="module")
def keys():
    return {name: PrivateKeys.generate(name) for name in ("hub", "ada", "bob-2")}


@pytest.fixture(scope="module")
def charter(keys):
    roles = {"hub": "coordinator"}
    parties = tuple(k.public.party(roles.get(n, "partner")) for n, k in keys.items())
    return attrs.evolve(Charter.from_preset("open"), parties=parties, transfer_digest=ONE, transfer_size=3)


@pytest.fixture
def box(tmp_path, charter) -> Mailbox:
    found = FolderMailbox(tmp_path)
    found.write("charter.toml", charter.to_toml().encode())
    return found


def test_step_by_step(box, charter, keys):
    assert standing(box).following == ("To sign the charter: ada, bob-2, with: fluid answer `accept`.",)
    for name in keys:
        box.write(f"agreements/{name}.json", agree(charter, keys[name]).encode())
    assert standing(box).following == ("To go on: hub, with: fluid federate.",)
    asked = Annotate(charter)
    box.write("requests/1.fluid", signed(asked, "", keys["hub"]))
    box.write(reply_name(asked.digest, "bob-2", TWO, sealed=True), b"sealed")
    seen = standing(box)
    answers = {member.name: member.answers["annotate"] for member in seen.members[1:]}
    assert (answers["ada"].state, answers["bob-2"].state) == ("missing", "answered")
    assert (answers["bob-2"].digest, answers["bob-2"].size, answers["bob-2"].sealed) == ("2" * 12, 6, True)
    assert seen.following == ("To send their opinions: ada, with: fluid answer.",)
    closing = Closing(charter.digest, "annotate", asked.digest, {"bob-2": TWO}, ["ada"])
    box.write(f"requests/1-annotate-{asked.digest[7:19]}.closed.json", closing.to_text(keys["hub"]).encode())
    seen = standing(box)
    assert seen.members[1].answers["annotate"].state == seen.members[1].answers["learn"].state == "left out"
    assert seen.following == ("To go on: hub, with: fluid federate.",)


@pytest.fixture
def answered(box, charter, keys):
    """A place where the opinion of ada, unsealed, and that of bob-2 were accepted; the names of both."""
    for name in keys:
        box.write(f"agreements/{name}.json", agree(charter, keys[name]).encode())
    asked = Annotate(charter)
    box.write("requests/1.fluid", signed(asked, "", keys["hub"]))
    names = (
        reply_name(asked.digest, "ada", ONE, sealed=False),
        reply_name(asked.digest, "bob-2", TWO, sealed=True),
    )
    for name in names:
        box.write(name, b"reply")
    closing = Closing(charter.digest, "annotate", asked.digest, {"ada": ONE, "bob-2": TWO}, [])
    box.write(f"requests/1-annotate-{asked.digest[7:19]}.closed.json", closing.to_text(keys["hub"]).encode())
    return names


def test_an_accepted_reply_that_is_gone_is_asked_for(box, answered):
    assert standing(box).following == ("To go on: hub, with: fluid federate.",)
    (box.path / answered[1]).unlink()
    seen = standing(box)
    assert [m.answers["annotate"].state for m in seen.members[1:]] == ["answered", "gone"]
    assert len(seen.following) == 1
    assert seen.following[0].startswith("To send their opinions again, which were accepted and are gone: bob-2, with")
    box.asker = "ada"  # as on a server, which shows ada nobody else's
    assert standing(box).members[2].answers["annotate"].state == "answered"


@pytest.mark.parametrize("width", [80, 200])
def test_the_table_fits_and_says_what_is_not_sealed(box, answered, width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    status(str(box.path))
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines[1:-1]) <= width
    ada = next(i for i, line in enumerate(lines) if line.startswith("ada "))
    assert "answered, not sealed" in lines[ada]
    assert re.search(r"\b20\d\d-\d\d-\d\d \d\d:\d\d\b", lines[ada + (width == 80)])
    bob = next(line for line in lines if line.startswith("bob-2 "))
    assert ("answered" in bob, "not sealed" in bob) == (True, False)


def test_a_forged_question_asks_nothing(box, charter, keys):
    box.write("requests/1.fluid", signed(Annotate(charter), "", attrs.evolve(keys["ada"], name="hub")))
    assert standing(box).asked == ()


def test_nothing_there(tmp_path):
    with pytest.raises(MissingFileError, match="no charter"):
        standing(FolderMailbox(tmp_path))


@pytest.mark.parametrize(
    "text", [b"\xff", b"x" * (1 << 21), b"[charter]", Charter.from_preset("open").to_toml().encode()]
)
def test_no_charter(tmp_path, text):
    (tmp_path / "charter.toml").write_bytes(text)
    with pytest.raises(CharterError):
        standing(FolderMailbox(tmp_path))


class TestClosing:
    @pytest.fixture
    def closing(self, charter):
        return Closing(charter.digest, "annotate", ONE, {"bob-2": TWO}, ["ada"])

    def test_round_trip(self, closing, charter, keys):
        assert read_closing(closing.to_text(keys["hub"]), charter) == closing

    def test_no_other_charter_nor_signer(self, closing, charter, keys):
        with pytest.raises(SignatureError, match="another charter"):
            read_closing(closing.to_text(keys["hub"]), attrs.evolve(charter, seed=1))
        for forger in (keys["ada"], attrs.evolve(keys["ada"], name="hub")):
            with pytest.raises(SignatureError, match="isn't signed by the coordinator"):
                read_closing(closing.to_text(forger), charter)

    def test_each_changed_character_is_noticed(self, closing, charter, keys):
        text = closing.to_text(keys["hub"])
        for place in range(0, len(text), 3):
            other = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
            try:
                found = read_closing(other, charter)
            except SignatureError:
                continue
            assert found == closing

    @pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"format": "fluidmol closing 1"}', "[" * 100_000])
    def test_garbage(self, text, charter):
        with pytest.raises(FluidError):
            read_closing(text, charter)


def test_names_of_replies():
    name = reply_name(ONE, "a-b.c-1", TWO, sealed=False)
    what = parsed_reply(name)
    assert (what.partner, what.question, what.value, what.sealed, str(what)) == (
        "a-b.c-1",
        "1" * 12,
        "2" * 12,
        False,
        name,
    )
    assert parsed_reply("replies/x/ada-1.fluid") is None
