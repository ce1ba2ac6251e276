"""The drop's own certificate authority: it vouches for one server and for the members of one consortium.

Keys are on the curve P-256, which browsers speak too. A certificate says a name and a role; whether it still counts is
asked of the database at every request, so that there are no revocation lists to wait for.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path

import attrs
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fluidmol.errors import InputError, MissingFileError, OutputError, UsageError
from fluidmol.values.files import write_whole

AUTHORITY_DAYS, SERVER_DAYS, MEMBER_DAYS = 3650, 730, 398

SKEW = datetime.timedelta(days=2)
"""Certificates count from so long ago, for clocks that are a day behind."""

_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")

Key = ec.EllipticCurvePrivateKey


@attrs.frozen
class Authority:
    """A key that signs certificates, and its own certificate.

    Examples
    --------
    >>> Authority.new("herg").certificate.subject.rfc4514_string()
    'CN=herg drop authority'
    """

    key: Key = attrs.field(repr=False)
    certificate: x509.Certificate

    @classmethod
    def new(cls, consortium: str) -> Authority:
        """Make an authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        # X.509 has room for 64 bytes.
        name = _name(f"{consortium[:40].encode()[:48].decode(errors='ignore')} drop authority")
        builder = _builder(name, name, key.public_key(), AUTHORITY_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        return cls(key, builder.sign(key, hashes.SHA256()))

    def for_server(self, hosts: Iterable[str], key: Key) -> x509.Certificate:
        """Certify the server under the names and addresses that people reach it by; see :func:`server_names`."""
        names = server_names(hosts)
        builder = self._leaf(_name("drop server"), key.public_key(), SERVER_DAYS, ExtendedKeyUsageOID.SERVER_AUTH)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def for_member(self, name: str, role: str, request: x509.CertificateSigningRequest) -> x509.Certificate:
        """Certify a member. Nothing but the key is taken from the request: name and role are the invitation's."""
        subject = _name(name, role)
        builder = self._leaf(subject, request.public_key(), MEMBER_DAYS, ExtendedKeyUsageOID.CLIENT_AUTH)
        return builder.sign(self.key, hashes.SHA256())

    def _leaf(
        self, subject: x509.Name, key: object, days: int, purpose: x509.ObjectIdentifier
    ) -> x509.CertificateBuilder:
        builder = _builder(subject, self.certificate.subject, key, days)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        return builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)

    def save(self, home: Path) -> None:
        """Write ``ca.key``, for the operator only, and ``ca.pem``, for everybody."""
        save_key(home / "ca.key", self.key)
        write_whole(home / "ca.pem", pem(self.certificate))

    @classmethod
    def load(cls, home: Path) -> Authority:
        """Read what :meth:`save` wrote.

        Raises
        ------
        MissingFileError, InputError
            If it isn't there or is something else.
        """
        try:
            key = serialization.load_pem_private_key((home / "ca.key").read_bytes(), None)
            certificate = x509.load_pem_x509_certificate((home / "ca.pem").read_bytes())
        except OSError as problem:
            raise MissingFileError(
                f"{home}/ca.key and ca.pem can't both be read: {problem.strerror}",
                hint="Restore both from the backup; without one, see 'ca.key is lost' in docs/operator.md.",
            ) from None
        except (ValueError, TypeError) as problem:
            raise InputError(f"{home}/ca.key or ca.pem is damaged", hint="Restore both from the backup.") from problem
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise InputError(f"{home}/ca.key is of another kind", hint="Restore it from the backup.")
        return cls(key, certificate)


def read_request(text: str) -> x509.CertificateSigningRequest:
    """Read a certificate signing request.

    Raises
    ------
    InputError
        If it is none, isn't signed by its key, or its key isn't on the curve P-256.
    """
    try:
        request = x509.load_pem_x509_csr(text.encode())
        sound = request.is_signature_valid
        key = request.public_key()
    except Exception as problem:  # cryptography raises many kinds for what strangers send
        raise InputError("that is no certificate signing request", hint="Use fluid enrol.") from problem
    if not sound or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InputError("the request isn't signed by a key on the curve P-256", hint="Use fluid enrol.")
    return request


def pem(certificate: x509.Certificate) -> str:
    """Write a certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def fingerprint(der: bytes) -> str:
    """Give a certificate's SHA-256 in hexadecimal, by which the database knows it."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return digest.finalize().hex()


def save_key(path: Path, key: Key) -> None:
    """Write a private key that only its owner may read, and that is never replaced.

    Raises
    ------
    OutputError
        If one is there already.
    """
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    if path.exists():
        raise OutputError(f"{path} is there already", hint="A key is never overwritten: move it away first.")
    path.touch(mode=0o600)
    part = path.with_name(f".{path.name}.new")
    part.touch(mode=0o600)
    part.write_bytes(text)
    part.replace(path)


def _builder(subject: x509.Name, issuer: x509.Name, key: object, days: int) -> x509.CertificateBuilder:
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.public_key(key)  # type: ignore[arg-type]  # a request's key may be of any kind: checked before
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start - SKEW).not_valid_after(start + datetime.timedelta(days=days))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)  # type: ignore[arg-type]
    return builder.add_extension(identifier, critical=False)


def _name(common: str, role: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if role:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role))
    return x509.Name(parts)


def server_names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    """Give names and addresses of a server as a certificate has them.

    Raises
    ------
    UsageError
        If one of them is neither, or there is none.

    Examples
    --------
    >>> [name.value for name in server_names(["::1", "bücher.example"])]
    [IPv6Address('::1'), 'xn--bcher-kva.example']
    """
    names = [_host(host) for host in hosts]
    if not names:
        raise UsageError("the server has neither name nor address", hint="Give `hosts`, or hosts in drop.toml.")
    return names


def _host(host: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    with contextlib.suppress(httpx.InvalidURL, ValueError):
        # Encoded by what encodes it for clients, or they would look for another name.
        name = host if host.isascii() else httpx.URL(f"https://{host}").raw_host.decode()
        labels = name.removeprefix("*.").split(".")
        # Four numbers that are no address would be a name to us, and a mistake to everybody else.
        if all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit() and len(name) < 254:
            return x509.DNSName(name)
    raise UsageError(
        f"{host!r} is no name or address of a server",
        hint="Expected one such as drop.example.org, 192.0.2.7 or ::1, without https:// and without a port.",
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    others = (
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        **dict.fromkeys(others, False),
    )
