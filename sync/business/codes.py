"""Codes of outlets that are kept for a person and given without a network, as section 3 of `docs/rules.md` says.

A code is its block's prefix and a number in at least four digits: `K0042`. Blocks of different people never overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sync.records import CodeBlock

__all__ = ["code_of", "codes_of", "free_run", "is_kept", "number_of", "unused"]

_DIGITS = 4


def code_of(prefix: str, number: int) -> str:
    """The code of a number."""
    return f"{prefix}{number:0{_DIGITS}}"


def number_of(prefix: str, code: str) -> int | None:
    """The number of a code; None where it is no code of this prefix as `code_of` writes it."""
    rest = code.removeprefix(prefix)
    if not code.startswith(prefix) or not (rest.isascii() and rest.isdigit()):
        return None
    return int(rest) if code_of(prefix, int(rest)) == code else None


def codes_of(block: CodeBlock) -> Iterator[str]:
    """The codes of a block, in the order in which they are given."""
    return (code_of(block.prefix, number) for number in range(block.first, block.last + 1))


def is_kept(code: str, blocks: Iterable[CodeBlock]) -> bool:
    """Whether a code lies in one of these blocks."""
    for one in blocks:
        number = number_of(one.prefix, code)
        if number is not None and one.first <= number <= one.last:
            return True
    return False


def unused(blocks: Iterable[CodeBlock], taken: Collection[str]) -> Iterator[str]:
    """The codes of these blocks that no outlet has, the oldest block first: the next one to give comes first."""
    ordered = sorted(blocks, key=lambda one: (one.prefix, one.first))
    return (code for one in ordered for code in codes_of(one) if code not in taken)


def free_run(start: int, length: int, taken: Iterable[int]) -> int:
    """The first number from `start` on from which so many numbers are free."""
    for number in sorted(taken):
        if number >= start + length:
            break
        start = max(start, number + 1)
    return start
