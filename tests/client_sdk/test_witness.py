"""The phone as a witness: it keeps the newest checkpoint, brings it back, never goes back itself, and keeps both of two
that contradict each other.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client_sdk.keys import Contradicted, Witness
from client_sdk.replica import Replica
from client_sdk.testing.world import World
from sync.codec import decode, encode
from sync.signing import Kind, Signed, company_signed
from sync.statements import Checkpoint

FIRST = bytes(32)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A company and its server."""
    return World(tmp_path)


def made(world: World, number: int, previous: bytes = FIRST, root: bytes = FIRST, **changed: Any) -> Signed:
    """A checkpoint, signed by the company unless `key` says otherwise."""
    said = Checkpoint(changed.get("company", world.company.id), number, world.time.now, previous, root, 1, 1)
    return company_signed(Kind.CHECKPOINT, encode(said), changed.get("key", world.company.signing))


def following(world: World, before: Signed, root: bytes = FIRST) -> Signed:
    """The checkpoint after another."""
    said = decode(before.body, Checkpoint)
    return made(world, said.number + 1, hashlib.blake2b(before.body, digest_size=32).digest(), root)


def given(world: World, replica: Replica, checkpoint: Signed) -> bytes:
    """Let the server give it in an answer, and say what the phone brings back the time after."""
    world.company.checkpoint = checkpoint
    replica.sync()
    replica.sync()
    return world.company.devices[replica._device.enrolment.device].witness


def kept(replica: Replica) -> int:
    """How many contradictions the phone keeps."""
    found = replica._device.keys.get(Contradicted)
    return len(found.pairs) if found else 0


def test_the_newest_is_kept_and_brought_back(world: World) -> None:
    """Also by the next process; nothing contradicts anything."""
    phone = world.phone()
    first = made(world, 1)
    assert given(world, phone, first) == encode(first)
    second = following(world, first)
    assert given(world, phone, second) == encode(second)
    far = made(world, 40, root=b"r" * 32)
    assert given(world, phone, far) == encode(far)
    phone.close()
    reopened = world.opened()
    assert given(world, reopened, far) == encode(far)
    assert (kept(reopened), reopened.status().rewritten) == (0, 0)


@pytest.mark.parametrize("what", ["lower", "same number", "wrong predecessor"])
def test_a_rewritten_journal_is_told_and_both_sides_are_kept(world: World, what: str) -> None:
    """In one epoch a lower number, another body under the same number, or one that names another predecessor."""
    phone = world.phone()
    held = made(world, 5)
    given(world, phone, held)
    other = {
        "lower": made(world, 4, root=b"x" * 32),
        "same number": made(world, 5, root=b"x" * 32),
        "wrong predecessor": made(world, 6, previous=b"x" * 32),
    }[what]
    brought = given(world, phone, other)
    assert brought == encode(other if what == "wrong predecessor" else held)
    contradicted = phone._device.keys.get(Contradicted)
    assert contradicted is not None
    assert contradicted.pairs == ((encode(held), encode(other)),)
    assert phone.status().rewritten == 1
    given(world, phone, other)
    assert kept(phone) == 1


def test_a_server_that_says_it_was_restored_is_believed(world: World) -> None:
    """A new epoch begins with whatever checkpoint the server has then; that contradicts nothing."""
    phone = world.phone()
    given(world, phone, made(world, 5))
    world.company.master.epoch = b"epoch--2"
    lower = made(world, 3)
    assert given(world, phone, lower) == encode(lower)
    assert kept(phone) == 0


def test_what_the_company_did_not_sign_is_not_kept(world: World) -> None:
    """Neither another key nor another company."""
    phone = world.phone()
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x07")
    for one in (made(world, 1, key=stranger), made(world, 1, company=world.company.new_id())):
        assert given(world, phone, one) == b""
    assert phone._device.keys.get(Witness) is None
