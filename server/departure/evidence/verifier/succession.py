"""From a key that somebody was told to the keys that came after it: each is introduced by a statement that the key
before it signed.
"""

from __future__ import annotations

from typing import Any

from server.departure.evidence.verifier.curves import fingerprint, is_signed_by_company
from server.departure.evidence.verifier.packed import unpacked

__all__ = ["successors"]

_KIND = "key_change"


def successors(key: bytes, changes: list[Any]) -> list[str]:
    """The fingerprints of `key` (32 bytes) and of the signing keys that its signed changes lead to, in order; `changes`
    are in the manifest's form. What does not follow is passed over.
    """
    names = [fingerprint(key)]
    for one in changes:
        try:
            kind, body, _, signature = unpacked(bytes.fromhex(one))
            _, _, _, _, turn, public = unpacked(body)
            if kind != _KIND or turn != "signing" or not is_signed_by_company(_KIND, body, signature, key):
                continue
            names.append(fingerprint(public))
        except (TypeError, ValueError):
            continue
        key = public
    return names
