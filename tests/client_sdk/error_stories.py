"""How each error comes about, for the code of its page: what the code may name, and what has to hold afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import apsw
import pytest

from client_sdk import (
    AlikeOutlets,
    AlreadyBegun,
    AppTooOld,
    EncryptionMissing,
    EnrolmentRefused,
    InvalidInput,
    LetterRefused,
    NoNetwork,
    NotConfirmed,
    NotEnrolled,
    NotFound,
    NoticeUnread,
    Replica,
    ReplicaBusy,
    ReplicaClosed,
    ReplicaCorrupt,
    ReplicaLocked,
    ReplicaWiped,
    SaojieError,
    StorageFailed,
    StorageFull,
    WrongThread,
)
from client_sdk.storage.disk import Disk
from client_sdk.testing import DAY, HERE, HOUR, URL, World
from sync import scopes
from sync.codec import encode
from sync.machine import State
from sync.records import Notice, Outlet, Visit
from tests.client_sdk.acts import picture
from tests.client_sdk.test_newer_files import used_by_a_later_version

__all__ = ["STORIES", "Names", "Story"]

Names = dict[str, Any]
Story = Callable[[World], tuple[Names, Callable[[Names], object]]]


def _at_a_shop(world: World) -> Names:
    """A phone in front of an outlet that it knows."""
    shop = world.outlet()
    replica = world.phone()
    return {"replica": replica, "shop": shop, "notes": "补货两箱", "here": HERE, "name": shop.name}


def _at_the_start(world: World) -> Names:
    """What an app has before it is enrolled."""
    directory = world.directory / "phone"
    code = world.company.code_for(world.rep)
    return {"directory": directory, "ports": world.ports(directory), "url": URL, "ask_for_code": lambda: code}


def not_enrolled(world: World) -> tuple[Names, Callable[[Names], object]]:
    """An empty directory."""
    return _at_the_start(world), lambda named: _same(named["replica"].sync().ended, "done")


def not_confirmed(world: World) -> tuple[Names, Callable[[Names], object]]:
    """Nobody has compared the digits; then somebody does."""
    replica = world.enrolled(confirm=True)

    def after(_: Names) -> None:
        assert replica.sync().ended == "awaiting_confirmation"
        world.company.confirm(world.device(replica))
        assert replica.sync().ended == "done"

    return {"replica": replica}, after


def notice_unread(world: World) -> tuple[Names, Callable[[Names], object]]:
    """The company has written a notice."""
    named = _at_a_shop(world)
    world.company.master.put(
        Notice(world.company.new_id(), "须知", "资料归公司。", must_acknowledge=True), scopes.COMPANY
    )
    named["replica"].sync()
    return named, lambda after: _same(len(after["shops"]), 1)


def replica_locked(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A lease that is over."""
    named = _at_a_shop(world)
    world.time.now += DAY + HOUR

    def after(named: Names) -> None:
        assert named["replica"].status().state is State.OPEN
        assert [one.notes for one in world.in_master(Visit)] == ["补货两箱"]

    return named, after


def replica_wiped(world: World) -> tuple[Names, Callable[[Names], object]]:
    """An order that came with the last sync, while a visit was pending."""
    named = _at_a_shop(world)
    named["replica"].visits.log(named["shop"].id)
    named["replica"].accept(encode(world.company.order_wipe(world.device(named["replica"]))))
    left: list[bool] = []
    named["leave_every_screen"] = lambda: left.append(True)

    def after(named: Names) -> None:
        assert left
        assert (named["status"].pending, named["replica"].status().why) == (1, "ended")

    return named, after


def replica_corrupt(world: World) -> tuple[Names, Callable[[Names], object]]:
    """Zeros in the second half of a large replica's file, where opening does not look."""
    for number in range(100):
        world.outlet(f"店{number}号", notes="x" * 800)
    world.phone().close()
    path = world.directory / "phone" / "replica.db"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    return {"replica": world.opened()}, lambda after: _same(len(after["shops"]), 50)


def app_too_old(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A later version was here."""
    used_by_a_later_version(world, "replica.db")
    replica = world.opened()
    return {"replica": replica}, lambda _: _same(replica.status().why, "app_too_old")


def encryption_missing(world: World) -> tuple[Names, Callable[[Names], object]]:
    """Another SQLite. The test's own act, as an SQLite that cannot encrypt cannot stand beside the one that can."""
    named = _at_a_shop(world)
    named["replica"].close()
    without = pytest.MonkeyPatch()
    without.delattr(apsw, "mc_version")
    path = world.directory / "phone"
    return {"directory": path, "ports": world.ports(path)}, lambda _: without.undo()


def enrolment_refused(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A mistyped code, then the right one."""
    named = _at_the_start(world) | {"typed": "0" * 24}
    return named, lambda after: _same(after["replica"].sync().ended, "done")


def letter_refused(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A letter that was carried about for too long."""
    named = _at_a_shop(world)
    letter = encode(world.company.letter_for(world.device(named["replica"]), HOUR))
    world.time.now += 2 * DAY
    return named | {"scanned": letter}, lambda after: _same(after["status"].state, State.LOCKED)


def no_network(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A photo that a colleague took, and no network."""
    shop = world.outlet()
    taken = world.phone(name="colleague")
    photo = taken.photos.attach(shop.id, picture())
    taken.sync()
    taken.photos.upload()
    replica = world.phone()
    world.server.cut()

    def after(named: Names) -> None:
        assert named["picture"] == b"?"
        world.server.mend()
        assert replica.photos.load(photo.id) == taken.photos.load(photo.id)

    return {"replica": replica, "photo": photo, "placeholder": b"?"}, after


def invalid_input(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A number for a phone."""
    marked: list[str] = []

    def after(named: Names) -> None:
        assert marked == ["phone"]
        assert named["replica"].status().pending == 0

    def beside(field: str, words: str) -> None:
        marked.append(field)
        named["show"](words)

    named = _at_a_shop(world)
    named["beside"] = beside
    return named, after


def already_begun(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A sweep that was begun before the app was killed."""
    named = _at_a_shop(world)
    named["replica"].sweeps.start()
    return named | {"replica": world.opened()}, lambda after: after["walk"].saw(after["shop"].id)


def alike_outlets(world: World) -> tuple[Names, Callable[[Names], object]]:
    """The outlet is known, and the person says that this is another."""
    named = _at_a_shop(world) | {"ask_which": lambda _: None}

    def after(named: Names) -> None:
        assert named["shop"].id in {one.id for one in named["replica"].all(Outlet)}
        assert len(named["replica"].all(Outlet)) == 2

    return named, after


def not_found(world: World) -> tuple[Names, Callable[[Names], object]]:
    """An outlet that went to another territory while a list showed it."""
    named = _at_a_shop(world)
    gone = world.outlet("走了")
    named["replica"].sync()
    world.company.master.move(gone.id, scopes.territory(world.east))
    named["replica"].sync()
    return named | {"tapped": gone.id}, lambda after: _same([one.id for one in after["shops"]], [after["shop"].id])


def _on_a_bad_disk(world: World, error: type[SaojieError], times: int) -> Names:
    """A phone whose storage refuses so many transactions."""
    named = _at_a_shop(world)
    named["replica"].close()
    left = [0]

    def step(what: str) -> None:
        if what == "BEGIN IMMEDIATE" and left[0]:
            left[0] -= 1
            raise error(what)

    replica: Replica = world.opened(disk=Disk(step))
    replica.sync()
    left[0] = times
    return named | {"replica": replica, "sleep": lambda _: None}


def replica_busy(world: World) -> tuple[Names, Callable[[Names], object]]:
    """Another process holds the files twice, then lets go."""
    named = _on_a_bad_disk(world, ReplicaBusy, 2)
    return named, lambda after: _same([one.id for one in after["replica"].all(Visit)], [after["visit"].id])


def replica_closed(world: World) -> tuple[Names, Callable[[Names], object]]:
    """An app that the system sent to sleep: it closed the replica, and a button is tapped after it woke."""
    named = _at_a_shop(world)
    named["replica"].close()
    named["opened"] = world.opened
    return named, lambda after: _same([one.id for one in after["replica"].all(Visit)], [after["visit"].id])


def wrong_thread(world: World) -> tuple[Names, Callable[[Names], object]]:
    """A button that syncs, on the thread that draws."""
    world.outlet()
    world.phone().close()
    path = world.directory / "phone"
    replica = Replica.open(path, screen=threading.get_ident(), **world.ports(path))
    return {"replica": replica, "Thread": threading.Thread}, lambda after: _same(after["reports"][0].ended, "done")


def storage_full(world: World) -> tuple[Names, Callable[[Names], object]]:
    """No room; then the person makes some, and saves again what is still in the form."""
    named = _on_a_bad_disk(world, StorageFull, 1)
    return named, lambda after: after["replica"].visits.log(after["shop"].id, notes=after["entered"])


def storage_failed(world: World) -> tuple[Names, Callable[[Names], object]]:
    """The storage fails; the company says whom to call."""
    return _on_a_bad_disk(world, StorageFailed, 1), lambda after: _same(after["call"], world.company.call)


def _same(found: object, wanted: object) -> None:
    assert found == wanted


STORIES: dict[type[SaojieError], Story] = {
    AlikeOutlets: alike_outlets,
    AlreadyBegun: already_begun,
    AppTooOld: app_too_old,
    EncryptionMissing: encryption_missing,
    EnrolmentRefused: enrolment_refused,
    InvalidInput: invalid_input,
    LetterRefused: letter_refused,
    NoNetwork: no_network,
    NotConfirmed: not_confirmed,
    NotEnrolled: not_enrolled,
    NotFound: not_found,
    NoticeUnread: notice_unread,
    ReplicaBusy: replica_busy,
    ReplicaClosed: replica_closed,
    ReplicaCorrupt: replica_corrupt,
    ReplicaLocked: replica_locked,
    ReplicaWiped: replica_wiped,
    StorageFailed: storage_failed,
    StorageFull: storage_full,
    WrongThread: wrong_thread,
}
