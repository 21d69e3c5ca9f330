"""The digest shows whether two sides hold the same bytes, moves with each write, and can be divided."""

from __future__ import annotations

import hashlib
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sync import digest
from sync.codec import pack
from sync.digest import BUCKETS, EMPTY, bucket_of, bucket_sums, entry_hash, short_hash, total
from tests.sync.builders import id_of, outlet, quick

EPOCH = b"epoch--1"
ENTRIES = st.lists(st.binary(min_size=16, max_size=16), max_size=20)
ROWS = st.dictionaries(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), max_size=20)


@quick
@given(ENTRIES)
def test_adding_removing_and_totalling_agree(entries: list[bytes]) -> None:
    """Moving with each write comes to what counting everything again does, in any order."""
    moved = EMPTY
    for one in entries:
        moved = digest.add(moved, one)
    assert moved == total(entries) == total(reversed(entries))
    for one in sorted(entries):
        moved = digest.remove(moved, one)
    assert moved == EMPTY == total([])


def test_the_sum_wraps_at_two_to_the_128() -> None:
    """The digest stays 16 bytes, however many records there are."""
    most = b"\xff" * 16
    assert digest.add(most, b"\x00" * 15 + b"\x01") == EMPTY
    assert digest.remove(EMPTY, b"\x00" * 15 + b"\x01") == most
    assert len(total([most] * 1000)) == 16


def test_an_entry_is_blake2b_over_epoch_version_revision_and_bytes() -> None:
    """BLAKE2b-16(epoch || version || revision || packed), both numbers 8 bytes big-endian."""
    packed = pack(outlet())
    body = EPOCH + (5).to_bytes(8, "big") + (2).to_bytes(8, "big") + packed
    assert entry_hash(EPOCH, 5, 2, packed) == hashlib.blake2b(body, digest_size=16).digest()
    assert short_hash(packed) == hashlib.blake2b(packed, digest_size=8).digest()


def test_one_flipped_bit_anywhere_changes_the_digest() -> None:
    """Every byte that is stored counts, so a wrong body is never called right."""
    packed = pack(outlet(notes="x" * 50))
    right = entry_hash(EPOCH, 5, 2, packed)
    for at in range(len(packed)):
        flipped = packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]
        assert entry_hash(EPOCH, 5, 2, flipped) != right
        assert short_hash(flipped) != short_hash(packed)


def test_epoch_version_and_revision_count() -> None:
    """The right body at the wrong version, or of another history, is a difference."""
    packed = pack(outlet())
    hashes = {
        entry_hash(epoch, version, revision, packed)
        for epoch in (EPOCH, b"epoch--2")
        for version in (5, 6)
        for revision in (5, 6)
    }
    assert len(hashes) == 8


@quick
@given(ROWS)
def test_the_bucket_sums_sum_to_the_digest(rows: dict[bytes, bytes]) -> None:
    """Taken together, the sums by bucket are the last four bytes of the digest."""
    sums = bucket_sums(rows.items())
    assert len(sums) == BUCKETS * 4
    together = sum(int.from_bytes(sums[at : at + 4], "big") for at in range(0, len(sums), 4))
    assert (together % (1 << 32)).to_bytes(4, "big") == total(rows.values())[-4:]


@quick
@given(ROWS.filter(bool), st.integers(0, 127))
def test_one_wrong_row_shows_in_its_bucket_alone(rows: dict[bytes, bytes], bit: int) -> None:
    """So it is found by asking for one bucket, unless the fault is in bits that the short sums leave out."""
    record, entry = next(iter(rows.items()))
    wrong = rows | {record: (int.from_bytes(entry, "big") ^ (1 << bit)).to_bytes(16, "big")}
    ours, theirs = bucket_sums(rows.items()), bucket_sums(wrong.items())
    differing = {at // 4 for at in range(0, len(ours), 4) if ours[at : at + 4] != theirs[at : at + 4]}
    assert differing == ({bucket_of(record)} if bit < 32 else set())


@quick
@given(st.uuids())
def test_a_bucket_is_the_last_byte(one: UUID) -> None:
    """Random in every id, so that buckets fill evenly."""
    assert bucket_of(one.bytes) == one.bytes[15]
    assert bucket_of(id_of(0x1FF).bytes) == 0xFF
