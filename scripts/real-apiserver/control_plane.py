"""Starts etcd and kube-apiserver on ports of the loopback interface, and calls the API as an administrator."""

import http.client
import json
import socket
import ssl
import subprocess
import time
from pathlib import Path

ADMIN = "administrator-of-the-test"


class Refused(Exception):
    """The API answered with an error."""

    def __init__(self, status: int, text: str):
        super().__init__(f"{status}: {text}")
        self.status = status


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class ControlPlane:
    """Both servers, with their data and logs in a directory."""

    def __init__(self, binaries: Path, work: Path, authority: str, chain: Path):
        """`authority` signs client certificates; `chain` is the certificate and key of the API server."""
        self.binaries, self.work, self.chain = binaries, work, chain
        (work / "ca.pem").write_text(authority)
        (work / "tokens.csv").write_text(f'{ADMIN},administrator,1,"system:masters"\n')
        subprocess.run(["openssl", "genrsa", "-out", work / "accounts.pem", "2048"], check=True, capture_output=True)
        client, peer, self.port = free_port(), free_port(), free_port()
        self.store = f"http://127.0.0.1:{client}"
        self.etcd = self.run("etcd", "--data-dir", work / "etcd", "--unsafe-no-fsync", "--log-level", "error",
                             "--listen-client-urls", self.store, "--advertise-client-urls", self.store,
                             "--listen-peer-urls", f"http://127.0.0.1:{peer}")  # fmt: skip
        self.tls = ssl.create_default_context(cadata=authority)
        self.tls.check_hostname = False
        self.server = self.start()

    def run(self, name: str, *arguments) -> subprocess.Popen:
        with open(self.work / f"{name}.log", "ab") as log:
            return subprocess.Popen([self.binaries / name, *arguments], stdout=log, stderr=log, cwd=self.work)

    def start(self) -> subprocess.Popen:
        self.server = self.run(
            "kube-apiserver", "--etcd-servers", self.store, "--bind-address", "127.0.0.1", "--secure-port", str(self.port),
            "--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none", "--cert-dir", self.work / "certificates",
            "--tls-cert-file", self.chain, "--tls-private-key-file", self.chain, "--client-ca-file", self.work / "ca.pem",
            "--token-auth-file", self.work / "tokens.csv", "--authorization-mode", "RBAC",
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-cluster-ip-range", "10.96.0.0/16",
            "--service-account-key-file", self.work / "accounts.pem",
            "--service-account-signing-key-file", self.work / "accounts.pem",
            # No controller manager runs that makes the account which this plugin gives to pods.
            "--disable-admission-plugins", "ServiceAccount",
        )  # fmt: skip
        self.wait()
        return self.server

    def wait(self, limit: float = 120):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if self.server.poll() is not None:
                raise SystemExit(f"kube-apiserver ended with {self.server.returncode}: see {self.work}/kube-apiserver.log")
            try:
                self.call("GET", "/readyz")
                self.call("GET", "/api/v1/namespaces/default")
                return
            except (OSError, Refused, http.client.HTTPException):
                time.sleep(0.3)
        raise SystemExit(f"kube-apiserver is not ready after {limit:.0f} s: see {self.work}/kube-apiserver.log")

    def restart(self, pause: float):
        """Ends the API server, starts it again after some seconds and waits until it is ready."""
        self.server.terminate()
        self.server.wait()
        time.sleep(pause)
        self.start()

    def stop(self):
        # Without etcd, the API server waits for it for a minute before it ends.
        for process in (self.server, self.etcd):
            process.kill()
            process.wait()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body=None, kind: str = "application/json"):
        """The API's answer; raises `Refused` for an error, `OSError` without one."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.tls)
        try:
            headers = {"Authorization": f"Bearer {ADMIN}", "Content-Type": kind}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status >= 400:
            raise Refused(response.status, text)
        return json.loads(text) if text.startswith("{") else text

    def patch(self, path: str, body):
        return self.call("PATCH", path, body, "application/merge-patch+json")
