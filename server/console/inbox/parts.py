"""What the pages of the inbox are made of: lines of the list, items with what can be decided on them, and kinds.

A kind reads its own list and its own items, and carries a decision out through the functions of its room.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, or_

from server.console.inbox.sketch import Sketch
from server.console.viewer import Viewer
from server.departure.means import Means
from server.departure.quarantine import Decided
from server.field.ground import Ground
from server.identity.staff import Role
from server.master.store import Store, Tx
from server.ports import Sources
from server.times import local
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = [
    "PAGE",
    "Act",
    "Ask",
    "Beside",
    "Came",
    "Fact",
    "Fields",
    "Hand",
    "Item",
    "Kind",
    "Line",
    "Look",
    "Picture",
    "Place",
    "Step",
    "after",
    "as_id",
    "paged",
    "to_outlet",
]

PAGE = 30
"""So many lines stand on one page."""
_HEX = re.compile(r"(?:[0-9a-f]{32}){1,2}")
_LONGEST = 100
_ID = 32
"""Characters of one id; a line that is about two records has both."""


class Place(msgspec.Struct, array_like=True, frozen=True, order=True):
    """Where a line stands in the list: what is urgent first (rank 0), then by time, then by id."""

    rank: int
    at: int
    id: str

    def __str__(self) -> str:
        return f"{self.rank}.{self.at}.{self.id}"

    @staticmethod
    def read(text: str) -> Place | None:
        """The place that a page's address names; None for none."""
        rank, _, rest = text.partition(".")
        at, _, one = rest.partition(".")
        if not (rank.isdigit() and at.isdigit() and _HEX.fullmatch(one)) or len(text) > _LONGEST:
            return None
        return Place(int(rank), int(at), one)


class Look(msgspec.Struct, frozen=True):
    """The part of a list that is wanted: what is open, the oldest first, or what is decided, the newest first; behind
    a place.
    """

    is_open: bool = True
    behind: Place | None = None
    limit: int = PAGE


class Line(msgspec.Struct, frozen=True):
    """One line of the list. `ref` is its address behind `/inbox/`, `said` what is to know of it, `badge` and `tone` a
    word that stands out; `staff` is whom it concerns. `ended` says how it was decided, by whom `by`.
    """

    kind: str
    ref: str
    place: Place
    title: str
    said: str = ""
    badge: str = ""
    tone: str = ""
    staff: UUID | None = None
    ended: str = ""
    by: UUID | None = None


class Fact(msgspec.Struct, frozen=True):
    """Something to know before deciding; `href` leads to where it stands in full."""

    label: str
    value: str
    href: str = ""


class Beside(msgspec.Struct, frozen=True):
    """One field with what stands on either side; `take` names it where it can be taken over."""

    label: str
    one: str
    other: str
    differs: bool
    take: str = ""


class Ask(msgspec.Struct, frozen=True):
    """Something that a decision asks for: a line of text, several (`area`), a tick or a choice."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()


class Act(msgspec.Struct, frozen=True):
    """One decision: its button, the key that presses it, and what it asks for. `many` says that several items can be
    decided so at once.
    """

    name: str
    label: str
    key: str = ""
    tone: str = ""
    asks: tuple[Ask, ...] = ()
    note: str = ""


class Step(msgspec.Struct, frozen=True):
    """Something that happened to an item: when (server milliseconds, None where nobody knows), what, by whom."""

    at: int | None
    what: str
    by: UUID | None = None


class Picture(msgspec.Struct, frozen=True):
    """A photo: its address, what it shows, when it was taken; `is_here` says whether its bytes have arrived."""

    address: str
    kind: str
    caption: str
    taken_at: int | None
    is_here: bool


class Item(msgspec.Struct, frozen=True):
    """One matter with all that is needed to decide on it. `heads` are the two sides of `beside`; `story` is what
    happened to it, the oldest first, which for a decided one says what came of it.
    """

    line: Line
    is_open: bool
    facts: tuple[Fact, ...] = ()
    heads: tuple[str, str] = ("", "")
    beside: tuple[Beside, ...] = ()
    sketch: Sketch | None = None
    acts: tuple[Act, ...] = ()
    story: tuple[Step, ...] = ()
    advice: str = ""
    links: tuple[Fact, ...] = ()
    photos: tuple[Picture, ...] = ()


class Came(msgspec.Struct, frozen=True):
    """What came of a decision, in both languages, and the scopes that changed; `is_done` is False where it came to
    nothing because somebody had decided before, or because something stands in its way.
    """

    zh: str
    en: str
    changed: frozenset[str] = frozenset()
    is_done: bool = True


class Fields(Protocol):
    """What was typed."""

    def text(self, name: str) -> str:
        """One field; empty where nothing was typed."""

    def many(self, name: str) -> list[str]:
        """All values of a field."""

    def names(self) -> list[str]:
        """The names of all fields."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose decision it is, and with what it is carried out."""

    viewer: Viewer
    store: Store
    sources: Sources
    ground: Ground
    ruled: Callable[[Tx], Awaitable[Ground]]
    means: Means
    fields: Fields
    take_in: Callable[[Sequence[UUID]], Awaitable[Decided]]
    """Hands items of the quarantine to the write path."""

    @property
    def by(self) -> UUID:
        """Who decides."""
        return self.viewer.person.id

    @property
    def reason(self) -> str:
        """The reason that was typed."""
        return self.fields.text("reason")

    def say(self, zh: str, en: str) -> str:
        """The text in the viewer's language."""
        return self.viewer.say(zh, en)

    @property
    def colon(self) -> str:
        """What stands between a name and what it is, as the language writes it."""
        return self.say("：", ": ")

    @property
    def then(self) -> str:
        """What stands between two things that are told one after the other."""
        return self.say("；", "; ")

    def when(self, ms: int | None) -> str:
        """A server time in the company's zone."""
        return "—" if ms is None else local(ms, self.viewer.zone)


Decide = Callable[[Hand, Sequence[str], str], Awaitable[Came]]
"""Carry out the act of that name on items, by their addresses."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work. `roles` see it, `deciders` decide; `counted` selects how many are open at a server
    time and since when the oldest waits. `bulk` are decisions on several at once.
    """

    key: str
    zh: str
    en: str
    roles: frozenset[Role]
    deciders: frozenset[Role]
    counted: Callable[[Role, int], Select[Any, Any]]
    lines: Callable[[Tx, Hand, Look], Awaitable[list[Line]]]
    item: Callable[[Tx, Hand, str], Awaitable[Item]]
    decide: Decide
    bulk: Callable[[Hand], tuple[Act, ...]] = field(default=lambda _: ())

    def may_decide(self, role: Role) -> bool:
        """Whether this role decides here."""
        return role in self.deciders


def as_id(text: str) -> UUID:
    """The id in an address. Raises Refusal."""
    found = parse_id(text)
    if found is None:
        raise Refusal("not_found", "this address names nothing")
    return found


def to_outlet(hand: Hand, outlet: UUID) -> Fact:
    """The way to an outlet's archive."""
    return Fact("", hand.say("打开终端档案", "Open the outlet"), f"/outlets/{outlet}")


def after(look: Look, at: ColumnElement[Any], id_: ColumnElement[Any], value: Callable[[str], Any]) -> Any:
    """The condition that a row stands behind the look's place; `value` makes what the column of ids holds."""
    place = look.behind
    if place is None:
        return at.is_not(None)
    same = (at == place.at) & (id_ > value(place.id[:_ID]) if look.is_open else id_ < value(place.id[:_ID]))
    return or_(at > place.at if look.is_open else at < place.at, and_(same))


def paged(lines: Iterable[Line], look: Look) -> list[Line]:
    """The part of a list that is read whole."""
    ordered = sorted(lines, key=lambda one: one.place, reverse=not look.is_open)
    behind = look.behind
    if behind is not None:
        ordered = [one for one in ordered if (one.place > behind if look.is_open else one.place < behind)]
    return ordered[: look.limit]
