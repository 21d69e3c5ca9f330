"""What a manager chooses for a departure, as it stands in an address or a form, and what it was chosen on sight of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from server.console.departures.words import REASONS
from server.departure.leaving.preview import Preview
from server.departure.leaving.wanted import Goes, Wanted
from server.times import read_local
from server.values import Unfit
from sync.codec import encode
from sync.ids import parse_id
from sync.messages import Standing

__all__ = ["NOBODY", "POOL", "Choice", "read_choice", "seal_of"]

POOL, NOBODY = "pool", "nobody"
NOW, NOTICE = "now", "notice"


class Choice(msgspec.Struct, frozen=True):
    """What was chosen, as it was typed. `way` is now or notice; `follower` a person's id, `pool`, or empty for nobody
    yet; `places` says otherwise of single territories, where `nobody` stands for nobody yet.
    """

    way: str = NOW
    reason: str = REASONS[0]
    last: str = ""
    follower: str = ""
    places: Mapping[UUID, str] = {}

    @property
    def is_now(self) -> bool:
        """Whether they are cut off at once."""
        return self.way == NOW

    def address(self, person: UUID) -> str:
        """The address at which it is confirmed."""
        places = {f"t-{one}": goes for one, goes in self.places.items() if goes}
        fields = {"person": person, "way": self.way, "reason": self.reason, "last": self.last, "to": self.follower}
        return f"/departures/confirm?{urlencode({key: value for key, value in (fields | places).items() if value})}"

    def wanted(self, before: Wanted | None) -> Wanted:
        """What it means for the handover; what an earlier notice said of single outlets still holds. Raises Unfit."""
        all_to = _goes(self.follower)
        places = tuple((one, _goes(goes)) for one, goes in self.places.items() if goes)
        return Wanted(all_to.successor, all_to.pool, places, before.outlets if before is not None else ())

    def last_at(self, zone: str) -> int:
        """The last hour, server milliseconds. Raises Unfit."""
        try:
            return read_local(self.last, zone)
        except ValueError:
            raise Unfit(
                "last hour: choose a day and an hour, such as 2026-12-31 18:00",
                "最后时刻：请选择日期和时间，例如 2026-12-31 18:00",
            ) from None


def read_choice(said: Callable[[str], str], found: Preview) -> Choice:
    """What was chosen, of what can be: `said` gives the text of a field, empty where there is none."""
    before = found.notice.wanted if found.notice is not None else None
    follower, places = said("to"), {one.territory: said(f"t-{one.territory}") for one in found.places}
    if before is not None and not said("way"):
        follower = _typed(Goes(before.successor, pool=before.to_pool), NOBODY).removeprefix(NOBODY)
        places |= {one: _typed(goes, NOBODY) for one, goes in before.territories}
    reason = said("reason") or (found.notice.reason if found.notice is not None else REASONS[0])
    return Choice(
        NOTICE if said("way") == NOTICE else NOW,
        reason if reason in REASONS else "left",
        said("last"),
        follower,
        places,
    )


def _typed(goes: Goes, nobody: str) -> str:
    """Where something goes, as it is typed; a move to another territory is kept as nobody's choice here."""
    return POOL if goes.pool else str(goes.successor) if goes.successor is not None else nobody


def _goes(typed: str) -> Goes:
    if typed in {"", NOBODY}:
        return Goes()
    if typed == POOL:
        return Goes(pool=True)
    person = parse_id(typed)
    if person is None:
        raise Unfit("choose who follows from the list", "请从列表中选择接手人")
    return Goes(person)


def seal_of(found: Preview, choice: Choice) -> str:
    """What tells one sight of a departure from another: the person's standing, their phones, their territories with who
    else is there, and what was chosen; hexadecimal. What flows all day, such as pending work, is no part of it.
    """
    phones = sorted(
        (one.id.bytes, one.standing.value) for one in found.devices if one.standing is not Standing.DEPARTED
    )
    places = [
        (one.territory.bytes, one.private, sorted(each.staff.bytes for each in one.colleagues)) for one in found.places
    ]
    told = [found.person.id.bytes, found.person.name, found.person.status.value, phones, places]
    chosen = [
        choice.way,
        choice.reason,
        choice.last,
        choice.follower,
        sorted((k.bytes, v) for k, v in choice.places.items()),
    ]
    return hashlib.blake2b(encode([told, chosen]), digest_size=16).hexdigest()
