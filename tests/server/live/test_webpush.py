"""Web Push: an empty message, signed, to the services that the company named and to nobody else."""

from __future__ import annotations

import base64

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from server.live.wake import NoWaker, Woken
from server.live.webpush import WebPush
from tests.server.live.push_service import PushService, pushing

NOW = 1_800_000_000_000


def pusher(service: PushService) -> WebPush:
    """A company that uses this service."""
    return WebPush([service.origin], ec.generate_private_key(ec.SECP256R1()), "mailto:it@example.com")


async def test_a_wake_is_empty_and_signed_for_that_service() -> None:
    """No body; the token names the service, ends within a day, and verifies with the key that phones subscribe with."""
    async with pushing() as service:
        push = pusher(service)
        assert await push.wake(f"{service.origin}/p/abc", NOW) is Woken.SENT
        ((line, headers),) = service.heard
    assert line == "POST /p/abc HTTP/1.1"
    assert (headers["content-length"], headers["ttl"], headers["urgency"]) == ("0", "86400", "high")
    scheme, _, rest = headers["authorization"].partition(" ")
    token, _, key = rest.removeprefix("t=").partition(", k=")
    assert (scheme, key) == ("vapid", push.key)
    point = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims = jwt.decode(token, public, ["ES256"], audience=service.origin, options={"verify_exp": False})
    assert claims["sub"] == "mailto:it@example.com"
    assert 0 < claims["exp"] - NOW // 1000 <= 86_400


@pytest.mark.parametrize(
    ("status", "woken"),
    [(201, Woken.SENT), (404, Woken.GONE), (410, Woken.GONE), (429, Woken.FAILED), (302, Woken.FAILED)],
)
async def test_what_the_service_says_is_understood(status: int, woken: Woken) -> None:
    """An address that is gone is told from a failure that may pass; nobody is led elsewhere."""
    async with pushing() as service:
        service.status = status
        assert await pusher(service).wake(f"{service.origin}/p", NOW) is woken
        assert len(service.heard) == 1


async def test_a_service_that_is_away_is_a_failure() -> None:
    """Nothing is raised."""
    async with pushing() as service:
        push = pusher(service)
    assert await push.wake(f"{service.origin}/p", NOW) is Woken.FAILED


@pytest.mark.parametrize(
    "address", ["{}.example/p", "http://127.0.0.1:1/p", "{}@127.0.0.1/p", "file:///etc/passwd", "//x", "", "http://[::"]
)
async def test_other_addresses_are_never_spoken_to(address: str) -> None:
    """What a phone says is no way to make the server ask somebody else."""
    async with pushing() as service:
        push = pusher(service)
        told = address.format(service.origin)
        assert not push.serves(told)
        assert await push.wake(told, NOW) is Woken.GONE
        assert service.heard == []


async def test_a_company_without_a_service_wakes_nobody() -> None:
    """No key, no address."""
    none = NoWaker()
    assert none.key == ""
    assert not none.serves("https://push.example/p")
    assert await none.wake("https://push.example/p", NOW) is Woken.FAILED
