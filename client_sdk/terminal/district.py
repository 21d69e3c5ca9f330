"""A district's phones in one process, on a clock that is driven: `python -m client_sdk.terminal.district DIRECTORY`.

For replaying what happened: each phone is a whole replica in a folder of its own, and lives at the time that the
commands say. Work is handed in as events, by the names that a history gives to outlets and people; what the events make
is answered by those names.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image

from client_sdk.enrolment import read_code
from client_sdk.errors import AlikeOutlets, SaojieError
from client_sdk.replica import Replica
from client_sdk.terminal.loop import run
from client_sdk.terminal.people_acts import PEOPLE_ACTS
from client_sdk.terminal.trade_acts import TRADE_ACTS, has_private
from sync.positions import Position
from sync.records import OrderLine, Seen, ShelfBatch, Sighting, Stock

__all__ = ["District"]

_METRE = 1 / 111_195
_BESIDE = frozenset({"do", "who", "t", "ms", "outlet", "key"})


class DrivenClock:
    """The time that the driver says; `skew_ms` is how far this phone's date is off."""

    def __init__(self, hours: int) -> None:
        self._zone = timezone(timedelta(hours=hours))
        self.now = 0
        self.skew_ms = 0

    def wall(self) -> int:
        """The date, as it is set on this phone."""
        return self.now + self.skew_ms

    def elapsed(self) -> int:
        """What nobody can set."""
        return self.now

    def boot(self) -> str:
        """The one run of this phone."""
        return "one"

    def day_of(self, ms: int) -> str:
        """The calendar day where the phones are."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone).date().isoformat()


class _Phone:
    """Somebody's phone."""

    def __init__(self, directory: Path, code: str, ms: int, hours: int) -> None:
        self.clock = DrivenClock(hours)
        self.clock.now = ms
        self.replica = Replica.enrol(read_code(code).url, code=code, directory=directory, clock=self.clock)


class District:
    """The phones. `is_closed` is set by the command `close`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._phones: dict[str, _Phone] = {}
        self._outlets: dict[str, UUID] = {}
        self._people: dict[str, UUID] = {}
        self._areas: dict[str, UUID] = {}
        self._made: dict[str, UUID] = {}
        self._alike: list[str] = []
        self.is_closed = False

    def do(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do one command. Raises KeyError for one that there is none of."""
        acts: dict[str, Callable[..., dict[str, Any]]] = {
            "enrol": self._enrol,
            "know": self._know,
            "work": self._work,
            "sync": self._sync,
            "private": self._private,
            "close": self._close,
        }
        return acts[name](**arguments)

    def close(self) -> None:
        """Let go of everything."""
        for one in self._phones.values():
            one.replica.close()
        self._phones = {}

    def _enrol(self, who: str, code: str, ms: int, hours: int) -> dict[str, Any]:
        """A phone for somebody; the six digits."""
        phone = _Phone(self._directory / f"{len(self._phones)}", code, ms, hours)
        self._phones[who] = phone
        return {"device": phone.replica.device, "confirmation": phone.replica.confirmation}

    def _know(self, outlets: dict[str, str], people: dict[str, str], areas: dict[str, str]) -> dict[str, Any]:
        """What the history calls outlets, people and territories."""
        self._outlets |= {name: UUID(one) for name, one in outlets.items()}
        self._people |= {name: UUID(one) for name, one in people.items()}
        self._areas |= {name: UUID(one) for name, one in areas.items()}
        return {}

    def _sync(self, who: list[str], ms: int) -> dict[str, Any]:
        """Sync these phones one after the other, photos too; how each ended."""
        ended = {}
        for name in who:
            phone = self._phones[name]
            phone.clock.now = ms
            report = phone.replica.sync()
            if report.ended == "done":
                phone.replica.photos.upload()
            ended[name] = report.ended
        return {"ended": ended}

    def _work(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        """Do what the events say, without a network. The outlets that they made, by key; what was refused: place and
        code; which registrations the phone held to be known outlets; the codes of what it was to refuse and did.
        """
        self._alike = []
        made: dict[str, str] = {}
        refused: list[tuple[int, str]] = []
        expected: list[str] = []
        for at, event in enumerate(events):
            phone = self._phones[event["who"]]
            phone.clock.now = event["ms"]
            if "outlet" in event and event["outlet"] not in self._outlets:
                refused.append((at, "not_found: there is no such outlet"))
                continue
            try:
                one = self._one(phone, event)
            except SaojieError as error:
                if error.code == event.get("refused"):
                    expected.append(error.code)
                else:
                    refused.append((at, f"{error.code}: {error.detail}"))
                continue
            if "refused" in event:
                refused.append((at, f"{event['refused']} was meant, and it was done"))
            if one is not None and event["do"] == "register":
                made[event["key"]] = str(one)
                self._outlets[event["key"]] = one
            elif one is not None and "key" in event:
                self._made[event["key"]] = one
        return {"made": made, "refused": refused, "alike": self._alike, "expected": expected}

    def _private(self, keys: list[str], ms: int) -> dict[str, Any]:
        """On whose phones a birthday or a family of these contacts is, by key."""
        for phone in self._phones.values():
            phone.clock.now = ms
        phones = self._phones.items()
        found = {key: self._made[key] for key in keys if key in self._made}
        return {
            "held": {
                key: [who for who, phone in phones if has_private(phone.replica, one)] for key, one in found.items()
            }
        }

    def _close(self) -> dict[str, Any]:
        self.close()
        self.is_closed = True
        return {"closed": True}

    # ---- what an event is on the phone --------------------------------------------------------

    def _one(self, phone: _Phone, event: dict[str, Any]) -> UUID | None:
        acts: dict[str, Callable[[_Phone, dict[str, Any]], UUID | None]] = {
            "visit": self._visit,
            "register": self._register,
            "sweep": self._sweep,
            "order": self._order,
            "deliver": self._deliver,
            "pay": self._pay,
            "report": self._report,
            "clock": self._clock,
        }
        if event["do"] in (more := PEOPLE_ACTS | TRADE_ACTS):
            named = self._people | self._outlets | self._areas | self._made
            return more[event["do"]](phone.replica, event, named)
        return acts[event["do"]](phone, event)

    def _visit(self, phone: _Phone, event: dict[str, Any]) -> UUID:
        outlet = self._outlets[event["outlet"]]
        fields: dict[str, Any] = {"duration_s": event.get("s")}
        stands = phone.replica.outlets.get(outlet).position
        if "off" in event and stands is not None:
            fields["position"] = Position(stands.lat + event["off"] * _METRE, stands.lon, accuracy=event.get("acc"))
        fields["companions"] = [self._people[one] for one in event.get("with", ())]
        fields["stock"] = [Stock(*one) for one in event.get("stock", ())]
        fields["batches"] = [ShelfBatch(*one) for one in event.get("batches", ())]
        fields |= {name: event[name] for name in ("purpose", "channel", "mock", "result", "notes") if name in event}
        return phone.replica.visits.log(outlet, **fields).id

    def _register(self, phone: _Phone, event: dict[str, Any]) -> UUID:
        fields: dict[str, Any] = {"outlet_class": event["cls"], "grade": event["grade"], "phone": event["phone"]}
        fields |= {"name": event["name"], "territory": self._areas[event["area"]]}
        fields["position"] = Position(event["lat"], event["lon"])
        if event.get("code"):
            fields["code"] = phone.replica.codes.take() or ""
        try:
            made = phone.replica.outlets.register(**fields)
        except AlikeOutlets:
            # Whoever registers is shown what is alike, and says all the same that theirs is another.
            self._alike.append(event["key"])
            made = phone.replica.outlets.register(**fields, confirmed=True)
        if "contact" in event:
            phone.replica.contacts.add(made.id, name=event["contact"], phone=event["phone"])
        if "photo" in event:
            phone.replica.photos.attach(made.id, _front(event["photo"]), event["name"], kind="front")
        return made.id

    def _sweep(self, phone: _Phone, event: dict[str, Any]) -> UUID:
        each = event["s"] // max(1, len(event["seen"]))
        seen = [
            Sighting(self._outlets[code], Seen(how), at * each) for at, (code, how) in enumerate(event["seen"].items())
        ]
        near = phone.replica.outlets.get(seen[0].outlet).position
        return phone.replica.sweeps.log(near=near, duration_s=event["s"], sightings=seen).id

    def _order(self, phone: _Phone, event: dict[str, Any]) -> UUID:
        return phone.replica.orders.record(self._outlets[event["outlet"]], lines=_lines(event["lines"])).id

    def _deliver(self, phone: _Phone, event: dict[str, Any]) -> UUID:
        outlet, lines = self._outlets[event["outlet"]], _lines(event["lines"])
        said = {"delivered_on": event["t"][:10], "on_credit": event.get("credit", False)}
        return phone.replica.deliveries.record(outlet, lines=lines, **said).id

    def _pay(self, phone: _Phone, event: dict[str, Any]) -> UUID:
        paid = {"amount": event["amount"], "account": event["account"], "paid_on": event["t"][:10]}
        return phone.replica.payments.record(self._outlets[event["outlet"]], **paid).id

    def _report(self, phone: _Phone, event: dict[str, Any]) -> UUID:
        return phone.replica.reports.send(phone.replica.reports.draft(event["t"][:10])).id

    def _clock(self, phone: _Phone, event: dict[str, Any]) -> None:
        phone.clock.skew_ms = event["minutes"] * 60_000


def _lines(lines: Iterable[list[Any]]) -> list[OrderLine]:
    return [OrderLine(*one) for one in lines]


def _front(number: int) -> bytes:
    """A small picture, another for each number."""
    out = BytesIO()
    Image.new("RGB", (48, 36), (40 * number % 256, 90, 160)).save(out, "JPEG")
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(run(District))
