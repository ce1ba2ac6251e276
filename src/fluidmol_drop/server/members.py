"""Who is who: one-time codes, certificates, revocation."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time

import attrs
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fluidmol.errors import UsageError
from fluidmol.values.parties import check_name
from fluidmol_drop.server.access import COORDINATOR, ROLES, Member
from fluidmol_drop.server.audit_log import record
from fluidmol_drop.server.authority import Authority, fingerprint, pem, read_request
from fluidmol_drop.server.refusals import RequestRefusedError
from fluidmol_drop.server.tables import Database, certificates, codes, members, moment, now

CODE_HOURS = 72
"""Hours that a code can be used for."""


@attrs.frozen
class CertificateStanding:
    """What is known of a member's certificates."""

    name: str
    role: str
    expires: str
    """When the last valid certificate ends; empty if there is none."""
    revoked: str
    """When certificates were last revoked; empty if never."""
    invited: str
    """Until when an unused code counts; empty if there is none."""


@attrs.frozen
class Members:
    """The members of a drop.

    Parameters
    ----------
    database : Database
    """

    database: Database

    def invite(self, name: str, role: str, hours: float = CODE_HOURS) -> str:
        """Make a one-time code for a name and role. Only its hash is kept.

        Raises
        ------
        UsageError
            If it is no name or role, or the name is known in another role.
        """
        try:
            check_name(name)
        except ValueError as problem:
            raise UsageError(str(problem)) from problem
        if role not in ROLES:
            raise UsageError(f"the role is {role!r}", hint=f"Expected one of {', '.join(ROLES)}.")
        code = base64.b32encode(secrets.token_bytes(20)).decode().lower()  # 160 bits
        with self.database.writing() as connection:
            known = connection.execute(sa.select(members.c.role).where(members.c.name == name)).scalar()
            if known not in (None, role):
                raise UsageError(f"{name} is a {known} here", hint="A role stays: take another name.")
            if known is None:
                connection.execute(members.insert().values(name=name, role=role, since=now()))
            expires = moment(time.time() + hours * 3600)
            connection.execute(codes.insert().values(hash=_hash(code), name=name, role=role, expires=expires))
            record(connection, "operator", "invite", name, note=role)
        return "-".join(code[i : i + 8] for i in range(0, len(code), 8))

    def enrol(self, authority: Authority, name: str, code: str, request: str) -> str:
        """Exchange a code for a certificate. With the same key again, the same certificate: a reply may get lost.

        Raises
        ------
        InputError
            If the request is none.
        RequestRefusedError
            If the code doesn't count (403), in the same words whatever the reason.
        """
        asked = read_request(request)
        public = asked.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = hashlib.sha256(public).hexdigest()
        wanted = _hash(code.replace("-", "").strip().lower())
        with self.database.writing() as connection:
            row = connection.execute(sa.select(codes).where(codes.c.hash == wanted)).first()
            if row is None or row.name != name or row.expires < now() or row.key not in ("", key):
                raise RequestRefusedError(
                    403,
                    "the code doesn't count for that name",
                    "It may be mistyped, used or too old: ask the operator for another.",
                )
            if row.key:
                kept = certificates.c.fingerprint == row.fingerprint
                return str(connection.execute(sa.select(certificates.c.pem).where(kept)).scalar_one())
            certificate = authority.for_member(row.name, row.role, asked)
            text, ends = pem(certificate), moment(certificate.not_valid_after_utc.timestamp())
            mark = fingerprint(certificate.public_bytes(Encoding.DER))
            values = {"fingerprint": mark, "name": row.name, "role": row.role, "pem": text}
            connection.execute(certificates.insert().values(**values, issued=now(), expires=ends))
            connection.execute(codes.update().where(codes.c.hash == wanted).values(key=key, fingerprint=mark))
            record(connection, row.name, "enrol", row.name, digest=mark, note=row.role)
        return text

    def who(self, mark: str) -> Member | None:
        """Give the member with a certificate of that fingerprint, if it counts at this moment."""
        counts = (certificates.c.fingerprint == mark, certificates.c.revoked == "", certificates.c.expires > now())
        with self.database.reading() as connection:
            row = connection.execute(sa.select(certificates.c.name, certificates.c.role).where(*counts)).first()
        return None if row is None else Member(*row)

    def revoke(self, name: str) -> int:
        """Let none of a name's certificates and codes count any more, from the next request on.

        Returns
        -------
        int
            Number of certificates that counted until now.

        Raises
        ------
        UsageError
            If nobody has that name.
        """
        with self.database.writing() as connection:
            if connection.execute(sa.select(members.c.name).where(members.c.name == name)).first() is None:
                raise UsageError(f"nobody is called {name} here", hint="Names are those of the invitations.")
            counted = (certificates.c.name == name, certificates.c.revoked == "")
            done = connection.execute(certificates.update().where(*counted).values(revoked=now())).rowcount
            connection.execute(codes.delete().where(codes.c.name == name, codes.c.key == ""))
            record(connection, "operator", "revoke", name, note=f"{done} certificates")
        return done

    def standings(self) -> list[CertificateStanding]:
        """List all members, the coordinator first, then by name."""
        with self.database.reading() as connection:
            found = []
            for name, role in connection.execute(sa.select(members.c.name, members.c.role).order_by(members.c.name)):
                own = certificates.c.name == name
                valid = sa.select(sa.func.max(certificates.c.expires)).where(own, certificates.c.revoked == "")
                revoked = sa.select(sa.func.max(certificates.c.revoked)).where(own)
                open_codes = (codes.c.name == name, codes.c.key == "", codes.c.expires > now())
                invited = sa.select(sa.func.max(codes.c.expires)).where(*open_codes)
                said = (connection.execute(query).scalar() or "" for query in (valid, revoked, invited))
                found.append(CertificateStanding(name, role, *said))
        return sorted(found, key=lambda member: member.role != COORDINATOR)


def _hash(code: str) -> str:
    # 160 random bits need no slow hash: there is nothing to guess from.
    return hashlib.sha256(b"fluidmol drop code\n" + code.encode()).hexdigest()
