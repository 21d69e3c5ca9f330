"""What is otherwise in each copy of a territory is cut out of texts of bytes once, and put in for each copy.

All of it is as long in each copy: the time of an id, an id, the name of a scope, the first figures of a phone or of a
code, degrees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from struct import Struct as Form
from uuid import UUID

import msgspec

__all__ = ["Copy", "Cutter", "Made"]

_TIME = 6
"""Bytes of an id that tell its time."""
_DEGREES = Form(">d")
_CUT = re.compile(
    rb"(?s)(?=\xc4\x10(?P<id>.{16})|\xcb(?P<degrees>.{8})|\xab(?P<phone>1\d{4})\d{6}|\xaa(?P<code>OUT-\d\d)\d{4}"
    rb"|territory/(?P<name>.{36}))"
)
"""Where something that a copy has otherwise may begin: of ids, degrees and names only what is known is taken for it."""
_TIMES, _PLACE, _PERSON, _NAME, _PHONE, _CODE = range(6)
_ALWAYS = {"phone": _PHONE, "code": _CODE}

Made = Callable[[Sequence[bytes]], bytes]
"""Makes a text of bytes of a copy from its pool."""


class Copy(msgspec.Struct, frozen=True):
    """One copy: its number (up to 9,999), its territory, whose visits it has; what its ids tell of their time (server
    ms), so that no two copies have one; and how many degrees further north and east it lies.
    """

    number: int
    place: UUID
    person: UUID
    at: int
    moved: tuple[float, float]

    def id(self, one: bytes) -> bytes:
        """The id that it has in place of the original's."""
        return self.at.to_bytes(_TIME, "big") + one[_TIME:]


class Cutter:
    """Cuts the texts of an original: of a territory with a person's visits, in which these ids are known, and these
    degrees north and east.
    """

    def __init__(self, ids: Iterable[bytes], place: UUID, person: UUID, degrees: Sequence[Iterable[float]]) -> None:
        self._degrees = [(axis, one) for axis, some in enumerate(degrees) for one in sorted(some)]
        self._slots = dict.fromkeys(ids, _TIMES)
        self._slots |= {place.bytes: _PLACE, person.bytes: _PERSON, str(place).encode(): _NAME}
        self._slots |= {_DEGREES.pack(one): at for at, (_, one) in enumerate(self._degrees, _CODE + 1)}
        self._pieces: list[bytes] = []

    def cut(self, text: bytes) -> Made:
        """Take a text apart."""
        places, done = list[int](), 0
        for begins, ends, slot in self._found(text):
            places += self._piece(text[done:begins]), slot
            done = ends
        take = itemgetter(*places, self._piece(text[done:]))
        return (lambda pool: b"".join(take(pool))) if places else take

    def pool(self, copy: Copy) -> list[bytes]:
        """What the texts of a copy are made from: what it has of its own, and all pieces that stay as they are."""
        own = [copy.id(b""), copy.place.bytes, copy.person.bytes, str(copy.place).encode()]
        own += b"1%04d" % copy.number, b"O%04d-" % copy.number
        moved = [_DEGREES.pack(round(one + copy.moved[axis], 6)) for axis, one in self._degrees]
        return own + moved + self._pieces

    def _piece(self, text: bytes) -> int:
        """Keep a piece: its place in every pool."""
        self._pieces.append(text)
        return _CODE + len(self._degrees) + len(self._pieces)

    def _found(self, text: bytes) -> Iterator[tuple[int, int, int]]:
        """What is otherwise in each copy: from where to where, and its place in every pool."""
        for match in _CUT.finditer(text):
            kind = match.lastgroup or ""
            slot = _ALWAYS.get(kind, self._slots.get(match[kind]))
            if slot is not None:
                begins, ends = match.span(kind)
                yield begins, begins + _TIME if slot == _TIMES else ends, slot
