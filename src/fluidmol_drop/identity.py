"""A party's client certificate: a key that is made here and never leaves, and what the server's authority says of it.

An identity is a folder: ``key.pem`` (private), ``certificate.pem``, ``ca.pem`` (the authority by which the server is
known) and ``request.pem``. It opens connections, no more: what a party says is signed with its own keys.
"""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fluidmol.errors import InputError, MissingFileError, OutputError, UnavailableError
from fluidmol.values.files import write_once, write_whole
from fluidmol_drop.line import TlsLine

KEY, CERTIFICATE, AUTHORITY = "key.pem", "certificate.pem", "ca.pem"


@attrs.frozen
class Identity:
    """A folder with a client certificate.

    Parameters
    ----------
    folder : Path
    """

    folder: Path

    def request(self, name: str) -> str:
        """Give a certificate signing request; the key is made if there is none, and kept.

        Raises
        ------
        OutputError
            If the folder can't be written.
        InputError
            If there is a key that can't be used.
        """
        try:
            key = self._key()
        except OSError as problem:
            raise OutputError(
                f"{self.folder} can't be written: {problem.strerror}", hint="Name another `folder`."
            ) from problem
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
        return asked.public_bytes(serialization.Encoding.PEM).decode()

    def keep(self, certificate: str, authority: str) -> datetime.datetime:
        """Keep what the server sent, if it is for this key; say until when it counts.

        Raises
        ------
        InputError
            If it isn't.
        OutputError
            If the folder can't be written.
        """
        try:
            found = x509.load_pem_x509_certificate(certificate.encode())
            found.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.encode()))
            ours = found.public_key() == self._key().public_key()
        except Exception as problem:  # cryptography raises many kinds for what servers send
            raise InputError("the server sent no certificate of its authority", hint="Tell the operator.") from problem
        if not ours:
            raise InputError("the server's certificate is for another key", hint="Tell the operator.")
        try:
            write_whole(self.folder / AUTHORITY, authority)
            write_whole(self.folder / CERTIFICATE, certificate)
        except OSError as problem:
            raise OutputError(f"{self.folder} can't be written: {problem.strerror}", hint="Check its rights.") from None
        return found.not_valid_after_utc

    @property
    def name(self) -> str:
        """Whose certificate it is; empty if that can't be read."""
        try:
            found = x509.load_pem_x509_certificate((self.folder / CERTIFICATE).read_bytes())
            return str(found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        except (OSError, ValueError, IndexError):
            return ""

    def context(self) -> ssl.SSLContext:
        """Make a client's side of TLS 1.3: our certificate, and no server but our authority's.

        Raises
        ------
        MissingFileError
            If there is no identity in the folder.
        UnavailableError
            If its files don't fit each other, or the certificate has expired.
        """
        paths = [self.folder / name for name in (CERTIFICATE, KEY, AUTHORITY)]
        for path in paths:
            if not path.is_file():
                raise MissingFileError(
                    f"{path} isn't there", hint="Enrol with: fluid enrol. Then name its folder with `identity`."
                )
        context = trusting(paths[2])
        try:
            context.load_cert_chain(paths[0], paths[1])
        except (ssl.SSLError, OSError) as problem:
            raise UnavailableError(
                f"{paths[0]} and {paths[1]} can't be used: {problem.strerror}",
                hint="They don't fit each other, or are damaged: enrol again.",
            ) from problem
        self._check_dates()
        return context

    def _check_dates(self) -> None:
        # A server would hang up on us, and the reason that TLS gives is short.
        path, now = self.folder / CERTIFICATE, datetime.datetime.now(datetime.UTC)
        found = x509.load_pem_x509_certificate(path.read_bytes())
        if now > found.not_valid_after_utc:
            raise UnavailableError(
                f"the certificate {path} expired on {found.not_valid_after_utc:%Y-%m-%d}",
                hint="Ask the operator for a new code, then enrol into the same folder: fluid enrol.",
            )
        if now < found.not_valid_before_utc:
            raise UnavailableError(
                f"the certificate {path} counts from {found.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on only",
                hint="Is this machine's clock right?",
            )

    def _key(self) -> ec.EllipticCurvePrivateKey:
        path = self.folder / KEY
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            # Of several commands that enrol at once one makes the key, and all ask for a certificate of that one.
            write_once(path, _packed(ec.generate_private_key(ec.SECP256R1())), 0o600)
        try:
            found = serialization.load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError) as problem:
            raise InputError(f"{path} is no private key", hint="Move it away, and enrol with a new code.") from problem
        if not isinstance(found, ec.EllipticCurvePrivateKey):
            raise InputError(f"{path} is a key of another kind", hint="Move it away, and enrol with a new code.")
        return found


def trusting(authority: Path) -> ssl.SSLContext:
    """Make a client's side of TLS 1.3 that knows servers by one authority, and by none of the system's.

    Raises
    ------
    MissingFileError
        If the file can't be read.
    InputError
        If it holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.sslsocket_class = TlsLine
    try:
        context.load_verify_locations(authority)
    except ssl.SSLError as problem:
        raise InputError(f"{authority} holds no certificate", hint="The operator has ca.pem.") from problem
    except OSError as problem:
        raise MissingFileError(
            f"{authority} can't be read: {problem.strerror}", hint="The operator has ca.pem."
        ) from problem
    return context


def _packed(key: ec.EllipticCurvePrivateKey) -> bytes:
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(kind, form, serialization.NoEncryption())
