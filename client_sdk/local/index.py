"""What can be searched for: one narrow row for each outlet and contact, as the rep sees them. Derived, never a source.

A query reads such a table from end to end. For what a phone holds that is quicker than any index would be to keep, it
finds text of any length in any place, and a row that is deleted leaves nothing behind in an index
(docs/decisions/phone-search.md has the measurements).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, get_type_hints

import msgspec

from client_sdk.local.aliases import Alias, Aliases
from client_sdk.local.pinyin import initials, syllables
from client_sdk.storage.driver import Database
from sync.codec import DecodeError, run
from sync.records import COLLECTIONS, Contact, Outlet

__all__ = ["Filter", "Hit", "Index", "Place", "normal"]

_Row = tuple[int | float | str | bytes | None, ...]
_OUTLET, _CONTACT = COLLECTIONS["outlet"].tag, COLLECTIONS["contact"].tag
_COLUMNS = ("text", "sort", "grade", "class", "status", "lat", "lon", "visited", "days", "registered")
_PUT = f"""
    INSERT INTO find(id, {", ".join(_COLUMNS)}) VALUES(?{", ?" * len(_COLUMNS)})
    ON CONFLICT(id) DO UPDATE SET {", ".join(f"{one}=excluded.{one}" for one in _COLUMNS)}
"""
"""In half the time of INSERT OR REPLACE, which deletes and adds in every index."""
_BY_OUTLET = """
    SELECT f.id, instr(f.text, ?) AS at FROM find f WHERE at > 0 {more} {filter} ORDER BY at, f.sort, f.id LIMIT ?
"""
_BY_PERSON = """
    SELECT DISTINCT f.id FROM find_person p LEFT JOIN alias a ON a.outlet = p.outlet
    JOIN row r ON r.record = coalesce(a.stands, p.outlet) JOIN find f ON f.id = r.id
    WHERE instr(p.text, ?) > 0 {more} {filter} ORDER BY f.sort, f.id LIMIT ?
"""


def _without_stock() -> type[msgspec.Struct]:
    """An outlet as it is packed, with its stock passed over: to read that takes three times as long as all the rest."""
    kinds = get_type_hints(Outlet, include_extras=True)
    fields = [
        (one.name, msgspec.Raw, msgspec.Raw()) if one.name == "stock" else (one.name, kinds[one.name], one.default)
        for one in msgspec.structs.fields(Outlet)
    ]
    return msgspec.defstruct("SearchedOutlet", fields, array_like=True, tag=_OUTLET, frozen=True)


_decoders: dict[int, msgspec.msgpack.Decoder[Any]] = {
    _OUTLET: msgspec.msgpack.Decoder(_without_stock()),
    _CONTACT: msgspec.msgpack.Decoder(Contact),
}


class Filter(msgspec.Struct, frozen=True):
    """Which outlets: of this grade, class and status; None leaves it open."""

    grade: str | None = None
    outlet_class: str | None = None
    status: str | None = None

    def sql(self) -> tuple[str, tuple[str, ...]]:
        """Conditions on the row `f`, and their values."""
        named = (("grade", self.grade), ("class", self.outlet_class), ("status", self.status))
        chosen = [(name, value) for name, value in named if value is not None]
        return "".join(f" AND f.{name}=?" for name, _ in chosen), tuple(value for _, value in chosen)


class Place(msgspec.Struct, frozen=True):
    """An outlet's row number and where it stands (WGS-84)."""

    id: int
    lat: float
    lon: float


class Hit(msgspec.Struct, frozen=True):
    """What decides whether an outlet is due: its row number, grade, last visit (server ms), visit days, position, and
    when it was registered (server ms, None for long ago).
    """

    id: int
    grade: str
    visited: int | None
    days: tuple[str, ...]
    lat: float | None
    lon: float | None
    registered: int | None


def normal(text: str) -> str:
    """The form in which texts are compared: one width, one case, no spaces around it."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _across(west: float, east: float) -> str:
    return "f.lon BETWEEN ? AND ?" if west <= east else "(f.lon >= ? OR f.lon <= ?)"


def _every(words: list[str], alias: str) -> str:
    return "".join(f" AND instr({alias}.text, ?) > 0" for _ in words)


class Index:
    """The table of what can be found. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database) -> None:
        self._file = file
        self._aliases = Aliases(file)

    def put(self, rows: Iterable[tuple[int, int, bytes]]) -> None:
        """Index packed records by row number and tag; those that nobody searches for are passed over."""
        people: list[_Row] = []
        aliases: list[Alias] = []
        freed: list[tuple[int, bytes]] = []
        found = self._outlets(rows, people, aliases, freed)
        self._file.each(_PUT, found)
        if aliases or freed:
            self._file.each("DELETE FROM find WHERE id=?", ((one.number,) for one in aliases))
            self._file.each("DELETE FROM find_person WHERE id=?", ((number,) for number, _ in freed))
            self._aliases.put(aliases, (outlet for _, outlet in freed))
        self._file.each("INSERT OR REPLACE INTO find_person VALUES(?, ?, ?)", people)

    def make_again(self) -> None:
        """Index every row anew, as the rep sees it."""
        for table in ("find", "find_person", "alias"):
            self._file.run(f"DELETE FROM {table}")  # noqa: S608
        self.put(
            self._file.rows(
                """SELECT r.id, r.tag, coalesce(o.packed, r.packed) AS seen FROM row r LEFT JOIN overlay o ON o.id=r.id
                WHERE seen IS NOT NULL"""
            )
        )

    def remove(self, number: int) -> None:
        """Take a row out."""
        self._file.run("DELETE FROM find WHERE id=?", (number,))
        self._file.run("DELETE FROM find_person WHERE id=?", (number,))
        self._file.run("DELETE FROM alias WHERE id=?", (number,))

    def search(self, text: str, chosen: Filter, limit: int, skip: int) -> list[int]:
        """Row numbers of outlets in which every word of `text` stands, then of those with such a contact: so many at
        most, after so many others. The table is read to its end for any page.
        """
        words = normal(text).split()
        if not words:
            return self.ordered(chosen, limit, skip)
        limit += skip
        conditions, values = chosen.sql()
        given: _Row = (*words, *values, limit)
        found = self._file.run(_BY_OUTLET.format(more=_every(words[1:], "f"), filter=conditions), given)
        if len(found) < limit:
            found += self._file.run(_BY_PERSON.format(more=_every(words[1:], "p"), filter=conditions), given)
        return list(dict.fromkeys(row[0] for row in found))[skip:limit]

    def with_digits(self, digits: str) -> list[int]:
        """Row numbers of outlets in whose phone these digits stand, however it is spaced."""
        bare = "replace(replace(f.text, ' ', ''), '-', '')"
        return [row[0] for row in self._file.run(f"SELECT f.id FROM find f WHERE instr({bare}, ?) > 0", (digits,))]  # noqa: S608

    def ordered(self, chosen: Filter, limit: int, skip: int) -> list[int]:
        """Row numbers of outlets in the order of their names."""
        conditions, values = chosen.sql()
        sql = f"SELECT f.id FROM find f WHERE true{conditions} ORDER BY f.sort, f.id LIMIT ? OFFSET ?"  # noqa: S608
        return [row[0] for row in self._file.run(sql, (*values, limit, skip))]

    def within(self, south: float, north: float, west: float, east: float, chosen: Filter) -> list[Place]:
        """Outlets in a box of degrees; `west` may be greater than `east`, across the 180th meridian."""
        conditions, values = chosen.sql()
        where = f"f.lat BETWEEN ? AND ? AND {_across(west, east)}{conditions}"
        sql = f"SELECT f.id, f.lat, f.lon FROM find f WHERE {where}"  # noqa: S608
        return [Place(*row) for row in self._file.run(sql, (south, north, west, east, *values))]

    def standing(self) -> list[Hit]:
        """Every outlet that is not closed, with what decides whether it is due."""
        sql = "SELECT id, grade, visited, days, lat, lon, registered FROM find WHERE status != 'closed'"
        rows, also = self._file.run(sql), self._aliases.visits()
        return [
            Hit(
                number,
                grade,
                _later(visited, also[number]) if number in also else visited,
                tuple(days.split(",")) if days else (),
                *rest,
            )
            for number, grade, visited, days, *rest in rows
        ]

    def visited_since(self, ms: int) -> list[int]:
        """Row numbers of the outlets, closed ones too, whose last visit was at a time (server ms) or after it."""
        found = {row[0] for row in self._file.run("SELECT id FROM find WHERE visited >= ?", (ms,))}
        return sorted(found | {number for number, at in self._aliases.visits().items() if at >= ms})

    def registered_in(self, since: int, until: int) -> list[int]:
        """Row numbers of the outlets, closed ones too, that were registered from a time until before another."""
        sql = "SELECT id FROM find WHERE registered >= ? AND registered < ?"
        return [row[0] for row in self._file.run(sql, (since, until))]

    def codes(self, prefix: str) -> set[str]:
        """The codes that begin with a prefix, of all outlets, those that were merged too, as `normal` writes them;
        other lines of what is searched may be among them.
        """
        start = normal(prefix)
        rows = [
            row
            for table in ("find", "find_person")
            for row in self._file.run(f"SELECT text FROM {table} WHERE instr(text, ?) > 0", ("\n" + start,))  # noqa: S608
        ]
        return {line for (text,) in rows for line in text.split("\n") if line.startswith(start)}

    def drawn(self, box: tuple[float, float, float, float], most: int) -> list[int]:
        """Row numbers of the outlets in a box (south, north, west, east, as `within` has it), at most so many: open
        before closed ones, the best grade first, then by row.
        """
        south, north, west, east = box
        sql = f"""SELECT f.id FROM find f WHERE f.lat BETWEEN ? AND ? AND {_across(west, east)}
            ORDER BY f.status = 'closed', f.grade, f.id LIMIT ?"""  # noqa: S608
        return [row[0] for row in self._file.run(sql, (south, north, west, east, most))]

    def grades(self) -> dict[bytes, str]:
        """The grade of each outlet that stands, by its id."""
        sql = "SELECT r.record, f.grade FROM find f JOIN row r ON r.id=f.id WHERE f.status != 'closed'"
        return dict(self._file.run(sql))

    def standing_in(self, scope: int) -> list[int]:
        """Row numbers of the outlets of a scope that stand."""
        sql = "SELECT f.id FROM find f JOIN row r ON r.id=f.id WHERE r.scope=? AND f.status != 'closed'"
        return [row[0] for row in self._file.run(sql, (scope,))]

    def _outlets(
        self,
        rows: Iterable[tuple[int, int, bytes]],
        people: list[_Row],
        aliases: list[Alias],
        freed: list[tuple[int, bytes]],
    ) -> Iterator[_Row]:
        """Rows for outlets, made one by one; those for contacts are gathered in `people`. An outlet that was merged is
        found there, too, and leads to the one that stands for it; `freed` are those that stand for themselves again.
        """
        known = self._aliases.all()
        for number, tag, packed in rows:
            record = _searched(tag, packed)
            if record is None:
                continue
            if tag == _CONTACT:
                people.append((number, record.outlet.bytes, _lines(record.name, record.phone)[0]))
            elif record.merged_into is not None:
                into = record.merged_into.bytes
                aliases.append(Alias(number, record.id.bytes, into, record.last_visit_at))
                people.append((number, into, _outlet_lines(record)[0]))
            else:
                if known and record.id.bytes in known:
                    freed.append((number, record.id.bytes))
                yield _outlet(number, record)


def _later(one: int | None, other: int | None) -> int | None:
    return max(filter(None, (one, other)), default=None)


def _searched(tag: int, packed: bytes) -> Any:
    """What is searched for of a record; None for one that nobody searches for, or that only a newer app can read."""
    try:
        return run(_decoders[tag], packed) if tag in _decoders else None
    except DecodeError:
        return None


def _outlet(number: int, one: Any) -> _Row:
    lat, lon = (one.position.lat, one.position.lon) if one.position else (None, None)
    text, sort = _outlet_lines(one)
    kind = (one.grade, one.outlet_class, one.status)
    return (number, text, sort, *kind, lat, lon, one.last_visit_at, ",".join(one.visit_days), one.registered_at)


def _outlet_lines(one: Any) -> tuple[str, str]:
    return _lines(one.name, one.address, one.phone, one.code)


def _lines(name: str, *more: str) -> tuple[str, str]:
    """What is searched, line by line, and what the name is sorted by."""
    plain = _normal_lines([name, *filter(None, more)])
    first = plain.partition("\n")[0] if "\n" not in name else normal(name)
    spelled = syllables(first)
    return (plain if first.isascii() else f"{plain}\n{spelled}\n{initials(first)}"), spelled


def _normal_lines(texts: list[str]) -> str:
    """`normal` of each, as lines: in one go, as long as no text becomes one with spaces around it."""
    found = unicodedata.normalize("NFKC", "\n".join([text.strip() for text in texts])).casefold()
    is_bare = found.strip() == found and " \n" not in found and "\n " not in found
    return found if is_bare else "\n".join(map(normal, texts))
