"""What the company asks of a rep and tells everybody: tasks, notices, products, prices, classes, policies, scores."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from client_sdk.given import paged
from client_sdk.local.notices import is_acknowledged
from client_sdk.writing import Desk
from sync.records import Acknowledgement, Notice, OutletClass, Policy, Price, Product, Record, Score, Task, TaskStatus

__all__ = ["Company", "Notices", "Tasks"]

R = TypeVar("R", bound=Record)

_OPEN = frozenset({TaskStatus.OPEN, TaskStatus.STARTED})


class Tasks:
    """`replica.tasks`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, page: int = 0, *, size: int | None = None, done: bool = False) -> list[Task]:
        """Open tasks, the first due first, page by page from 0; with `done` those that are over too."""
        found = [one for one in self._desk.all(Task) if done or one.status in _OPEN]
        return paged(sorted(found, key=lambda one: (one.due or "9999", one.id)), page, size)

    def finish(self, task: UUID, answer: str = "") -> Task:
        """Finish a task. Raises InvalidInput, NotFound, StorageFull."""
        fields: dict[str, object] = {"status": TaskStatus.DONE}
        return self._desk.edit(Task, task, fields | ({"answer": answer} if answer else {}))

    def start(self, task: UUID) -> Task:
        """Say that a task is begun. Raises NotFound, StorageFull."""
        return self._desk.edit(Task, task, {"status": TaskStatus.STARTED})


class Notices:
    """`replica.notices`. Answered also while a notice holds the archive."""

    def __init__(self, desk: Desk) -> None:
        self._desk = Desk(desk.device, is_gated=False)

    def list(self, page: int = 0, *, size: int | None = None, unread: bool = False) -> list[Notice]:
        """Notices, newest first, page by page from 0; with `unread` those that this person has yet to acknowledge."""
        found = self._desk.all(Notice)
        with self._desk.serving() as replica:
            chosen = [one for one in found if not (unread and is_acknowledged(replica, one))]
        return paged(chosen, page, size)

    def acknowledge(self, notice: UUID) -> Acknowledgement:
        """Say that you have read a notice as it stands now, also without a network. Raises NotFound, StorageFull."""
        with self._desk.serving() as replica:
            self._desk.shown(replica, Notice, notice)
            row = replica.rows.get(notice.bytes)
            revision = max(1, row.revision if row else 1)
        return self._desk.create(Acknowledgement, {"notice": notice, "notice_revision": revision})


class Company:
    """`replica.company`: what everybody reads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def products(self, page: int = 0, *, size: int | None = None) -> list[Product]:
        """Products that are sold, by code, page by page from 0."""
        sold = (one for one in self._desk.all(Product) if one.active)
        return paged(sorted(sold, key=lambda one: one.code), page, size)

    def prices(self, page: int = 0, *, size: int | None = None) -> list[Price]:
        """Prices, by product, page by page from 0."""
        return paged(sorted(self._desk.all(Price), key=lambda one: (one.product, one.since or "")), page, size)

    def classes(self) -> list[OutletClass]:
        """Classes of outlets that are in use, by code."""
        return sorted((one for one in self._desk.all(OutletClass) if one.active), key=lambda one: one.code)

    def policies(self) -> dict[str, str]:
        """The company's settings by key."""
        return {one.key: one.value for one in self._desk.all(Policy)}

    def scores(self, page: int = 0, *, size: int | None = None) -> list[Score]:
        """Your own scores, newest first, page by page from 0."""
        return self._desk.all(Score, page=page, size=size)
