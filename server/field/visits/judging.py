"""Judging visits when they arrive: verified or doubtful, with reasons, told to the rep at once; and joint visits.

A visit that arrives late between two others changes what the second is held against, and one log of a joint visit what
is said of the other: these are judged again. What is found a second time is not told a second time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from msgspec.structs import replace

from server.field.arrived import Arrived
from server.field.findings import Found, tell
from server.field.ground import Ground
from server.field.visits.joint import logs_of, pairs_of
from server.field.visits.reading import clocks_of, days_of, places_of
from server.identity import staff
from server.master.standing import survivors
from server.master.store import Tx
from sync.business.joint import Log
from sync.business.visits import Call, Limits, doubts, reach_ms
from sync.policies.work import JOINT_MINUTES
from sync.records import Visit

__all__ = ["DOUBTFUL", "VERIFIED", "judge_visits"]

VERIFIED, DOUBTFUL = "verified", "doubtful"
_LONGEST_MS = 86_400_000
"""No visit lasts longer than a day."""
_MINUTE_MS = 60_000

Days = Mapping[UUID, Sequence[Call]]


async def judge_visits(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Judge these visits and those that they bear on; the scopes of the people who are told something new."""
    came = [one.record for one in arrived if isinstance(one.record, Visit)]
    limits, into = Limits.of(ground.policies), await survivors(tx)
    minutes = ground.policies.of(JOINT_MINUTES) * _MINUTE_MS
    # What is judged begins within `far` of what came, or of a log beside that; its own pair no later than that again.
    far, times = reach_ms(limits) + _LONGEST_MS, [one.started_at or 0 for one in came]
    since, until = min(times) - far - minutes, max(times) + far + minutes
    logs = await logs_of(tx, {one.outlet for one in came}, into, (since - minutes, until + minutes))
    beside = _beside(came, logs, into, minutes)
    people = {one.staff for one in came if one.staff is not None} | {one.staff for one in beside}
    days = await days_of(tx, people, (since, until))
    judged = dict(_judged(days, came, {one.visit for one in beside}))
    clocks = await clocks_of(tx, judged)
    places = await places_of(tx, {call.outlet for _, call, _ in judged.values()})
    notes = await _joint_notes(tx, pairs_of(logs, ground))
    found = []
    for visit, (person, call, before) in judged.items():
        known = replace(call, off=clocks.get(visit))
        reasons = doubts(known, places.get(call.outlet), before, limits)
        state = DOUBTFUL if reasons else VERIFIED
        found.append(Found(person, visit, "visit", state, call.outlet, reasons, notes.get(visit, "")))
    return await tell(tx, ground.sources, found)


def _beside(came: Sequence[Visit], logs: Sequence[Log], into: Mapping[UUID, UUID], within: int) -> list[Log]:
    """The logs of others that are, or were before an amendment, one joint visit with one that came."""
    times: dict[UUID, list[tuple[UUID | None, int]]] = {}
    for one in came:
        times.setdefault(into.get(one.outlet, one.outlet), []).append((one.staff, one.started_at or 0))
    return [
        log
        for log in logs
        if any(log.staff != person and abs(log.at - at) <= within for person, at in times.get(log.outlet, ()))
    ]


def _judged(
    days: Days, came: Sequence[Visit], beside: AbstractSet[UUID]
) -> Iterator[tuple[UUID, tuple[UUID, Call, Call | None]]]:
    """Those that are judged, by id: whose each is, and the one before it that has a position."""
    meant = {*beside, *(one.id for one in came)}
    for person, calls in days.items():
        moments = sorted((one.started_at or 0, one.id) for one in came if one.staff == person)
        before: Call | None = None
        for call in calls:
            is_next = call.position is not None and _any_between(moments, before, call)
            if call.visit in meant or is_next:
                yield call.visit, (person, call, before)
            before = call if call.position is not None else before


def _any_between(moments: Sequence[tuple[int, UUID]], before: Call | None, call: Call) -> bool:
    """Whether something came that lies between two visits that have a position, or is the first of them. `moments` are
    in order.
    """
    first = (before.at, before.visit) if before is not None else (-1, call.visit)
    at = bisect_left(moments, first)
    return at < len(moments) and moments[at] < (call.at, call.visit)


async def _joint_notes(tx: Tx, pairs: Sequence[tuple[Log, Log]]) -> dict[UUID, str]:
    """What is told of each log of a joint visit."""
    if not pairs:
        return {}
    people = await staff.find_all(tx, {one.staff for pair in pairs for one in pair})
    both = [pair for first, second in pairs for pair in ((first, second), (second, first))]
    return {one.visit: _note(people.get(other.staff), other) for one, other in both}


def _note(person: staff.Person | None, log: Log) -> str:
    name = person.name if person is not None else str(log.staff)
    return f"与{name}的记录合为一次联合拜访 · One joint visit with the log of {name}"
