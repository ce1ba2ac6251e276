"""Stores on loopback: an S3 server (moto) and OpenSSH's SFTP, each with throwaway keys and a switch for trouble."""

import getpass
import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

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
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, *_):
                pass

        application = DomainDispatcherApplication(create_backend_app)
        lock = threading.Lock()

        def one_by_one(environ, start_response):
            # moto looks whether an object is there, and then stores: a store that deserves the name does both at once.
            with lock:
                answer = self.trouble(environ)
                if answer is None:
                    return list(application(environ, start_response))
            status, body = answer
            start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body]

        self.trouble = lambda environ: None
        self._server = make_server("127.0.0.1", 0, one_by_one, threaded=True, request_handler=Quiet)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def settings(self, patch, tmp_path):
        """Let fsspec find the server, as a person's configuration would."""
        import fsspec.config

        patch.setitem(fsspec.config.conf, "s3", {"endpoint_url": self.endpoint, "key": "testing", "secret": "testing"})
        for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.delenv(name, raising=False)

    def bucket(self, name):
        import httpx

        httpx.put(f"{self.endpoint}/{name}", trust_env=False).raise_for_status()
        return f"s3://{name}/a place"

    def put(self, url, name, data):
        import httpx

        path = url.removeprefix("s3://")
        httpx.put(f"{self.endpoint}/{path}/{name}", content=data, trust_env=False).raise_for_status()

    def close(self):
        self._server.shutdown()
        self._thread.join(20)
        self._server.server_close()


class Sftp:
    """OpenSSH's server on a loopback port, with keys of its own; it runs as whoever runs the tests."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("host", "user", "stranger"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name],
                check=True,
                stdin=subprocess.DEVNULL,
            )
        (folder / "authorized").write_text((folder / "user.pub").read_text())
        self._server = None
        self.port = 0
        self.start()

    def start(self):
        """Start it on a free port, or the one that it had."""
        while True:
            if not self.port or self._server is None:
                with socket.create_server(("127.0.0.1", 0)) as free:
                    self.port = free.getsockname()[1]
            (self.folder / "config").write_text(
                f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\n"
                f"AuthorizedKeysFile {self.folder}/authorized\nStrictModes no\nPasswordAuthentication no\n"
                f"KbdInteractiveAuthentication no\nUsePAM no\nPidFile none\nMaxStartups 100\nPermitRootLogin yes\n"
                f"Subsystem sftp {SFTP_SERVER}\n"
            )
            if os.geteuid() == 0:
                Path("/run/sshd").mkdir(exist_ok=True)
            self._server = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", self.folder / "config"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                text=True,
            )  # fmt: skip
            for line in self._server.stderr:
                if "Server listening" in line:
                    threading.Thread(target=self._server.stderr.read, daemon=True).start()
                    return
            self._server.wait()
            self.port = 0

    def settings(self, patch, tmp_path, key="user", host="host"):
        """Give whoever connects a home with SSH's files."""
        home = tmp_path / "ssh-home"
        (home / ".ssh").mkdir(parents=True, exist_ok=True)
        (home / ".ssh" / "known_hosts").write_text(
            f"[127.0.0.1]:{self.port} {(self.folder / f'{host}.pub').read_text()}"
        )
        (home / ".ssh" / "config").write_text(
            f"Host pharma\n HostName 127.0.0.1\n Port {self.port}\nHost *\n User {getpass.getuser()}\n"
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
        self._server.terminate()
        self._server.wait(20)


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
        server = Sftp(folder)
    try:
        yield server
    finally:
        server.close()
