"""Visits (拜访): prepared before, begun and finished on the spot, logged as one record."""

from __future__ import annotations

from typing import Unpack
from uuid import UUID

import msgspec

from client_sdk.drafts import OWN, Draft, Drafts
from client_sdk.errors import AlreadyBegun, NotFound
from client_sdk.given import a_place
from client_sdk.local.policies import policies_of
from client_sdk.work import Appended, VisitFields
from client_sdk.writing import Desk, checked
from sync.policies.care import CHECKLIST
from sync.positions import Position
from sync.records import COLLECTIONS, Outlet, Visit

__all__ = ["Going", "Prepared", "Visits"]

_PREPARED, _GOING = "visit-prepared", "visit-going"
_LONGEST_S = 604_800


class Prepared(msgspec.Struct, frozen=True):
    """What somebody means to do at an outlet, and when they wrote it down (server milliseconds)."""

    outlet: UUID
    purpose: str = ""
    aim: str = ""
    questions: str = ""
    at: int = 0


class Going(msgspec.Struct, frozen=True):
    """A visit that has begun: the id that its record will have, where, when (server milliseconds), for what purpose."""

    visit: UUID
    outlet: UUID
    began: int
    purpose: str = ""
    position: Position | None = None


class Visits(Appended[Visit]):
    """`replica.visits`."""

    kind = Visit

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._drafts = Drafts(desk.device, OWN)

    # ---- before --------------------------------------------------------

    def prepare(self, outlet: UUID, *, purpose: str = "", aim: str = "", questions: str = "") -> Prepared:
        """Write down what a visit is for; the next one that is logged there takes it along, with how long before it
        was written. Kept on this phone until then. Raises InvalidInput, NotFound, StorageFull.
        """
        checked(COLLECTIONS["visit"], {"purpose": purpose, "aim": aim, "questions": questions})
        self._desk.get(Outlet, outlet)
        made = Prepared(outlet, purpose, aim, questions, self._desk.device.now())
        self._write(made)
        return made

    def prepared(self, outlet: UUID) -> Prepared | None:
        """What was written down for an outlet, or last for one that is one with it; None where nothing was."""
        written = self._written(outlet)
        if not written:
            return None
        values = dict(written[-1].values)
        if (visit := values.pop("visit", None)) and self._desk.has(UUID(visit)):
            self._used(outlet)  # killed between the visit that took it along and its end
            return None
        return Prepared(written[-1].about or outlet, **values)

    def checklist(self, purpose: str) -> tuple[str, ...]:
        """The steps of a visit for a purpose, as the company has them."""
        with self._desk.serving() as replica:
            return policies_of(replica).of(CHECKLIST, purpose) if purpose else ()

    # ---- on the spot --------------------------------------------------------

    def start(self, outlet: UUID, position: Position | None = None, purpose: str = "") -> Going:
        """Begin a visit; also after a kill it goes on. Raises AlreadyBegun while another one goes on, InvalidInput,
        NotFound, StorageFull.
        """
        checked(COLLECTIONS["visit"], {"purpose": purpose})
        self._desk.get(Outlet, outlet)
        place = a_place(position, "position") if position is not None else None
        if self.going() is not None:
            raise AlreadyBegun("visit")
        prepared = self.prepared(outlet)
        made = Going(
            self._desk.new_id(),
            outlet,
            self._desk.device.now(),
            purpose or (prepared.purpose if prepared else ""),
            place,
        )
        values = {"visit": str(made.visit), "outlet": str(outlet), "began": made.began, "purpose": made.purpose}
        values |= {"position": [place.lat, place.lon, place.accuracy, place.datum] if place is not None else None}
        self._drafts.save(_GOING, values, outlet)
        return made

    def going(self) -> Going | None:
        """The visit that has begun; None where none has."""
        draft = self._draft(_GOING)
        if draft is None:
            return None
        values = draft.values
        visit, position = UUID(values["visit"]), Position(*values["position"]) if values["position"] else None
        if self._desk.has(visit):  # killed between the record and the end of its draft
            self._drafts.discard(_GOING)
            return None
        return Going(visit, UUID(values["outlet"]), values["began"], values["purpose"], position)

    def finish(self, **fields: Unpack[VisitFields]) -> Visit:
        """Finish the visit that goes on and log it, with how long it lasted. Raises InvalidInput, NotFound where none
        has begun, StorageFull.
        """
        going = self.going()
        if going is None:
            raise NotFound("visit")
        lasted = max(0, (self._desk.device.now() - going.began) // 1000)
        given: VisitFields = {"position": going.position, "purpose": going.purpose, "duration_s": min(lasted, 86_400)}
        made = self._log(going.outlet, given | fields, going.visit)
        self._drafts.discard(_GOING)
        return made

    def give_up(self) -> None:
        """Forget the visit that goes on."""
        self._drafts.discard(_GOING)

    def log(self, outlet: UUID, **fields: Unpack[VisitFields]) -> Visit:
        """Log a visit, with what was prepared for it; the stock it found shows on the outlet at once.

        Raises InvalidInput, NotFound, StorageFull.
        """
        return self._log(outlet, fields)

    def _log(self, outlet: UUID, fields: VisitFields, record: UUID | None = None) -> Visit:
        prepared = self.prepared(outlet)
        if prepared is None:
            return self._append({"outlet": outlet, **fields}, record=record)
        seconds = fields.get("duration_s") or 0
        ahead = (self._desk.device.now() - prepared.at) // 1000 - seconds
        named = {name: getattr(prepared, name) for name in ("purpose", "aim", "questions")}
        given = named | {"prepared_s": min(max(0, ahead), _LONGEST_S)} | fields
        visit = record or self._desk.new_id()
        self._write(prepared, visit)
        made = self._append({"outlet": outlet, **given}, record=visit)
        self._used(outlet)
        return made

    def _written(self, outlet: UUID) -> list[Draft]:
        """What was written down for an outlet and for those that are one with it, the newest last."""
        with self._desk.serving() as replica:
            self._desk.look(replica)
            end = replica.rows.aliases.end_of(outlet.bytes)
            family = [UUID(bytes=one) for one in (end, *replica.rows.aliases.merged_into(end))]
        found = [draft for one in family if (draft := self._draft(f"{_PREPARED}/{one}")) is not None]
        return sorted(found, key=lambda one: one.saved)

    def _used(self, outlet: UUID) -> None:
        """A visit took along what was written down: nothing of it is left."""
        for one in self._written(outlet):
            self._drafts.discard(one.name)

    def _write(self, prepared: Prepared, visit: UUID | None = None) -> None:
        """Keep what was prepared, with the visit that is about to take it along."""
        values = {name: getattr(prepared, name) for name in ("purpose", "aim", "questions", "at")}
        values |= {"visit": str(visit)} if visit is not None else {}
        self._drafts.save(f"{_PREPARED}/{prepared.outlet}", values, prepared.outlet)

    def amend(self, visit: UUID, **fields: Unpack[VisitFields]) -> Visit:
        """Amend one of your own visits: a new visit like it, but for `fields`. Raises InvalidInput, NotFound."""
        return self._amend(visit, fields)

    def of(self, outlet: UUID, page: int = 0, *, size: int = 50) -> list[Visit]:
        """The visits at an outlet, newest first, page by page from 0."""
        return self._desk.all(Visit, outlet, page, size=size)

    def _draft(self, name: str) -> Draft | None:
        try:
            return self._drafts.load(name)
        except NotFound:
            return None
