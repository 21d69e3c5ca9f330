"""The shapes of the table: a sentence in both languages, an assumption, a promise, a threat."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["Assumption", "Kind", "Promise", "Said", "Threat", "at"]


class Said(msgspec.Struct, frozen=True):
    """The same in English and Chinese."""

    en: str
    zh: str


class Assumption(msgspec.Struct, frozen=True):
    """What has to be so for a promise to hold."""

    id: str
    says: Said


class Kind(StrEnum):
    """How sure a promise is."""

    PROVED = "proved"
    """By tests that fail when it is broken."""
    COMPUTED = "computed"
    """Worked out from what the server committed before it answered."""


class Promise(msgspec.Struct, frozen=True):
    """One promise: under which assumptions (their ids) it holds, and which tests prove it, as `path::name`."""

    id: str
    says: Said
    kind: Kind
    assumes: tuple[str, ...]
    tests: tuple[str, ...]


class Threat(msgspec.Struct, frozen=True):
    """One row of the threat model: who tries what, and what stands against it or, where nothing does, what is so.

    The tests of a row that is not defended show the limit as it is said, and what holds in spite of it.
    """

    id: str
    who: Said
    tries: Said
    answer: Said
    tests: tuple[str, ...]
    is_defended: bool = True


def at(path: str, name: str) -> str:
    """The name of a test."""
    return f"{path}::{name}"
