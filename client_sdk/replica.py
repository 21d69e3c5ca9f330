"""`Replica`: the phone's copy, and everything that an application does with it.

All calls may come from any thread, but for those that wait for a network (WrongThread); they take turns. They are
answered from this phone alone, but for `enrol`, `sync`, and photos that are elsewhere. Data calls raise NotConfirmed,
ReplicaLocked or ReplicaWiped where the state demands it, and NoticeUnread while a notice has to be read first (all but
`notices` and `drafts.save`); `sync`, `status`, `confirmation`, `accept` and `close` are answered in every state,
`letterbox` until an order comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import msgspec

from client_sdk.appraisal import Appraisal
from client_sdk.assigned import Company, Notices, Tasks
from client_sdk.brief import Brief, brief_of
from client_sdk.care import Care
from client_sdk.carried import read_carried
from client_sdk.codes import Codes
from client_sdk.contacts import Contacts
from client_sdk.device import Device
from client_sdk.diagnosing import Diagnosing
from client_sdk.drafts import Drafts
from client_sdk.enrolment import enrol, read_code
from client_sdk.errors import EnrolmentRefused, InvalidInput, SaojieError
from client_sdk.exchange.letters import take_letter
from client_sdk.exchange.orders import follow_keys, obey
from client_sdk.exchange.report import SyncReport
from client_sdk.exchange.rounds import Exchange
from client_sdk.findings import Findings
from client_sdk.forms.form import Form
from client_sdk.forms.making import form_of
from client_sdk.given import a_datum, a_day, a_page, a_place
from client_sdk.letterbox import Letterbox
from client_sdk.map import Bounds, map_of
from client_sdk.money import Credit, Money
from client_sdk.openings import count_openings, tell_openings
from client_sdk.outlets import Outlets
from client_sdk.photos import Photos
from client_sdk.pool import Pool
from client_sdk.ports import Clock, KeyStore, Random, Surroundings, Transport
from client_sdk.practices import Practices
from client_sdk.progress import Progress, progress_of
from client_sdk.refusals import Refusals
from client_sdk.reporting import ContactReports, DailyReports
from client_sdk.settings import Settings
from client_sdk.starting import address_of, ports_of
from client_sdk.status import Status, status_of
from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Damaged
from client_sdk.sweeping import Sweeps
from client_sdk.threads import Threads
from client_sdk.today import Today, today
from client_sdk.visiting import Visits
from client_sdk.waking import Waking
from client_sdk.watching import Failed, Query, Through, Watch, Watches
from client_sdk.work import Deliveries, Orders, Payments
from client_sdk.worker import Worker
from client_sdk.writing import Desk
from sync.outcomes import Outcome
from sync.positions import Datum, Position
from sync.records import Contact, ContactPrivate, Record
from sync.signing import Kind, six_digits

__all__ = ["About", "Replica"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class About(msgspec.Struct, frozen=True):
    """What is known of a record beside itself: its collection's revision on the server (0 for none yet), whether
    something on it is pending, and what came of the last operation on it.
    """

    revision: int
    pending: bool
    outcome: Outcome | None


class Replica:
    """An enrolled replica in a directory. Made by `enrol` once, by `open` from then on."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._exchange = Exchange(device)
        desk = self._desk = Desk(device)
        self.outlets = Outlets(desk)
        self.contacts = Contacts(desk)
        self.visits = Visits(desk)
        self.sweeps = Sweeps(desk)
        self.orders = Orders(desk)
        self.deliveries = Deliveries(desk)
        self.payments = Payments(desk)
        self.money = Money(desk)
        self.credit = Credit(desk)
        self.tasks = Tasks(desk)
        self.notices = Notices(desk)
        self.company = Company(desk)
        self.care = Care(desk)
        self.practices = Practices(desk)
        self.codes = Codes(desk)
        self.appraisal = Appraisal(desk)
        self.findings = Findings(desk)
        self.refusals = Refusals(desk)
        self.reports = DailyReports(desk)
        self.contact_reports = ContactReports(desk)
        self.pool = Pool(desk)
        self.photos = Photos(desk, self._exchange.conversation)
        self.waking = Waking(device, self._exchange.conversation)
        self.diagnostics = Diagnosing(device, self._exchange.conversation)
        self.drafts = Drafts(device)
        self.letterbox = Letterbox(desk)
        self.settings = Settings(device)
        self._watches = Watches(device)
        device.settle()

    # ---- making one --------------------------------------------------------

    @classmethod
    def enrol(  # noqa: PLR0913  # everything impure can be given, by name
        cls,
        url: str = "",
        *,
        code: str,
        directory: str | Path,
        keystore: KeyStore | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        surroundings: Surroundings | None = None,
        model: str = "",
        disk: Disk | None = None,
        screen: int | None = None,
    ) -> Replica:
        """Enrol this phone with a code of 24 characters, or with what a QR code holds (then `url` may be left out).

        Raises EnrolmentRefused, NoNetwork. The code is good once; after NoNetwork the same call may be made again. A
        directory is enrolled once, unless its key store was lost: it is a new device then, which hands in what is left;
        or unless it was wiped: nothing is left there, and anybody may begin.
        It waits for the network: WrongThread on the `screen`'s thread (see `open`).
        """
        Threads(screen).check_network()
        read = read_code(code)
        address = url or read.url
        if not address:
            raise EnrolmentRefused("bad_code", "a typed code needs the server's address")
        ports = ports_of(
            Path(directory),
            address,
            keystore=keystore,
            transport=transport,
            clock=clock,
            random=random,
            surroundings=surroundings,
            disk=disk,
        )
        enrol(read, address, Path(directory), ports, model)
        return cls(Device(Path(directory), ports, screen))

    @classmethod
    def open(  # noqa: PLR0913  # the same
        cls,
        directory: str | Path,
        *,
        keystore: KeyStore | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        surroundings: Surroundings | None = None,
        disk: Disk | None = None,
        screen: int | None = None,
    ) -> Replica:
        """Open the replica in a directory, in whatever state it is. Raises NotEnrolled; ReplicaCorrupt and AppTooOld
        for `keys.db`, without which nothing can be said.

        `screen` is the thread that draws, as `threading.get_ident()` names it: a call that waits for a network raises
        WrongThread there.
        """
        path, used = Path(directory), disk or Disk()
        ports = ports_of(
            path,
            address_of(path, used),
            keystore=keystore,
            transport=transport,
            clock=clock,
            random=random,
            surroundings=surroundings,
            disk=used,
        )
        return cls(Device(path, ports, screen))

    @staticmethod
    def address(directory: str | Path, *, disk: Disk | None = None) -> str:
        """Where the replica in a directory syncs to. Raises NotEnrolled, ReplicaCorrupt (`keys.db`)."""
        return address_of(Path(directory), disk or Disk())

    # ---- the state --------------------------------------------------------

    @property
    def confirmation(self) -> str:
        """The six digits that whoever made the code compares with theirs."""
        return six_digits(self._device.enrolment.enrolment, self._device.enrolment.public_key)

    @property
    def staff(self) -> UUID:
        """Whose phone this is."""
        return self._device.enrolment.staff

    @property
    def device(self) -> UUID:
        """Which device this is, as the company knows it."""
        return self._device.enrolment.device

    def status(self) -> Status:
        """What is the case, honestly, in both languages. Answered in every state."""
        return status_of(self._device)

    def progress(self) -> Progress:
        """How far the first sync, what is being sent and what waits are. Answered in every state."""
        return progress_of(self._device, self._exchange.since, self.photos.current)

    def sync(self) -> SyncReport:
        """Exchange with the server until both are in step. No network is an answer, not an error. Raises WrongThread on
        the screen's thread and in what a watch or `live` calls, ReplicaClosed.
        """
        self._device.threads.check_network()
        return self._exchange.sync()

    def accept(self, signed: bytes | str) -> Status:
        """Take signed bytes that came another way (a colleague's phone, a message, a code to scan): as they are, as
        the text of the code (`saojie:accept?b=…`), or as a line of base64 that was pasted.

        An order is obeyed at once; a lease by letter renews as far as it goes. Changes of the company's keys that came
        along are followed first. Raises InvalidInput for bytes that the
        company did not sign for this device, LetterRefused for a letter that is no use any more, ReplicaWiped for one
        after an order.
        """
        *changes, statement = read_carried(signed)
        with self._device.lock:
            follow_keys(self._device, changes)
            if statement.kind is Kind.LEASE_LETTER:
                take_letter(self._device, statement)
            elif statement.kind is not Kind.WIPE_ORDER or not obey(self._device, [statement]):
                raise InvalidInput("bad_signature", "signed", "not an order by the company for this device")
        return self.status()

    @contextmanager
    def live(self, told: Callable[[SyncReport], None] | None = None) -> Iterator[Worker]:
        """Sync in the background while the block runs: live stream, back-off, wipe. `told` hears the report of each
        sync at once, on the worker's thread, for the application to show what came.

        Leaving the block waits for the sync that is running: WrongThread in what a watch or this calls.
        """
        worker = Worker(self._device, self._exchange, self.photos, told)
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()

    def watch(
        self,
        query: Query[T],
        told: Callable[[T], object],
        *,
        failed: Failed | None = None,
        through: Through | None = None,
    ) -> Watch:
        """Run `query`, any call that reads this replica, now and again after each commit that may have changed its
        answer, and call `told(answer)` when it is another one; `failed(error)` when the state hinders it, then `told`
        again when it no longer does. On one thread for all watches, or `through` a function that takes a call to
        another thread. Raises ReplicaClosed.
        """
        return self._watches.add(query, told, failed, through)

    def close(self) -> None:
        """Let go of every file and connection, for good: a call after it raises ReplicaClosed. Closing again does
        nothing, and so does a process that was forked. Raises WrongThread in what a watch or `live` calls.
        """
        if self._device.lock.is_over:
            return
        self._device.threads.check_waiting()
        self._watches.stop()
        with self._device.lock, suppress(SaojieError, Damaged):
            if (replica := self._device.opened) is not None:
                tell_openings(self._device, replica)
        self._device.close()
        self._device.ports.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- what concerns all records --------------------------------------------------------

    def today(self, day: str | None = None, near: Position | None = None) -> Today:
        """Due visits in walking order from `near`, and open tasks. `day` (YYYY-MM-DD) is today's where left out.
        Raises InvalidInput.
        """
        on = a_day(day, "day") if day else self._device.ports.clock.day_of(self._device.now())
        return today(self._desk, on, a_place(near, "near") if near is not None else None)

    def map(self, bounds: Bounds, *, datum: Datum = "wgs84", most: int = 5000) -> dict[str, Any]:
        """What stands in a box, as a GeoJSON FeatureCollection in the colours of its classes, key outlets red and on
        top; `bounds` are WGS-84, `datum` is for maps that are drawn in GCJ-02 or BD-09. Raises InvalidInput.
        """
        return map_of(self._desk, bounds, datum=a_datum(datum), most=max(0, most))

    def brief(self, outlet: UUID) -> Brief:
        """The file on one outlet, for whoever goes there the first time. Raises NotFound."""
        return brief_of(self._desk, outlet)

    def form(self, kind: str, *, outlet_class: str = "", record: Record | None = None) -> Form:
        """What to draw to take down a record of a kind (a collection's name; `stock` and `order_line` for one line):
        fields with labels, bounds, choices, and what is required of an outlet of `outlet_class`. With `record` it is
        for mending or amending that one. Raises InvalidInput for a kind that has no form.
        """
        return form_of(self._desk, kind, outlet_class, record)

    def about(self, record: UUID) -> About:
        """The revision of a record, whether something on it is pending, what came of the last operation on it."""
        with self._device.serving() as replica:
            self._desk.look(replica)
            row = replica.rows.get(record.bytes)
            sql = "SELECT 1 FROM pending WHERE record=? AND NOT acknowledged"
            pending = replica.file.one(sql, (record.bytes,)) is not None
            return About(row.revision if row else 0, pending, replica.outcomes.of(record.bytes))

    def all(self, kind: type[R], page: int = 0, *, size: int | None = None) -> list[R]:
        """Records of a kind (`Outlet`, `Product`, …), newest first, page by page from 0. Of contacts, that opens every
        one of them.
        """
        with self._device.serving() as replica:
            found = self._desk.all(kind, page=page, size=size)
            opened = [(one.id, one.outlet) for one in found if isinstance(one, Contact)]
            private = [(one.contact, one.outlet) for one in found if isinstance(one, ContactPrivate)]
            count_openings(self._device, replica, opened)
            count_openings(self._device, replica, private, private=True)
            return found

    def outcomes(self, page: int = 0, *, size: int = 100) -> list[Outcome]:
        """What came of the operations of this phone, the newest first, page by page from 0; each has a sentence in both
        languages.
        """
        with self._device.serving() as replica:
            return replica.outcomes.newest(*a_page(page, size))

    def counts(self) -> dict[str, int]:
        """How many records of each collection this phone shows."""
        with self._device.serving() as replica:
            self._desk.look(replica)
            return replica.rows.counts()

    def digests(self) -> dict[str, tuple[int, bytes]]:
        """Count and digest of each scope, computed now from the stored bytes."""
        with self._device.serving() as replica:
            replica.recount(self._device.now())
            return {one.name: (one.count, one.digest) for one in replica.scopes.all()}
