"""Stores on loopback: an S3 server (moto) and OpenSSH's SFTP, each with throwaway keys and a switch for trouble."""

import getpass
import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

SSHD = shutil.which("sshd") or next((p for p in ("/usr/sbin/sshd",) if Path(p).exists()), None)
SFTP_SERVER = next(
    (p for p in ("/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server", "/usr/libexec/openssh/sftp-server")
     if Path(p).exists()), None,
)  # fmt: skip
SERVERS = ("s3", "sftp")
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
UNKNOWN_KEY = b"<Error><Code>InvalidAccessKeyId</Code><Message>The key isn't known.</Message></Error>"
FULL = b"<Error><Code>QuotaExceeded</Code><Message>The quota is used up.</Message></Error>"


class S3:
    """An S3 server in this process; ``trouble`` may answer a request in its place."""

    def __init__(self):
        moto, serving = pytest.importorskip("moto.server"), pytest.importorskip("werkzeug.serving")

        class Quiet(serving.WSGIRequestHandler):  # type: ignore[name-defined]
            def log(self, *_):
                pass

        application = moto.DomainDispatcherApplication(moto.create_backend_app)
        lock = threading.Lock()

        def one_by_one(environ, start_response):
            # moto looks whether an object is there, and then stores: a store that deserves the name does both at once.
            with lock:
                answer = self.trouble(environ)
                if answer is None:
                    return list(application(environ, start_response))
            status, body = answer
            body = b"" if environ["REQUEST_METHOD"] == "HEAD" else body
            start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body]

        self.trouble = lambda environ: None
        self._server = serving.make_server("127.0.0.1", 0, one_by_one, threaded=True, request_handler=Quiet)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def port(self):
        return self._server.server_port

    def settings(self, patch, tmp_path, port=None):
        """Let fsspec find the server, as a person's configuration would."""
        config = pytest.importorskip("fsspec.config")
        endpoint = f"http://127.0.0.1:{port or self.port}"
        patch.setitem(config.conf, "s3", {"endpoint_url": endpoint, "key": "testing", "secret": "testing"})
        for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.delenv(name, raising=False)

    def bucket(self, name):
        httpx.put(f"{self.endpoint}/{name}", trust_env=False).raise_for_status()
        return f"s3://{name}/a place"

    def put(self, url, name, data):
        path = url.removeprefix("s3://")
        httpx.put(f"{self.endpoint}/{path}/{name}", content=data, trust_env=False).raise_for_status()

    def close(self):
        self._server.shutdown()
        self._thread.join(20)
        self._server.server_close()


class Sftp:
    """OpenSSH's server, one process a connection on a loopback port, with throwaway keys, as whoever runs the tests."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("host", "other-host", "user", "reader", "cramped", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        commands = {
            "user": "",
            "reader": f'command="{SFTP_SERVER} -R" ',
            # No file can have more than 8 blocks, as on a disk that is full.
            "cramped": f"command=\"trap '' XFSZ; ulimit -f 8; exec {SFTP_SERVER}\" ",
        }
        allowed = [command + (folder / f"{name}.pub").read_text() for name, command in commands.items()]
        (folder / "authorized").write_text("".join(allowed))
        (folder / "config").write_text(
            f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\nPidFile none\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
            f"Subsystem sftp {SFTP_SERVER}\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._children = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self):
        command = [SSHD, "-i", "-f", self.folder / "config"]
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                child = subprocess.Popen(command, stdin=line, stdout=line, stderr=subprocess.DEVNULL)  # type: ignore[call-overload]
            self._children = [each for each in self._children if each.poll() is None] + [child]

    def settings(self, patch, tmp_path, key="user", host="host", port=None):
        """Give whoever connects a home with SSH's files."""
        home = tmp_path / "ssh-home"
        (home / ".ssh").mkdir(parents=True, exist_ok=True)
        (home / ".ssh" / "known_hosts").write_text(
            f"[127.0.0.1]:{port or self.port} {(self.folder / f'{host}.pub').read_text()}"
        )
        (home / ".ssh" / "config").write_text(
            f"Host pharma\n HostName 127.0.0.1\n Port {port or self.port}\nHost *\n User {getpass.getuser()}\n"
            f" IdentityFile {self.folder / key}\n"
        )
        patch.setenv("HOME", str(home))
        patch.delenv("SSH_AUTH_SOCK", raising=False)

    def bucket(self, name):
        (self.folder / "files" / name).mkdir(parents=True)
        return f"sftp://pharma{self.folder}/files/{name}"

    def put(self, url, name, data):
        path = Path(url.removeprefix("sftp://pharma")) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)
        for child in self._children:
            child.terminate()
            child.wait(20)


@contextmanager
def served(kind, folder):
    """Run a store for tests, or skip them where its program or library isn't there."""
    if kind == "s3":
        for name in ("s3fs", "moto", "flask", "flask_cors"):
            pytest.importorskip(name)
        server = S3()
    else:
        pytest.importorskip("paramiko")
        if SSHD is None or SFTP_SERVER is None:
            pytest.skip("OpenSSH's server isn't installed (Debian: openssh-server)")
        server = Sftp(folder)  # type: ignore[assignment]
    try:
        yield server
    finally:
        server.close()


class Cutter:
    """A line to a server that breaks after so many bytes from the client, so many times."""

    def __init__(self, port):
        self._target, self.after, self.cuts = port, 0, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads, self._open = [], []
        self._run(self._accept)

    def _run(self, work, *given):
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open += [client, server]
            self._run(self._pass_on, client, server, True)
            self._run(self._pass_on, server, client, False)

    def _pass_on(self, source, sink, counted):
        moved = 0
        try:
            while data := source.recv(65536):
                moved += len(data)
                if counted and self.cuts and moved > self.after:
                    self.cuts -= 1
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(20)
        for end in self._open:
            end.close()
