"""Sweeps (扫街): a session that outlives the process, known outlets near by, and one record at its end.

While a sweep lasts its track and sightings are kept in the replica, encrypted like everything there; nothing of where
somebody walks is recorded before it begins or after it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.drafts import OWN, Draft, Drafts
from client_sdk.errors import AlreadyBegun, InvalidInput, NotFound
from client_sdk.given import a_page, a_place, corners
from client_sdk.local.policies import policies_of
from client_sdk.outbox_rows import newest_place
from client_sdk.outlets import Nearby, OutletFields, Outlets
from client_sdk.work import Appended
from client_sdk.writing import Desk
from sync import scopes
from sync.business.sweeps import SweepFigures, at_survivors, encloses, figures, keeps, thinned, unwalked
from sync.codec import decode, encode
from sync.operations import Act, read_operation
from sync.policies import Policies
from sync.positions import Position, to_wgs84
from sync.records import Corner, Outlet, Seen, Sighting, Sweep, TrackPoint
from sync.records.base import MOST_BYTES

__all__ = ["SweepFields", "SweepReport", "SweepSession", "Sweeps"]

MOST_SIGHTINGS, MOST_CORNERS = 4000, 200
"""A sweep that comes to more is finished, and another one begun: a record has its limit."""
_POINT_BYTES, _SIGHTING_BYTES, _OTHER_BYTES = 24, 36, 24_000
"""What each takes at most in a packed record, and all the rest, area and notes included."""
_LONGEST_S = 604_800
_DRAFT = "sweep"
_SAVED_EVERY = 10
"""So many points of the track are kept in memory before they are saved; a sighting saves at once."""


class SweepFields(TypedDict, total=False):
    """What a rep may say of a sweep that was recorded elsewhere."""

    duration_s: int
    track: Iterable[TrackPoint]
    sightings: Iterable[Sighting]
    area: Iterable[Corner]
    notes: str


class SweepReport(msgspec.Struct, frozen=True):
    """The end of a sweep: its record, what it came to, and the streets of the area that were not walked."""

    sweep: Sweep
    figures: SweepFigures
    unwalked: tuple[str, ...]


class _State(msgspec.Struct, array_like=True):
    """A sweep in progress: the id that its record will have, when it began in server milliseconds, and at which place
    of the outbox. `registering` counts as soon as its outlet is there: a kill may come between the two.
    """

    sweep: UUID
    territory: UUID
    began: int
    place: int
    area: tuple[Corner, ...] = ()
    track: list[TrackPoint] = []
    sightings: list[Sighting] = []
    registering: Sighting | None = None


class SweepSession:
    """A sweep in progress. `at` and `saw` record, `finish` makes the one record, `abandon` leaves nothing behind.

    Every session of a sweep, in whatever thread or process, adds to the same one and shows what the others added.
    """

    def __init__(self, sweeps: Sweeps, state: _State) -> None:
        self._sweeps = sweeps
        self._state = state
        self._walked: list[TrackPoint] = []

    @property
    def territory(self) -> UUID:
        """Where it is."""
        return self._state.territory

    @property
    def sighted(self) -> dict[UUID, Seen]:
        """How each outlet was found that was sighted so far; the last word counts. One that was merged since is the
        one that stands for it.
        """
        sightings = self._look().sightings
        return {one.outlet: one.seen for one in at_survivors(sightings, self._sweeps.survivors())}

    def at(self, position: Position) -> bool:
        """Where the rep is now; whether the point was kept. Raises InvalidInput, StorageFull, NotFound where it
        is over.
        """
        here = to_wgs84(a_place(position, "position"))
        last = next(iter(self._walked[-1:] or self._state.track[-1:]), None)
        if not keeps(last, here, self._sweeps.policies()):
            return False
        self._sweeps.check(self._state.sweep)
        self._walked.append(TrackPoint(here.lat, here.lon, self._after()))
        if len(self._walked) >= _SAVED_EVERY:
            self._add()
        return True

    def near(self, position: Position, within: float = 150, page: int = 0, *, size: int = 30) -> list[Nearby]:
        """Known outlets near by that this sweep has not sighted yet, nearest first, page by page from 0."""
        sighted, (most, skip) = self.sighted, a_page(page, size)
        found = self._sweeps.outlets.near(position, within=within, size=skip + most + len(sighted))
        return [one for one in found if one.outlet.id not in sighted][skip : skip + most]

    def saw(self, outlet: UUID, seen: Seen | str = Seen.SEEN) -> None:
        """How an outlet was found: seen, visited, new, closed, not_found. Raises InvalidInput, NotFound."""
        try:
            how = Seen(seen)
        except ValueError as error:
            raise InvalidInput("bad_value", "seen", f"one of {', '.join(Seen)}") from error
        self._check_room()
        self._sweeps.outlets.get(outlet)
        self._add(Sighting(outlet, how, self._after()))

    def register(
        self, *, name: str, is_other: Iterable[UUID] = (), confirmed: bool = False, **fields: Unpack[OutletFields]
    ) -> Outlet:
        """Register an outlet that the archive does not have; it counts as new. Raises AlikeOutlets, InvalidInput,
        StorageFull, as `outlets.register` does.
        """
        self._check_room()
        coming = Sighting(self._sweeps.new_id(), Seen.NEW, self._after())
        self._add(registering=coming)
        made = self._sweeps.outlets.register(
            name=name, territory=self.territory, is_other=is_other, confirmed=confirmed, record=coming.outlet, **fields
        )
        self._add()
        return made

    def report(self) -> SweepFigures:
        """What it comes to so far."""
        self._look()
        return self._figures()

    def _figures(self) -> SweepFigures:
        into = self._sweeps.survivors()
        changed = {into.get(one, one) for one in self._sweeps.edited_since(self._state.place)}
        return figures(at_survivors(self._state.sightings, into), self._after(), changed)

    def finish(self, notes: str = "") -> SweepReport:
        """End it: one record in the outbox, and nothing of it left beside. Raises StorageFull, NotFound."""
        with self._sweeps.lock():
            return self._finish(notes)

    def _finish(self, notes: str) -> SweepReport:
        self._add()
        state, done = self._state, self._figures()
        fields: SweepFields = {
            "duration_s": self._after(),
            "track": thinned(state.track, _most_points(len(state.sightings))),
            "sightings": state.sightings,
            "area": state.area,
            "notes": notes,
        }
        made = self._sweeps.record(scopes.territory(state.territory), state.sweep, **fields)
        self._sweeps.forget()
        return SweepReport(made, done, tuple(self._unwalked()))

    def abandon(self) -> None:
        """End it without a record: nothing of it stays."""
        self._sweeps.forget()

    def _unwalked(self) -> list[str]:
        there = {
            one.id: one.address
            for one in self._sweeps.standing(self.territory)
            if one.position is None or encloses(self._state.area, one.position.lat, one.position.lon)
        }
        return unwalked(there, self.sighted.keys())

    def _after(self) -> int:
        return min(max(0, (self._sweeps.now() - self._state.began) // 1000), _LONGEST_S)

    def _check_room(self) -> None:
        self._sweeps.check(self._state.sweep)
        if len(self._look().sightings) >= MOST_SIGHTINGS:
            raise InvalidInput("bad_value", "sightings", f"{MOST_SIGHTINGS} were sighted: finish it, and begin another")

    def _look(self) -> _State:
        """As it stands, whoever added to it; as it last was once it is over."""
        self._state = self._sweeps.held(self._state.sweep) or self._state
        return self._state

    def _add(self, *sightings: Sighting, registering: Sighting | None = None) -> None:
        self._state = self._sweeps.add(self._state.sweep, self._walked, sightings, registering)
        self._walked = []


class Sweeps(Appended[Sweep]):
    """`replica.sweeps`."""

    kind = Sweep

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.outlets = Outlets(desk)
        self._drafts = Drafts(desk.device, OWN)

    def start(self, territory: UUID | None = None, area: Iterable[Corner] = ()) -> SweepSession:
        """Begin a sweep of a territory (it may be left out where there is one), or of a drawn area in it.

        Raises AlreadyBegun while another one lasts: `current` goes on with it. Raises InvalidInput, StorageFull.
        """
        drawn = corners(area, MOST_CORNERS)
        if self._draft() is not None:
            raise AlreadyBegun("sweep")
        scope = scopes.parse_scope(self.outlets.territory(named=territory))
        if scope is None or scope.of is None:
            raise InvalidInput("unknown_scope", "territory")
        with self._desk.device.lock:
            place = newest_place(self._desk.device.outbox.file)
        state = _State(self._desk.new_id(), scope.of, self.now(), place, drawn)
        self._drafts.save(_DRAFT, _values(state))
        return SweepSession(self, state)

    def current(self) -> SweepSession | None:
        """The sweep that is going on, also after the process was killed; None where there is none."""
        draft = self._draft()
        return None if draft is None else SweepSession(self, self._read(draft.values))

    def log(self, *, near: Position | None = None, **fields: Unpack[SweepFields]) -> Sweep:
        """Log a sweep that was recorded elsewhere. `near` tells the territory where there are several. Raises
        InvalidInput.
        """
        return self.record(self.outlets.territory(near), **fields)

    def record(self, scope: str, sweep: UUID | None = None, **fields: Unpack[SweepFields]) -> Sweep:
        """Log a sweep of the territory with this scope, under its id. Raises InvalidInput, StorageFull."""
        return self._append(fields, scope, sweep)

    def list(self, page: int = 0, *, size: int = 50) -> list[Sweep]:
        """Sweeps, newest first, page by page from 0."""
        return self._desk.all(Sweep, page=page, size=size)

    # ---- for the session --------------------------------------------------------

    def now(self) -> int:
        """Now in server milliseconds."""
        return self._desk.device.now()

    def policies(self) -> Policies:
        """The company's settings."""
        with self._desk.serving() as replica:
            return policies_of(replica)

    def new_id(self) -> UUID:
        """A fresh id."""
        return self._desk.new_id()

    def lock(self) -> AbstractContextManager[bool]:
        """No other thread comes between."""
        return self._desk.device.lock

    def held(self, sweep: UUID) -> _State | None:
        """A sweep in progress as it stands; None once it is over."""
        draft = self._draft()
        return self._read(draft.values) if draft is not None and draft.values["sweep"] == str(sweep) else None

    def add(
        self, sweep: UUID, track: Sequence[TrackPoint], sightings: Sequence[Sighting], registering: Sighting | None
    ) -> _State:
        """Add to a sweep in progress, durably and encrypted, beside whatever else is added to it; it as it stands then.
        Raises NotFound where it is over, StorageFull.
        """
        self.check(sweep)
        held = self.held(sweep)
        made = () if held is None else held.sightings[-1:]
        kept: list[_State] = []

        def more(values: dict[str, Any]) -> dict[str, Any]:
            if values.get("sweep") != str(sweep):
                raise NotFound("sweep")
            state = decode(bytes(values["state"]), _State)
            if state.registering is not None and state.registering in made:
                state.sightings.append(state.registering)
            state.track = sorted([*state.track, *track], key=lambda one: one.after_s)
            state.sightings.extend(sightings)
            state.registering = registering
            kept.append(state)
            return _values(state)

        self._drafts.change(_DRAFT, more)
        return kept[0]

    def forget(self) -> None:
        """Keep nothing of it any more."""
        self._drafts.discard(_DRAFT)

    def check(self, sweep: UUID) -> None:
        """Raises NotFound where this sweep is over, in whatever process it ended."""
        draft = self._draft()
        if draft is None or draft.values["sweep"] != str(sweep):
            raise NotFound("sweep")

    def standing(self, territory: UUID) -> tuple[Outlet, ...]:
        """The outlets of a territory that are not closed or merged."""
        with self._desk.serving() as replica:
            self._desk.look(replica)
            held = replica.scopes.find(scopes.territory(territory))
            seen = replica.rows.shown_by_number(replica.index.standing_in(held.id)) if held is not None else []
        return tuple(one for one in seen if isinstance(one, Outlet) and one.stands)

    def survivors(self) -> dict[UUID, UUID]:
        """For each outlet that was merged, the one that stands for it."""
        with self._desk.serving() as replica:
            self._desk.look(replica)
            return replica.rows.aliases.ends()

    def edited_since(self, place: int) -> set[UUID]:
        """The outlets that this phone has edited since that place of its outbox."""
        with self._desk.device.lock:
            found = [read_operation(item.body) for item in self._desk.device.outbox.since(place)]
        return {one.record for one in found if one and one.act is Act.EDIT and one.collection == "outlet"}

    def _draft(self) -> Draft | None:
        try:
            draft = self._drafts.load(_DRAFT)
        except NotFound:
            return None
        if self._desk.has(UUID(draft.values["sweep"])):  # killed between the record and the end of its draft
            self.forget()
            return None
        return draft

    def _read(self, values: Mapping[str, Any]) -> _State:
        """With the outlet that was being registered, where it is there."""
        state = decode(bytes(values["state"]), _State)
        if state.registering is not None and self._desk.has(state.registering.outlet):
            state.sightings.append(state.registering)
        return state


def _values(state: _State) -> dict[str, Any]:
    return {"state": encode(state), "sweep": str(state.sweep)}


def _most_points(sightings: int) -> int:
    """How many points of a track fit into a record beside so many sightings."""
    return (MOST_BYTES - _OTHER_BYTES - sightings * _SIGHTING_BYTES) // _POINT_BYTES
