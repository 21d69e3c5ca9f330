"""Signed bytes that people carried to a phone: as they are, as the text of a scanned code, or as a pasted line."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qs, urlsplit

from client_sdk.errors import InvalidInput
from sync.codec import DecodeError
from sync.keychain import unbundled
from sync.signing import Signed

__all__ = ["read_carried"]


def read_carried(carried: bytes | str) -> tuple[Signed, ...]:
    """The signed statements in what came: changes of the company's keys, then what it is about. Raises InvalidInput."""
    data = carried if isinstance(carried, bytes) else _bytes_of(carried.strip())
    try:
        return unbundled(data)
    except DecodeError as error:
        raise InvalidInput("bad_value", "signed", "this is not a signed statement") from error


def _bytes_of(text: str) -> bytes:
    """A code says `saojie:accept?b=` and base64 for addresses; a pasted line is plain base64, however it was broken."""
    if text.lower().startswith("saojie:accept"):
        text = parse_qs(urlsplit(text).query).get("b", [""])[0]
    plain = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("bad_value", "signed", "this is not a signed statement") from error
