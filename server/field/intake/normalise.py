"""From cells to facts: each row of a table becomes a draft, or comes back with every reason that speaks against it.

A cell that nobody can read sends its row back where the archive would be wrong without it (name, position, code,
money); anywhere else the row is in, what was written is kept where there is room, and a remark says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

import msgspec

from server.field.intake.drafts import Draft, Facts, Harvest, Phone, Rejected, Remark
from server.field.intake.headings import FIELDS, register_in
from server.field.intake.mapping import Column, Mapping
from server.field.intake.phones import likely_region, read_phones
from server.field.intake.places import read_datum, read_pair, read_place
from server.field.intake.reasons import Reason
from server.field.intake.table import Row, Table
from server.field.intake.values import read_credit_days, read_day, read_money
from server.field.intake.words import is_nothing, read_class, read_grade, read_level, read_status
from server.field.names import plain_name, tidy
from sync.positions import Datum, Position

__all__ = ["FATAL", "ListSettings", "harvest", "source_of"]

T = TypeVar("T")

FATAL = frozenset(
    {
        "datum_unknown",
        "money_unreadable",
        "name_missing",
        "no_trace",
        "position_impossible",
        "position_unreadable",
        "too_long",
    }
)
"""The codes that send a row back; all others are remarks on a row that is in."""

_LIMITS = {"name": 120, "code": 60, "address": 200, "opening_hours": 200, "contact_name": 120, "contact_role": 60,
           "terms": 4000, "territory": 120, "owner": 120, "notes": 4000, "ref": 180, "outlet_class": 120}  # fmt: skip
_EVERY = 500


class ListSettings(msgspec.Struct, frozen=True):
    """The company's settings for lists: phones' country (ISO) and positions' datum where the file does not say.

    `minor_digits`: digits of the currency's minor unit. `classes`: the company's own words for classes → codes.
    """

    region: str = "CN"
    datum: Datum = "wgs84"
    minor_digits: int = 2
    classes: dict[str, str] = {}


def harvest(
    table: Table,
    mapping: Mapping,
    settings: ListSettings | None = None,
    progress: Callable[[int], object] | None = None,
) -> Harvest:
    """Normalise every row. `progress` is called now and then with the number of rows done."""
    settings = settings or ListSettings()
    region = likely_region(_phone_cells(table, mapping)) or settings.region
    settings = msgspec.structs.replace(settings, region=region)
    drafts: list[Draft] = []
    rejected: list[Rejected] = []
    remarks: list[Remark] = []
    columns = {field: mapping.of(field) for field in FIELDS}
    for done, row in enumerate(table.rows, 1):
        reader = _RowReader(row, columns, settings)
        facts = reader.facts()
        reader.check(facts)
        bad = tuple(reason for reason in reader.reasons if reason.code in FATAL)
        if bad:
            rejected.append(Rejected(row.number, row.cells, bad))
        else:
            drafts.append(Draft(row.number, source_of(facts), facts))
            remarks += [Remark(row.number, reason) for reason in reader.reasons]
        if progress and done % _EVERY == 0:
            progress(done)
    return Harvest(tuple(drafts), tuple(rejected), tuple(remarks), region)


def source_of(facts: Facts) -> str:
    """What tells this outlet again in the next import: its reference, its code, or a hash of what it is known by.

    The hash is over name, address and position, and over the phones only where neither of those is there, so that a
    mended phone is a change and not another outlet.
    """
    if facts.ref:
        return facts.ref
    if facts.code:
        return f"code:{facts.code}"
    place = facts.position
    known = [plain_name(facts.name), facts.address or "", f"{place.lat:.4f},{place.lon:.4f}" if place else ""]
    if not any(known[1:]):
        known += sorted(facts.numbers)
    return "list:" + hashlib.blake2b("\0".join(known).encode(), digest_size=12).hexdigest()


def _phone_cells(table: Table, mapping: Mapping) -> list[str]:
    columns = [column.index for field in ("phone", "contact_phone") for column in mapping.of(field)]
    return [row.cells[at] for row in table.rows for at in columns]


class _RowReader:
    """Reads one row and collects what is wrong with it; `columns` are those of each field."""

    def __init__(self, row: Row, columns: dict[str, tuple[Column, ...]], settings: ListSettings) -> None:
        self._row, self._columns, self._settings = row, columns, settings
        self.reasons: list[Reason] = []

    def facts(self) -> Facts:
        """All that the row says; the name is empty where it is missing."""
        written = self._text("outlet_class")
        return Facts(
            name=self._text("name") or "",
            code=self._text("code"),
            ref=self._reference(),
            outlet_class=self._class(written),
            class_written=written,
            grade=self._read("grade", read_grade, "grade_unknown"),
            status=self._read("status", read_status, "status_unknown"),
            address=self._address(),
            position=self._position(),
            phones=self._phones("phone"),
            opening_hours=self._text("opening_hours"),
            contact_name=self._text("contact_name"),
            contact_role=self._text("contact_role"),
            contact_phones=self._phones("contact_phone"),
            since=self._read("since", read_day, "day_unreadable"),
            level=self._read("level", read_level, "level_unknown"),
            terms=self._text("terms"),
            credit_limit=self._read("credit_limit", self._money, "money_unreadable"),
            credit_days=self._read("credit_days", read_credit_days, "days_unreadable"),
            territory=self._text("territory"),
            owner=self._text("owner"),
            notes=self._fit("notes", "; ".join(self._cells("notes"))),
        )

    def check(self, facts: Facts) -> None:
        """Hold the facts as a whole to what an outlet needs."""
        if not facts.name:
            self.reasons.append(Reason("name_missing", "name"))
        known = facts.address or facts.position or facts.phones or facts.contact_phones or facts.code or facts.ref
        if not known and not any(reason.code in FATAL for reason in self.reasons):
            self.reasons.append(Reason("no_trace"))

    def _cells(self, field: str) -> list[str]:
        """What the field's columns say, tidied, without cells that say nothing."""
        texts = (tidy(self._row.cells[column.index]) for column in self._columns[field])
        return [text for text in texts if not is_nothing(text)]

    def _cell(self, field: str) -> str:
        return next(iter(self._cells(field)), "")

    def _column(self, field: str) -> Column | None:
        return next(iter(self._columns[field]), None)

    def _fit(self, field: str, text: str) -> str | None:
        if len(text) > _LIMITS[field]:
            self.reasons.append(Reason("too_long", field, f"{len(text)} > {_LIMITS[field]}"))
        return text or None

    def _text(self, field: str) -> str | None:
        return self._fit(field, self._cell(field))

    def _read(self, field: str, reader: Callable[[str], T | None], code: str) -> T | None:
        cell = self._cell(field)
        value = reader(cell) if cell else None
        if cell and value is None:
            self.reasons.append(Reason(code, field, cell))
        return value

    def _money(self, cell: str) -> int | None:
        return read_money(cell, self._settings.minor_digits)

    def _class(self, written: str | None) -> str | None:
        found = read_class(written, self._settings.classes) if written else None
        if written and found is None:
            self.reasons.append(Reason("class_unknown", "outlet_class", written))
            return "other"
        return found

    def _reference(self) -> str | None:
        column, text = self._column("ref"), self._text("ref")
        return f"{register_in(column.heading)}:{text}" if column and text else None

    def _address(self) -> str | None:
        """省, 市, 地址 in a row; a part that a later one repeats is left out."""
        whole = ""
        for part in self._cells("address"):
            between = "" if not whole or not (whole + part).isascii() else ", "
            whole = part if part.startswith(whole) else whole + between + part
        return self._fit("address", whole)

    def _phones(self, field: str) -> tuple[Phone, ...]:
        found: dict[str, Phone] = {}
        for cell in self._cells(field):
            phones, reasons = read_phones(cell, self._settings.region, field)
            found |= {phone.e164 or phone.written: phone for phone in phones}
            self.reasons += reasons
        return tuple(found.values())

    def _position(self) -> Position | None:
        cells = {field: self._cell(field) for field in ("lat", "lon", "position")}
        if not any(cells.values()):
            return None
        datum = self._datum()
        if datum is None:
            return None
        if cells["lat"] or cells["lon"]:
            place, reasons = read_place(cells["lat"], cells["lon"], datum)
        else:
            column = self._column("position")
            place, reasons = read_pair(cells["position"], column.heading if column else "", datum)
        self.reasons += reasons
        return place

    def _datum(self) -> Datum | None:
        """The datum of this row: its own cell, else what a heading of its position says, else the setting."""
        named = [column.datum for field in ("lat", "lon", "position") for column in self._columns[field]]
        default = read_datum(next(filter(None, named), ""), self._settings.datum)
        cell = self._cell("datum")
        datum = read_datum(cell, default or self._settings.datum)
        if datum is None:
            self.reasons.append(Reason("datum_unknown", "datum", cell))
        return datum
