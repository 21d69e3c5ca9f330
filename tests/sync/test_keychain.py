"""The chain of the company's keys: whoever knows them at one point follows, and nobody leads them elsewhere."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.codec import DecodeError, encode
from sync.keychain import FIRST, Pins, bundled, change_hash, followed, history, next_pins, unbundled
from sync.signing import Kind, Signed, company_signed
from sync.statements import KeyChange, KeyTurn

COMPANY = UUID(int=7 << 76 | 2 << 62 | 1)
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(5)]
PUBLIC = [one.public_key().public_bytes_raw() for one in KEYS]
START = Pins(PUBLIC[0], b"o" * 32)


def change(pins: Pins, key: int, turn: KeyTurn, public: bytes, /, **other: object) -> Signed:
    """A change that follows `pins`, or with some of it otherwise, signed by a key."""
    said = KeyChange(COMPANY, pins.number + 1, 1_800_000_000_000, pins.last, turn, public)
    return company_signed(Kind.KEY_CHANGE, encode(msgspec.structs.replace(said, **other)), KEYS[key])


def chain() -> list[Signed]:
    """Two new signing keys, an opening key between, and the first key retired."""
    found: list[Signed] = []
    for key, turn, public in (
        (0, KeyTurn.SIGNING, PUBLIC[1]),
        (1, KeyTurn.OPENING, b"p" * 32),
        (1, KeyTurn.SIGNING, PUBLIC[2]),
        (2, KeyTurn.RETIRED, PUBLIC[0]),
    ):
        found.append(change(followed(START, found, COMPANY), key, turn, public))
    return found


def test_a_chain_is_followed_from_any_point() -> None:
    """At once, one by one, repeated, or from the middle: it comes to the same keys."""
    whole = followed(START, chain(), COMPANY)
    assert (whole.signing, whole.older, whole.opening) == (PUBLIC[2], (PUBLIC[1],), b"p" * 32)
    assert (whole.number, whole.since, whole.last) == (4, 2, change_hash(chain()[-1].body))
    middle = followed(START, chain()[:2], COMPANY)
    assert followed(middle, chain(), COMPANY) == whole == followed(START, [*chain(), *chain()], COMPANY)
    assert [one.number for one in history(START, chain(), COMPANY)] == [0, 1, 2, 3, 4]


def test_a_gap_is_not_jumped() -> None:
    """Without the one before it no change is followed; the rest comes in order."""
    assert followed(START, chain()[1:], COMPANY) == START
    assert followed(START, [chain()[2], chain()[0]], COMPANY).number == 1


@pytest.mark.parametrize(
    ("key", "other"),
    [
        (0, {}),
        (3, {}),
        (1, {"number": 3}),
        (1, {"number": 1}),
        (1, {"previous": FIRST}),
        (1, {"company": UUID(int=7 << 76 | 2 << 62 | 2)}),
        (1, {"public": b"short"}),
    ],
)
def test_what_does_not_follow_is_passed_over(key: int, other: dict[str, object]) -> None:
    """Signed by the key that was replaced or by a stranger, another number, another predecessor, another company."""
    pins = followed(START, chain()[:1], COMPANY)
    assert next_pins(pins, change(pins, 1, KeyTurn.SIGNING, PUBLIC[3]), COMPANY) is not None
    assert next_pins(pins, change(pins, key, KeyTurn.SIGNING, PUBLIC[3], **other), COMPANY) is None


def test_a_statement_of_another_kind_or_altered_is_no_change() -> None:
    """The kind is signed with it, and so is every byte."""
    one = chain()[0]
    other = company_signed(Kind.LEASE, one.body, KEYS[0])
    assert next_pins(START, other, COMPANY) is None
    assert next_pins(START, msgspec.structs.replace(other, kind=Kind.KEY_CHANGE), COMPANY) is None
    assert next_pins(START, msgspec.structs.replace(one, body=one.body[:-1] + b"x"), COMPANY) is None
    empty = company_signed(Kind.KEY_CHANGE, b"\x90", KEYS[0])
    assert next_pins(START, empty, COMPANY) is None


def test_the_current_key_cannot_be_retired_away() -> None:
    """A company without a signing key could say nothing any more."""
    pins = followed(START, [change(START, 0, KeyTurn.RETIRED, PUBLIC[0])], COMPANY)
    assert (pins.number, pins.believed) == (1, (PUBLIC[0],))


def test_carried_bytes_are_one_statement_or_a_bundle() -> None:
    """A statement alone is as it always was; with changes it comes last."""
    order = company_signed(Kind.WIPE_ORDER, b"body", KEYS[2])
    assert bundled((), order) == encode(order)
    assert unbundled(encode(order)) == (order,)
    assert unbundled(bundled(chain(), order)) == (*chain(), order)
    for data in (b"", b"\x90", b"\x93\x01\x02\x03", encode((order,) * 65)):
        with pytest.raises(DecodeError):
            unbundled(data)
