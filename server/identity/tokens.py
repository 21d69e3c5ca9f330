"""Tokens: ten minutes of asking without a signature. They say which device asks and nothing of what it may do."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from uuid import UUID

import jwt
import msgspec

from sync.ids import parse_id

__all__ = ["LIFETIME", "Claim", "issue_token", "read_token"]

LIFETIME = 10 * 60 * 1000
_ALGORITHM = "HS256"
_MOST_KEPT = 10_000
"""So many tokens are not read again: what one says never changes."""
_CHECKS = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["sub", "aud", "exp"]}


class Claim(msgspec.Struct, frozen=True):
    """What a genuine token says; it ends at `ends_at`, server milliseconds."""

    device: UUID
    ends_at: int


def _key_name(key: bytes) -> str:
    return hashlib.blake2b(key, digest_size=6, person=b"saojie-kid").hexdigest()


def issue_token(key: bytes, company: UUID, device: UUID, now: int) -> str:
    """A token for a device, good until `now` (milliseconds) and ten minutes."""
    claims = {"sub": str(device), "aud": str(company), "exp": (now + LIFETIME) // 1000}
    return jwt.encode(claims, key, _ALGORITHM, headers={"kid": _key_name(key)})


@lru_cache(_MOST_KEPT)
def read_token(key: bytes, company: UUID, token: str) -> Claim | None:
    """What a token says; None for one that is not genuine. Whether it is over is for the caller to say."""
    try:
        if jwt.get_unverified_header(token).get("kid") != _key_name(key):
            return None
        claims = jwt.decode(token, key, [_ALGORITHM], audience=str(company), options=_CHECKS)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError):
        return None
    device, expires = parse_id(str(claims["sub"])), claims["exp"]
    if device is None or not isinstance(expires, int):
        return None
    return Claim(device, expires * 1000)
