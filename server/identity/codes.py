"""Enrolment codes as people see them: 24 letters of Crockford's base 32, in groups of four.

The first four are the public lookup, the other twenty (100 bits) the secret. Case, dashes and spaces do not matter,
and the letters that look like digits are read as these. Values in, values out.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import msgspec

__all__ = ["CODE_LENGTH", "Code", "draw_code", "matches", "normalised", "payload", "scannable", "secret_hash"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 24
LOOKUP_LENGTH = 4
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


class Code(msgspec.Struct, frozen=True):
    """One code in its normal form: 24 capitals and digits without dashes."""

    text: str

    @property
    def lookup(self) -> str:
        """The public part, by which its row is found."""
        return self.text[:LOOKUP_LENGTH]

    @property
    def shown(self) -> str:
        """The form for people: groups of four with dashes."""
        return "-".join(self.text[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def draw_code(random: Callable[[int], bytes]) -> Code:
    """A new code from 15 random bytes."""
    number = int.from_bytes(random(CODE_LENGTH * 5 // 8), "big")
    return Code("".join(ALPHABET[number >> 5 * at & 31] for at in reversed(range(CODE_LENGTH))))


def normalised(typed: str) -> Code | None:
    """The code that somebody typed; None when it cannot be one."""
    text = typed.upper().translate(_LOOKS_LIKE)
    if len(text) != CODE_LENGTH or not set(text) <= set(ALPHABET):
        return None
    return Code(text)


def secret_hash(code: Code) -> bytes:
    """What the store keeps of a code: 32 bytes. The secret is random, so a plain hash is enough."""
    return hashlib.sha256(b"saojie/code\x00" + code.text.encode()).digest()


def matches(code: Code, kept: bytes) -> bool:
    """Whether `code` is the one of which `kept` was kept, in constant time."""
    return hmac.compare_digest(secret_hash(code), kept)


def scannable(signed: bytes) -> str:
    """What the code says that carries signed bytes to a phone: `saojie:accept?b=` and these in base64url, unpadded."""
    return f"saojie:accept?b={urlsafe_b64encode(signed).decode().rstrip('=')}"


def payload(code: Code, address: str, signing: str, opening: str) -> str:
    """What the QR code holds: where to enrol, the code, and the fingerprints of the company's two public keys."""
    return f"saojie:enrol?u={quote(address, safe='')}&c={code.text}&s={signing}&o={opening}"
