"""Signatures, verified with integers alone: Ed25519 (RFC 8032) and ECDSA on P-256 with SHA-256 (FIPS 186-5).

For public data only: nothing here takes care to take the same time for different keys, and nothing signs.
"""

from __future__ import annotations

import hashlib

__all__ = ["ed25519_holds", "fingerprint", "is_signed_by_company", "is_signed_by_device", "p256_holds"]

Point = tuple[int, int]

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_ORDER = 2**252 + 27742317777372353535851937790883648493

_Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_P256_DER = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def fingerprint(public: bytes) -> str:
    """A public key's name: the first 80 bits of its SHA-256, in groups."""
    digest = hashlib.sha256(public).hexdigest()[:20]
    return "-".join(digest[at : at + 4] for at in range(0, 20, 4))


def _message(kind: str, body: bytes) -> bytes:
    return b"saojie/" + kind.encode() + b"\x00" + body


def is_signed_by_company(kind: str, body: bytes, signature: bytes, public: bytes) -> bool:
    """Whether a statement is signed by the Ed25519 key `public` (32 bytes)."""
    return ed25519_holds(_message(kind, body), signature, public)


def ed25519_holds(message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether `signature` (64 bytes) is of that message, by the key `public` (32 bytes)."""
    if len(signature) != 64 or len(public) != 32:
        return False
    key, commitment = _decompressed(public), _decompressed(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    factor = int.from_bytes(hashed, "little") % _ORDER
    return _edwards(_BASE, scalar) == _added(commitment, _edwards(key, factor))


def _decompressed(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return (_P - x if x & 1 != sign else x), y


def _added(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    twist = _D * x1 * x2 * y1 * y2 % _P
    x = (x1 * y2 + x2 * y1) * pow(1 + twist, -1, _P) % _P
    return x, (y1 * y2 + x1 * x2) * pow(1 - twist, -1, _P) % _P


def _edwards(point: Point, factor: int) -> Point:
    total = (0, 1)
    while factor:
        if factor & 1:
            total = _added(total, point)
        point, factor = _added(point, point), factor >> 1
    return total


_BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def is_signed_by_device(kind: str, body: bytes, signature: bytes, public: bytes) -> bool:
    """Whether a statement is signed by the P-256 key `public` (DER, SubjectPublicKeyInfo); the signature is DER."""
    return p256_holds(_message(kind, body), signature, public)


def p256_holds(message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether `signature` (DER) is of that message's SHA-256, by the key `public` (DER)."""
    numbers = _der_integers(signature)
    key = _p256_point(public)
    if numbers is None or key is None:
        return False
    r, s = numbers
    if not (0 < r < _N and 0 < s < _N):
        return False
    hashed = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, _N)
    sum_ = _weierstrass(_times(_G, hashed * inverse % _N), _times(key, r * inverse % _N))
    return sum_ is not None and sum_[0] % _N == r


def _p256_point(public: bytes) -> Point | None:
    if len(public) != 91 or not public.startswith(_P256_DER + b"\x04"):
        return None
    x, y = int.from_bytes(public[27:59], "big"), int.from_bytes(public[59:], "big")
    return (x, y) if x < _Q and y < _Q and (y * y - (x * x * x - 3 * x + _B)) % _Q == 0 else None


def _der_integers(data: bytes) -> tuple[int, int] | None:
    """The two numbers of a DER signature; None for anything that is not exactly that."""
    if len(data) < 8 or data[0] != 0x30 or data[1] != len(data) - 2 or data[1] > 0x7F:
        return None
    found, at = [], 2
    for _ in range(2):
        if at + 2 > len(data) or data[at] != 0x02:
            return None
        part = data[at + 2 : at + 2 + data[at + 1]]
        is_padded = len(part) > 1 and part[0] == 0 and part[1] < 0x80
        if len(part) != data[at + 1] or not part or part[0] > 0x7F or is_padded:
            return None
        found.append(int.from_bytes(part, "big"))
        at += 2 + len(part)
    return (found[0], found[1]) if at == len(data) else None


def _weierstrass(one: Point | None, other: Point | None) -> Point | None:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2:
        if (y1 + y2) % _Q == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, _Q) % _Q
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, _Q) % _Q
    x = (slope * slope - x1 - x2) % _Q
    return x, (slope * (x1 - x) - y1) % _Q


def _times(point: Point | None, factor: int) -> Point | None:
    total: Point | None = None
    while factor:
        if factor & 1:
            total = _weierstrass(total, point)
        point, factor = _weierstrass(point, point), factor >> 1
    return total
