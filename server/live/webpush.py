"""Web Push (RFC 8030) without a payload, signed as VAPID (RFC 8292): the push service learns that there is something.

Addresses come from phones, so only origins that the company has named are ever spoken to, and redirects are not
followed.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Collection
from urllib.parse import urlsplit

import httpx2
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.live.wake import Woken

__all__ = ["WebPush"]

WITHIN_S = 10.0
_KEPT_S = 86_400
"""How long the push service keeps a wake for a phone that is away, in seconds."""
_SIGNED_FOR_S = 12 * 3600
_GONE = frozenset({404, 410})


class WebPush:
    """Speaks to the push services at `origins` (such as `https://push.example`), signing with `key` (P-256).

    `contact` is an address (`mailto:` or `https:`) at which a push service can reach the company.
    """

    def __init__(self, origins: Collection[str], key: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._origins = frozenset(origins)
        self._private = key
        self._contact = contact
        point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.key = base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def serves(self, address: str) -> bool:
        """Whether the address is of a push service that the company named."""
        return _origin(address) in self._origins

    async def wake(self, address: str, now: int) -> Woken:
        """Send one wake, within ten seconds in all."""
        if not self.serves(address):
            return Woken.GONE
        headers = {"TTL": str(_KEPT_S), "Urgency": "high", "Topic": "ask", "Authorization": self._signed(address, now)}
        try:
            async with asyncio.timeout(WITHIN_S), httpx2.AsyncClient(follow_redirects=False) as client:
                answer = await client.post(address, headers=headers, content=b"")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError):
            return Woken.FAILED
        if answer.status_code in _GONE:
            return Woken.GONE
        return Woken.SENT if answer.is_success else Woken.FAILED

    def _signed(self, address: str, now: int) -> str:
        claims = {"aud": _origin(address), "exp": now // 1000 + _SIGNED_FOR_S, "sub": self._contact}
        return f"vapid t={jwt.encode(claims, self._private, 'ES256')}, k={self.key}"


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme and "@" not in parts.netloc else ""
