"""One-time codes: can't be guessed, count once, for one name and one role, and not for ever."""

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from fluidmol.errors import InputError, UsageError
from fluidmol_drop.identity import Identity
from fluidmol_drop.server.access import Member
from fluidmol_drop.server.authority import Authority
from fluidmol_drop.server.refusals import RequestRefusedError
from fluidmol_drop.server.tables import codes


@pytest.fixture
def members(still):
    return still.service.members


@pytest.fixture
def enrol(still, tmp_path):
    def enrol(name, code, folder="key"):
        return still.service.members.enrol(
            still.service.authority(), name, code, Identity(tmp_path / folder).request(name)
        )

    return enrol


def mark(pem):
    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()


def test_a_code_gives_what_it_was_made_for(members, enrol):
    assert members.who(mark(enrol("ada", members.invite("ada", "partner")))) == Member("ada", "partner")


def test_codes_differ_are_long_and_are_not_kept(members):
    made = {members.invite("ada", "partner") for _ in range(20)}
    assert len(made) == 20
    assert all(len(code.replace("-", "")) * 5 >= 128 for code in made)
    with members.database.reading() as connection:
        kept = str(connection.execute(sa.select(codes)).all())
    assert not any(code in kept or code.replace("-", "") in kept for code in made)


def test_a_code_counts_once_but_a_lost_answer_can_be_had_again(members, enrol):
    code = members.invite("ada", "partner")
    first = enrol("ada", code)
    assert enrol("ada", code) == first
    with pytest.raises(RequestRefusedError) as refused:
        enrol("ada", code, "another key")
    assert refused.value.status == 403


@pytest.mark.parametrize("wrong", ["bob", "Ada", ""])
def test_a_code_is_for_one_name(members, enrol, wrong):
    code = members.invite("ada", "partner")
    with pytest.raises(RequestRefusedError):
        enrol(wrong or "ada", code if wrong else "a" * 32)
    assert enrol("ada", code)


def test_an_old_code_counts_no_more(members, enrol):
    with pytest.raises(RequestRefusedError):
        enrol("ada", members.invite("ada", "partner", hours=-1))


def test_revoked_is_revoked_at_once_and_so_are_open_codes(members, enrol):
    certificate = mark(enrol("ada", members.invite("ada", "partner")))
    pending = members.invite("ada", "partner")
    assert members.revoke("ada") == 1
    assert members.who(certificate) is None
    with pytest.raises(RequestRefusedError):
        enrol("ada", pending)
    assert enrol("ada", members.invite("ada", "partner"))


def test_a_role_stays(members):
    members.invite("ada", "partner")
    with pytest.raises(UsageError, match="ada is a partner here"):
        members.invite("ada", "coordinator")


@pytest.mark.parametrize(("name", "role"), [("../ada", "partner"), ("ada", "king"), ("", "partner")])
def test_what_is_no_name_or_role(members, name, role):
    with pytest.raises(UsageError):
        members.invite(name, role)


def test_nobody_is_revoked_by_a_typing_error(members):
    with pytest.raises(UsageError, match="nobody is called adda"):
        members.revoke("adda")


@pytest.mark.parametrize(
    "request_", ["", "hello", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"]
)
def test_what_is_no_request(still, request_):
    code = still.service.members.invite("ada", "partner")
    with pytest.raises(InputError):
        still.service.members.enrol(still.service.authority(), "ada", code, request_)


def test_name_and_role_come_from_the_invitation_and_not_from_the_request(still, members, tmp_path):
    code = members.invite("ada", "partner")
    asked = Identity(tmp_path / "key").request("hub")
    text = members.enrol(still.service.authority(), "ada", code, asked)
    assert x509.load_pem_x509_certificate(text.encode()).subject.rfc4514_string() == "OU=partner,CN=ada"


def test_secrets_are_not_shown_and_files_are_private(still):
    authority = Authority.load(still.home)
    assert "PRIVATE" not in repr(authority)
    assert "key" not in repr(authority)
    for name in ("ca.key", "server.key", "drop.toml"):
        assert (still.home / name).stat().st_mode & 0o077 == 0
    assert (still.identity("ada").folder / "key.pem").stat().st_mode & 0o077 == 0
