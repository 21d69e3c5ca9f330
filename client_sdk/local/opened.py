"""An open replica: `replica.db` under its data key, and everything that stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from client_sdk.errors import StorageFull
from client_sdk.local.claims import Claims
from client_sdk.local.index import Index
from client_sdk.local.intake import Intake
from client_sdk.local.meta import Meta, Name
from client_sdk.local.openings import Openings
from client_sdk.local.outcomes import Outcomes
from client_sdk.local.overlay import Overlay
from client_sdk.local.rows import Rows
from client_sdk.local.schema import STEPS
from client_sdk.local.scopes import Scopes
from client_sdk.outbox import Outbox
from client_sdk.storage.disk import Disk
from sync.clock import Moment
from sync.codec import encode
from sync.records import Notice
from sync.versions import SCHEMA

__all__ = ["OpenReplica"]


class OpenReplica:
    """The open file. `holding` are the notices that hold the archive, and the version of the file that says so."""

    def __init__(
        self,
        path: Path,
        data_key: bytes,
        disk: Disk,
        outbox: Outbox,
        staff: UUID,
        time_of: Callable[[Moment], int],
    ) -> None:
        self.holding: tuple[tuple[int, int], tuple[Notice, ...]] | None = None
        self.file = disk.sealed(path, data_key)
        try:
            self.file.migrate(STEPS)
            self.meta = Meta(self.file)
            self.scopes = Scopes(self.file, self.meta)
            self.rows = Rows(self.file)
            self.index = Index(self.file)
            self.overlay = Overlay(self.file, outbox, staff, time_of)
            self.outcomes = Outcomes(self.file)
            self.claims = Claims(self.file)
            self.openings = Openings(self.file)
            self._check_close()
            self._derive_again()
        except BaseException:
            self.file.close()
            raise

    @contextmanager
    def change(self, *, durable: bool = True) -> Iterator[None]:
        """One transaction. What can be derived again, or asked for again, need not be durable."""
        with self.file.transaction(durable=durable):
            if not self.meta.number(Name.OPENED):
                self.meta.put(Name.OPENED, 1)
            yield

    def intake(self) -> Intake:
        """Begin to take a page in."""
        return Intake(self.file, self.scopes, self.overlay.acknowledged_only)

    def catch_up(self) -> None:
        """Lay over what this or another process has put into the outbox."""
        if self.overlay.is_behind():
            with self.change(durable=False):
                self.overlay.catch_up()

    @property
    def is_complete(self) -> bool:
        """Whether a first checkpoint was reached: before it nothing is judged, counted or missed."""
        return bool(self.meta.number(Name.COMPLETE))

    def scrub(self) -> None:
        """Leave nothing of what was removed in the file: secure delete alone was seen to leave some in its pages."""
        if self.meta.number(Name.SCRUB):
            self.file.run("VACUUM")
            if self.file.truncate_log():
                with self.file.transaction():
                    self.meta.put(Name.SCRUB, 0)
                self.file.truncate_log()

    def recount(self, now: int) -> None:
        """Compute the digests from the bytes, at the server's time `now`."""
        with self.file.transaction():
            self.scopes.recount()
            self.meta.put(Name.AUDITED, now)

    def leave_word(self) -> None:
        """Note that the file is about to be closed as it should be."""
        if self.meta.number(Name.OPENED):
            with self.file.transaction(durable=False):
                self.meta.put(Name.OPENED, 0)

    def _derive_again(self) -> None:
        """After another version of the app: it kept every row, and derived from those that it could read. A phone that
        has no room for that shows what it showed before, until it is opened with some.
        """
        known = encode((SCHEMA, len(STEPS)))
        if self.meta.data(Name.DERIVED) != known:
            with suppress(StorageFull), self.file.transaction():
                self.rows.link_again()
                self.index.make_again()
                self.overlay.derive_again()
                self.meta.put(Name.DERIVED, known)

    def _check_close(self) -> None:
        """After a close that left no word, the digests are computed from the bytes before they are believed."""
        if self.meta.number(Name.OPENED):
            with self.file.transaction():
                self.scopes.recount()
                self.meta.put(Name.OPENED, 0)
