"""What a phone in a terminal can do: each method that begins with `do_` is one command, its arguments by name."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from client_sdk.enrolment import read_code
from client_sdk.exchange.report import SyncReport
from client_sdk.ports import AheadTransport, Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.terminal.loop import Unknown
from client_sdk.transport import HttpTransport
from client_sdk.worker import Worker
from sync.positions import Position
from sync.records import Contact, Outlet, Seen, Sighting, Stock

__all__ = ["Phone"]


class Switched:
    """A transport with a switch: the phone's flight mode."""

    def __init__(self, real: AheadTransport) -> None:
        self._real = real
        self.is_off = False

    def send(self, request: Request) -> Reply:
        """Send, unless the network is off."""
        self._check()
        return self._real.send(request)

    def begin(self, request: Request) -> Callable[[], Reply]:
        """Send and do not wait, unless the network is off."""
        self._check()
        return self._real.begin(request)

    def listen(self, request: Request) -> AbstractContextManager[tuple[int, Iterator[str]]]:
        """Listen, unless the network is off."""
        self._check()
        return self._real.listen(request)

    def hang_up(self) -> None:
        """End open streams."""
        self._real.hang_up()

    def close(self) -> None:
        """Let go of every connection."""
        self._real.close()

    def _check(self) -> None:
        if self.is_off:
            raise Unreachable("the network is switched off")


class _Brought:
    """When syncs in the background that brought something had ended."""

    def __init__(self) -> None:
        self._came = threading.Condition()
        self._last: int | None = None

    def told(self, report: SyncReport) -> None:
        """Hear of a sync, on the worker's thread."""
        if report.received:
            with self._came:
                self._last = time.monotonic_ns()
                self._came.notify_all()

    def when(self, is_there: Callable[[], bool], within_s: float) -> int | None:
        """When the newest of them had ended once something is there; None where it does not come in time."""
        with self._came:
            return self._last if self._came.wait_for(is_there, within_s) else None


class Phone:
    """One phone. `is_closed` is set by the command `close`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._replica: Replica | None = None
        self._switch: Switched | None = None
        self._is_off = False
        self._live = ExitStack()
        self._worker: Worker | None = None
        self._brought = _Brought()
        self.is_closed = False

    def do(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do one command. Raises Unknown, SaojieError, and TypeError for arguments that it does not take."""
        act: Callable[..., dict[str, Any]] | None = getattr(self, f"do_{name}", None)
        if act is None:
            raise Unknown(name)
        return act(**arguments)

    def close(self) -> None:
        """Let go of everything."""
        self._live.close()
        if self._replica is not None:
            self._replica.close()
            self._replica = None

    # ---- enrolment and state --------------------------------------------------------

    def do_enrol(self, code: str, url: str = "", model: str = "terminal") -> dict[str, Any]:
        """Enrol with a code, or with what a QR code holds."""
        self._replica = Replica.enrol(
            url, code=code, directory=self._directory, transport=self._switched(url or read_code(code).url), model=model
        )
        return self.do_confirmation()

    def do_confirmation(self) -> dict[str, Any]:
        """The six digits."""
        return {
            "confirmation": self._phone().confirmation,
            "device": self._phone().device,
            "staff": self._phone().staff,
        }

    def do_sync(self) -> dict[str, Any]:
        """Exchange with the server, then send photos."""
        report = self._phone().sync()
        photos = self._phone().photos.upload() if report.ended == "done" else None
        return {"report": report, "photos": photos}

    def do_status(self) -> dict[str, Any]:
        """What is the case."""
        return {"status": self._phone().status()}

    def do_accept(self, signed: str) -> dict[str, Any]:
        """Take a signed order or a lease by letter, as hexadecimal."""
        return {"status": self._phone().accept(bytes.fromhex(signed))}

    def do_offline(self, on: bool = True) -> dict[str, Any]:  # noqa: FBT002  # by name, from JSON
        """Switch the network off, or on again."""
        self._is_off = on
        if self._switch is not None:
            self._switch.is_off = on
            if on:
                self._switch.hang_up()
        return {"offline": on}

    def do_live(self, on: bool = True) -> dict[str, Any]:  # noqa: FBT002  # by name, from JSON
        """Start the background worker, or stop it."""
        if on and self._worker is None:
            self._worker = self._live.enter_context(self._phone().live(self._brought.told))
        elif not on:
            self._live.close()
            self._worker = None
        return {"live": self._worker is not None}

    def do_arrived(self, record: str, within_s: float = 10.0) -> dict[str, Any]:
        """Wait until a sync in the background has brought a record: when that one had ended (nanoseconds, monotonic, a
        clock that all processes of a machine share); None where it did not come in time.
        """
        return {"at": self._brought.when(lambda: self._phone().about(UUID(record)).revision > 0, within_s)}

    def do_timed(self, command: str, calls: list[dict[str, Any]]) -> dict[str, Any]:
        """Do a command once with each of these arguments: how many milliseconds each took, lines not counted."""
        took = []
        for one in calls:
            began = time.perf_counter()
            self.do(command, one)
            took.append((time.perf_counter() - began) * 1000)
        return {"ms": took}

    def do_close(self) -> dict[str, Any]:
        """Close the files and end."""
        self.close()
        self.is_closed = True
        return {"closed": True}

    # ---- work --------------------------------------------------------

    def do_register(self, **fields: Any) -> dict[str, Any]:
        """Register an outlet: `name`, and whatever else is known of it."""
        return {"outlet": self._phone().outlets.register(confirmed=True, **_typed(fields))}

    def do_update(self, outlet: str, **fields: Any) -> dict[str, Any]:
        """Change fields of an outlet."""
        return {"outlet": self._phone().outlets.update(UUID(outlet), **_typed(fields))}

    def do_log_visit(self, outlet: str, **fields: Any) -> dict[str, Any]:
        """Log a visit: notes, position, stock as [[product, on hand, sold, bought], …]."""
        return {"visit": self._phone().visits.log(UUID(outlet), **_typed(fields))}

    def do_log_sweep(self, **fields: Any) -> dict[str, Any]:
        """Log a sweep: near as [lat, lon], duration_s, sightings as [[outlet, seen, after_s], …]."""
        return {"sweep": self._phone().sweeps.log(**_typed(fields))}

    def do_add_contact(self, outlet: str, name: str, **fields: Any) -> dict[str, Any]:
        """Add a contact to an outlet."""
        return {"contact": self._phone().contacts.add(UUID(outlet), name=name, **fields)}

    def do_update_private(self, contact: str, **fields: Any) -> dict[str, Any]:
        """Change the private part of a contact."""
        return {"private": self._phone().contacts.update_private(UUID(contact), **fields)}

    def do_finish_task(self, task: str, answer: str = "") -> dict[str, Any]:
        """Finish a task."""
        return {"task": self._phone().tasks.finish(UUID(task), answer)}

    def do_put_visit(self, outlet: str, **fields: Any) -> dict[str, Any]:
        """Put a visit into the letterbox, also while the replica is locked."""
        return {"record": self._phone().letterbox.visit(UUID(outlet), **_typed(fields))}

    def do_put_outlet(self, name: str, **fields: Any) -> dict[str, Any]:
        """Put a new outlet into the letterbox, also while the replica is locked."""
        return {"record": self._phone().letterbox.register(name=name, **_typed(fields))}

    def do_notices(self, unread: bool = False) -> dict[str, Any]:  # noqa: FBT002  # by name, from JSON
        """Notices; with unread those that are not acknowledged."""
        return {"notices": self._phone().notices.list(unread=unread)}

    def do_acknowledge(self, notice: str) -> dict[str, Any]:
        """Acknowledge a notice as it stands now."""
        return {"acknowledgement": self._phone().notices.acknowledge(UUID(notice))}

    def do_attach(self, record: str, path: str, caption: str = "") -> dict[str, Any]:
        """Attach the photo in a file to a record."""
        return {"photo": self._phone().photos.attach(UUID(record), Path(path).read_bytes(), caption)}

    # ---- looking --------------------------------------------------------

    def do_search(self, text: str, limit: int = 50) -> dict[str, Any]:
        """Outlets by text."""
        return {"outlets": self._phone().outlets.search(text, size=limit)}

    def do_near(self, lat: float, lon: float, within: float = 500) -> dict[str, Any]:
        """Outlets near a position."""
        found = self._phone().outlets.near(Position(lat, lon), within=within)
        return {"outlets": [{"outlet": one.outlet, "metres": round(one.metres, 1)} for one in found]}

    def do_get(self, outlet: str) -> dict[str, Any]:
        """One outlet with its contacts, its visits, and what is known about it."""
        phone, name = self._phone(), UUID(outlet)
        return {
            "outlet": phone.outlets.get(name),
            "about": phone.about(name),
            "contacts": phone.contacts.of(name),
            "visits": phone.visits.of(name),
        }

    def do_list(self, page: int = 0, size: int = 50) -> dict[str, Any]:
        """Outlets by name, page by page."""
        return {"outlets": self._phone().outlets.list(page, size=size)}

    def do_today(self) -> dict[str, Any]:
        """Due visits and open tasks."""
        return {"today": self._phone().today()}

    def do_outcomes(self, limit: int = 100) -> dict[str, Any]:
        """What came of operations, with the sentences for people."""
        found = self._phone().outcomes(size=limit)
        return {"outcomes": [{"outcome": one, "en": one.code.en, "zh": one.code.zh} for one in found]}

    def do_refused(self) -> dict[str, Any]:
        """Own refused work that is open, with the reason and what was entered."""
        return {"refused": self._phone().refusals.list()}

    def do_mend(self, refused: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send refused work again, with these fields in place of those that were entered."""
        return {"record": self._phone().refusals.mend(UUID(refused), **_typed(fields or {}))}

    def do_drop(self, refused: str) -> dict[str, Any]:
        """Leave refused work be."""
        self._phone().refusals.drop(UUID(refused))
        return {}

    def do_counts(self) -> dict[str, Any]:
        """Records of each collection, and how much is pending."""
        counts = self._phone().counts()
        return {"counts": counts, "pending": self._phone().status().pending}

    def do_digests(self) -> dict[str, Any]:
        """Count and digest of each scope, computed now."""
        found = self._phone().digests()
        return {"digests": {name: {"count": count, "digest": digest} for name, (count, digest) in found.items()}}

    def do_dump(self) -> dict[str, Any]:
        """Names and phones of all outlets and contacts; only where the replica is open."""
        outlets, contacts = self._phone().all(Outlet), self._phone().all(Contact)
        return {
            "outlets": [{"id": one.id, "name": one.name, "phone": one.phone} for one in outlets],
            "contacts": [{"id": one.id, "name": one.name, "phone": one.phone} for one in contacts],
        }

    # ---- inside --------------------------------------------------------

    def _phone(self) -> Replica:
        """The replica, opened when it is first needed. Raises NotEnrolled."""
        if self._replica is None:
            transport = self._switched(Replica.address(self._directory))
            self._replica = Replica.open(self._directory, transport=transport)
        return self._replica

    def _switched(self, url: str) -> Switched:
        self._switch = Switched(HttpTransport(url))
        self._switch.is_off = self._is_off
        return self._switch


def _typed(fields: dict[str, Any]) -> dict[str, Any]:
    """Arguments from JSON as the SDK takes them: a position as [lat, lon], stock as lists."""
    typed = dict(fields)
    for name in ("position", "near"):
        if isinstance(fields.get(name), list):
            typed[name] = Position(*fields[name])
    if "sightings" in fields:
        typed["sightings"] = [Sighting(UUID(outlet), Seen(seen), after) for outlet, seen, after in fields["sightings"]]
    if "stock" in fields:
        typed["stock"] = [Stock(*one) for one in fields["stock"]]
    if isinstance(fields.get("territory"), str):
        typed["territory"] = UUID(fields["territory"])
    return typed


COMMANDS = tuple(sorted(name.removeprefix("do_") for name in vars(Phone) if name.startswith("do_")))
"""Every command that there is."""
