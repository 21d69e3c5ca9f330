"""Sweeps (扫街): a session that outlives the process, known outlets near by, and one record at its end.

While a sweep lasts its track and sightings are kept in the replica, encrypted like everything there; nothing of where
somebody walks is recorded before it begins or after it ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.drafts import OWN, Draft, Drafts
from client_sdk.errors import InvalidInput, NotFound
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
    of the outbox.
    """

    sweep: UUID
    territory: UUID
    began: int
    place: int
    area: tuple[Corner, ...] = ()
    track: list[TrackPoint] = []
    sightings: list[Sighting] = []


class SweepSession:
    """A sweep in progress. `at` and `saw` record, `finish` makes the one record, `abandon` leaves nothing behind."""

    def __init__(self, sweeps: Sweeps, state: _State) -> None:
        self._sweeps = sweeps
        self._state = state
        self._unsaved = 0

    @property
    def territory(self) -> UUID:
        """Where it is."""
        return self._state.territory

    @property
    def sighted(self) -> dict[UUID, Seen]:
        """How each outlet was found that was sighted so far; the last word counts. One that was merged since is the
        one that stands for it.
        """
        return {one.outlet: one.seen for one in at_survivors(self._state.sightings, self._sweeps.survivors())}

    def at(self, position: Position) -> bool:
        """Where the rep is now; whether the point was kept. Raises StorageFull, NotFound once it is over."""
        here = to_wgs84(position)
        last = self._state.track[-1] if self._state.track else None
        if not keeps(last, here, self._sweeps.policies()):
            return False
        self._sweeps.check(self._state.sweep)
        self._state.track.append(TrackPoint(here.lat, here.lon, self._after()))
        self._unsaved += 1
        if self._unsaved >= _SAVED_EVERY:
            self._save()
        return True

    def near(self, position: Position, within: float = 150, limit: int = 30) -> list[Nearby]:
        """Known outlets near by that this sweep has not sighted yet, nearest first."""
        sighted = self.sighted
        found = self._sweeps.outlets.near(position, within=within, limit=limit + len(sighted))
        return [one for one in found if one.outlet.id not in sighted][:limit]

    def saw(self, outlet: UUID, seen: Seen | str = Seen.SEEN) -> None:
        """How an outlet was found: seen, visited, new, closed, not_found. Raises InvalidInput, NotFound."""
        try:
            how = Seen(seen)
        except ValueError as error:
            raise InvalidInput("bad_value", "seen", f"one of {', '.join(Seen)}") from error
        self._check_room()
        self._sweeps.outlets.get(outlet)
        self._state.sightings.append(Sighting(outlet, how, self._after()))
        self._save()

    def register(
        self, *, name: str, is_other: Iterable[UUID] = (), confirmed: bool = False, **fields: Unpack[OutletFields]
    ) -> Outlet:
        """Register an outlet that the archive does not have; it counts as new. Raises AlikeOutlets, InvalidInput,
        StorageFull, as `outlets.register` does.
        """
        self._check_room()
        made = self._sweeps.outlets.register(
            name=name, territory=self.territory, is_other=is_other, confirmed=confirmed, **fields
        )
        self._state.sightings.append(Sighting(made.id, Seen.NEW, self._after()))
        self._save()
        return made

    def report(self) -> SweepFigures:
        """What it comes to so far."""
        into = self._sweeps.survivors()
        changed = {into.get(one, one) for one in self._sweeps.edited_since(self._state.place)}
        return figures(at_survivors(self._state.sightings, into), self._after(), changed)

    def finish(self, notes: str = "") -> SweepReport:
        """End it: one record in the outbox, and nothing of it left beside. Raises StorageFull, NotFound."""
        state, done = self._state, self.report()
        self._sweeps.check(state.sweep)
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
        if len(self._state.sightings) >= MOST_SIGHTINGS:
            raise InvalidInput("bad_value", "sightings", f"{MOST_SIGHTINGS} were sighted: finish it, and begin another")

    def _save(self) -> None:
        self._sweeps.check(self._state.sweep)
        self._sweeps.save(self._state)
        self._unsaved = 0


class Sweeps(Appended[Sweep]):
    """`replica.sweeps`."""

    kind = Sweep

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.outlets = Outlets(desk)
        self._drafts = Drafts(desk.device, OWN)

    def start(self, territory: UUID | None = None, area: Iterable[Corner] = ()) -> SweepSession:
        """Begin a sweep of a territory (it may be left out where there is one), or of a drawn area in it.

        Raises InvalidInput (`record_exists`) while another one lasts: `current` goes on with it.
        """
        corners = tuple(area)
        if len(corners) > MOST_CORNERS:
            raise InvalidInput("bad_value", "area", f"an area has at most {MOST_CORNERS} corners")
        if self._draft() is not None:
            raise InvalidInput("record_exists", "territory", "a sweep is going on; go on with it, or abandon it")
        scope = scopes.parse_scope(self.outlets.territory(named=territory))
        if scope is None or scope.of is None:
            raise InvalidInput("unknown_scope", "territory")
        place = newest_place(self._desk.device.outbox.file)
        state = _State(self._desk.new_id(), scope.of, self.now(), place, corners)
        self.save(state)
        return SweepSession(self, state)

    def current(self) -> SweepSession | None:
        """The sweep that is going on, also after the process was killed; None where there is none."""
        draft = self._draft()
        if draft is None:
            return None
        return SweepSession(self, decode(bytes(draft.values["state"]), _State))

    def log(self, *, near: Position | None = None, **fields: Unpack[SweepFields]) -> Sweep:
        """Log a sweep that was recorded elsewhere. `near` tells the territory where there are several. Raises
        InvalidInput.
        """
        return self.record(self.outlets.territory(near), **fields)

    def record(self, scope: str, sweep: UUID | None = None, **fields: Unpack[SweepFields]) -> Sweep:
        """Log a sweep of the territory with this scope, under its id. Raises InvalidInput, StorageFull."""
        return self._append(fields, scope, sweep)

    def list(self, limit: int = 50) -> list[Sweep]:
        """Sweeps, newest first."""
        return self._desk.all(Sweep, limit=limit)

    # ---- for the session --------------------------------------------------------

    def now(self) -> int:
        """Now in server milliseconds."""
        return self._desk.device.now()

    def policies(self) -> Policies:
        """The company's settings."""
        with self._desk.serving() as replica:
            return policies_of(replica)

    def save(self, state: _State) -> None:
        """Keep a sweep in progress, durably and encrypted."""
        self._drafts.save(_DRAFT, {"state": encode(state), "sweep": str(state.sweep)})

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
            rows = replica.rows.in_scope(held.id) if held is not None else []
            seen = [replica.rows.shown(one.record) for one in rows]
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


def _most_points(sightings: int) -> int:
    """How many points of a track fit into a record beside so many sightings."""
    return (MOST_BYTES - _OTHER_BYTES - sightings * _SIGHTING_BYTES) // _POINT_BYTES
