"""Whatever bytes come to the codec: read, or refused as is declared. And the hunt finds what is there to be found."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from sync.codec import DecodeError, decode
from tests.conftest import DREW
from tests.fuzz.doors import DOORS, Broken, Door
from tests.fuzz.hunt import broken_by, hunt
from tests.source import ROOT

ROUNDS = 600
NAMES = [door.name for door in DOORS]
KEPT = [line.split("\t") for line in (ROOT / "fixtures" / "fuzz" / "broke.tsv").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
def test_samples_are_read(door: Door) -> None:
    """Or the mutations would be of bytes that no door opens to."""
    for data in door.samples:
        door.enter(door.wraps(data))


@pytest.mark.parametrize(("name", "data"), KEPT)
def test_what_broke_a_door_once_does_not(name: str, data: str) -> None:
    """Bytes that a hunt found, by the door that they broke."""
    door = DOORS[NAMES.index(name)]
    assert broken_by(door, bytes.fromhex(data)) == ""


def test_fresh_bytes_break_no_door(record_property: Callable[[str, object], None]) -> None:
    """Draws that nobody has tried before; the run ends with their seed."""
    seed = secrets.randbelow(1 << 40)
    record_property(DREW, f"seed {seed}")
    assert list(hunt(DOORS, seed, ROUNDS)) == [], f"seed {seed}"


def test_what_is_not_declared_is_found_and_shortened() -> None:
    """A door that lets another exception out, and one that reads a value otherwise."""

    def leaks(data: bytes) -> None:
        if b"\xff" in data:
            raise KeyError

    def lies(data: bytes) -> None:
        if decode(data, list[int]) != [1, 2, 3]:
            raise Broken("something else")

    doors = [Door("leaks", leaks, (b"sample",)), Door("lies", lies, (b"\x93\x01\x02\x03",), (DecodeError,))]
    leaked, lied = hunt(doors, 1, 500)
    assert leaked.data == b"\xff"
    assert lied.says == "something else"
    assert broken_by(doors[1], lied.data)


def test_the_same_seed_draws_the_same_bytes() -> None:
    """So that what was found is found again."""
    tried: list[bytes] = []
    door = Door("any", tried.append, (b"one sample", b"another"))
    list(hunt([door], 7, 20))
    first, tried[:] = list(tried), []
    list(hunt([door], 7, 20))
    assert tried == first
