"""One root over all scopes' heads; a path proves one scope without the others, and proves nothing else."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from sync.merkle import EMPTY, climb, leaf, path, root
from tests.sync.builders import quick

LEAVES = st.lists(st.binary(min_size=32, max_size=32), max_size=40, unique=True)


def _by_definition(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it, with BLAKE2b-32."""
    if not leaves:
        return hashlib.blake2b(b"", digest_size=32).digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    both = _by_definition(leaves[:split]) + _by_definition(leaves[split:])
    return hashlib.blake2b(b"\x01" + both, digest_size=32).digest()


@quick
@given(LEAVES)
def test_the_root_is_as_defined(leaves: list[bytes]) -> None:
    """For any number of leaves, a power of two or not, none included."""
    assert root(leaves) == _by_definition(leaves)
    assert root([]) == EMPTY


@quick
@given(LEAVES.filter(bool), st.data())
def test_a_path_leads_from_its_leaf_to_the_root_and_from_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    """Another leaf, another place, a longer or a shorter path come elsewhere or nowhere."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    beside, size, whole = path(leaves, index), len(leaves), root(leaves)
    assert climb(leaves[index], index, size, beside) == whole
    assert climb(leaf("another", 1, bytes(32)), index, size, beside) != whole
    other = data.draw(st.integers(-1, size))
    if other != index:
        assert climb(leaves[index], other, size, beside) != whole
    assert climb(leaves[index], index, size, (*beside, bytes(32))) != whole
    if beside:
        assert climb(leaves[index], index, size, beside[1:]) != whole


def test_a_leaf_says_name_length_and_head() -> None:
    """No two heads come to one leaf, and no node can be given out as a leaf."""
    link = bytes(range(32))
    assert leaf("company", 3, link) == hashlib.blake2b(
        b"\x00" + (3).to_bytes(8, "big") + link + b"company", digest_size=32
    ).digest()  # fmt: skip
    assert len({leaf("company", 3, link), leaf("company", 4, link), leaf("company", 3, bytes(32))}) == 3
