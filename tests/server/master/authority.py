"""A time-stamping authority of the tests: openssl on loopback, with a root and a certificate of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Tsa", "running"]

_CONFIG = """
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


def _certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, *, is_root: bool
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
    )
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return made.sign(issuer_key, hashes.SHA256())


@dataclass
class Tsa:
    """The authority under `folder`. It refuses while `is_down`."""

    folder: Path
    url: str = ""
    is_down: bool = False
    asked: int = 0
    root: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        keys = [rsa.generate_private_key(65_537, 2048) for _ in range(2)]
        self.root = _certificate("root", keys[0], "root", keys[0], is_root=True)
        own = _certificate("authority", keys[1], "root", keys[0], is_root=False)
        pem = serialization.Encoding.PEM
        (self.folder / "root.pem").write_bytes(self.root.public_bytes(pem))
        (self.folder / "tsa.pem").write_bytes(own.public_bytes(pem))
        kind = serialization.PrivateFormat.PKCS8
        (self.folder / "tsa.key").write_bytes(keys[1].private_bytes(pem, kind, serialization.NoEncryption()))
        (self.folder / "serial").write_text("01\n", "ascii")
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=self.folder), "ascii")

    def answer(self, query: bytes) -> bytes:
        """What openssl answers to a query."""
        (self.folder / "query").write_bytes(query)
        line = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"]
        subprocess.run(line, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "reply").read_bytes()


@contextmanager
def running(folder: Path) -> Iterator[Tsa]:
    """The authority, answering on loopback."""
    tsa = Tsa(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """One query."""
            tsa.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            body = b"" if tsa.is_down else tsa.answer(query)
            self.send_response(503 if tsa.is_down else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_parts: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tsa.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield tsa
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
