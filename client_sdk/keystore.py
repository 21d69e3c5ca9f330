"""The default key store: one file for each secret, mode 0600, in a directory beside the replica.

What it is worth: it keeps secrets from other users of the machine and lets them be destroyed; whoever copies the
whole directory has them. On a phone, pass a key store of the platform in its place.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from client_sdk.storage.disk import Disk

__all__ = ["FileKeyStore"]


class FileKeyStore:
    """Secrets as files in `directory`. Each act is durable when it returns."""

    def __init__(self, directory: Path, disk: Disk | None = None) -> None:
        self._directory = directory
        self._disk = disk or Disk()

    def make_key(self, name: str) -> bytes:
        """Make a P-256 key unless there is one; its public half as DER."""
        stored = self.get(name)
        if stored is None:
            stored = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            self.put(name, stored)
        public = _private(stored).public_key()
        return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, name: str, message: bytes) -> bytes:
        """ECDSA over SHA-256, as DER. KeyError when there is no such key."""
        stored = self.get(name)
        if stored is None:
            raise KeyError(name)
        return _private(stored).sign(message, ec.ECDSA(hashes.SHA256()))

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret, durable on return."""
        self._disk.make_directory(self._directory)
        self._disk.write(self._directory / name, secret)

    def get(self, name: str) -> bytes | None:
        """The secret, or None. One that a kill left half overwritten is none."""
        try:
            secret = (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None
        return secret if any(secret) else None

    def destroy(self, name: str) -> None:
        """Overwrite the secret with zeros and remove its file."""
        self._disk.shred(self._directory / name)


def _private(stored: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(stored, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the stored device key is not an elliptic curve key")
    return key
