"""What reps do on their phones, and the syncs that bring it in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from client_sdk import Stock
from client_sdk.errors import SaojieError
from tests.simulation.invariants import after_checkpoint
from tests.simulation.phone import Phone, Promise
from tests.simulation.world import World

__all__ = ["amend", "claim", "edit", "order", "register", "sync", "synced", "together", "twice", "visit"]

_PRODUCTS = ("SKU-1", "SKU-2")


def _outlet(world: World, phone: Phone) -> UUID | None:
    known = sorted(one.id for one in phone.replica.outlets.list(size=500))
    if phone.lease_is_over:
        world.wrong.append(f"{world.name(phone)} opens after its lease")
    return world.random.choice(known) if known else None


Made = tuple[str, UUID] | tuple[str, UUID, str] | None
"""What a call made or edited: collection, record, and the field of an edit."""


def _works(world: World, what: str, work: Callable[[Phone, str], Made], phone: Phone | None) -> None:
    """A rep does something: what the call returned for is promised from then on."""
    phone, mark = phone or world.some_phone(), world.mark()
    try:
        made = work(phone, mark)
    except SaojieError as error:
        world.tell(f"{world.name(phone)} {what} refused {error.code}")
        return
    if made is not None:
        field = made[2] if len(made) > 2 else ""  # where there is a third
        phone.promised.append(Promise(mark, made[0], made[1], field, world.loop.now_ms))
    world.tell(f"{world.name(phone)} {what} {mark} {made[1] if made else ''}")


def register(world: World, phone: Phone | None = None) -> None:
    """A new outlet."""

    def work(phone: Phone, mark: str) -> tuple[str, UUID]:
        name = f"店{world.random.randrange(1000)}"
        return "outlet", phone.replica.outlets.register(name=name, notes=mark, confirmed=True).id

    _works(world, "register", work, phone)


def visit(world: World, phone: Phone | None = None) -> None:
    """A visit with stock."""

    def work(phone: Phone, mark: str) -> tuple[str, UUID] | None:
        outlet = _outlet(world, phone)
        if outlet is None:
            return None
        stock = [Stock(world.random.choice(_PRODUCTS), on_hand=world.random.randrange(50), sold=1)]
        return "visit", phone.replica.visits.log(outlet, notes=mark, stock=stock).id

    _works(world, "visit", work, phone)


def amend(world: World, phone: Phone | None = None) -> None:
    """An own visit, said again."""

    def work(phone: Phone, mark: str) -> tuple[str, UUID] | None:
        visits = [one.record for one in phone.promised if one.collection == "visit"]
        if not visits:
            return None
        return "visit", phone.replica.visits.amend(world.random.choice(visits), notes=mark).id

    _works(world, "amend", work, phone)


def edit(world: World, phone: Phone | None = None) -> None:
    """An outlet, edited."""

    def work(phone: Phone, mark: str) -> Made:
        outlet = _outlet(world, phone)
        if outlet is None:
            return None
        field = "notes" if world.random.random() < 0.5 else "address"
        phone.replica.outlets.update(outlet, **{field: mark})  # type: ignore[arg-type]  # one of two of the same kind
        return "outlet", outlet, field

    _works(world, "edit", work, phone)


def order(world: World, phone: Phone | None = None) -> None:
    """Something is sold."""

    def work(phone: Phone, mark: str) -> tuple[str, UUID] | None:
        outlet = _outlet(world, phone)
        return ("order", phone.replica.orders.record(outlet, notes=mark).id) if outlet is not None else None

    _works(world, "order", work, phone)


def claim(world: World, phone: Phone | None = None) -> None:
    """A claim on an outlet of the pool."""
    phone = phone or world.some_phone()
    try:
        teasers = sorted(phone.replica.pool.teasers(), key=lambda one: one.teaser.outlet)
        if teasers:
            phone.replica.pool.claim(world.random.choice(teasers).teaser)
    except SaojieError as error:
        world.tell(f"{world.name(phone)} claim refused {error.code}")
        return
    world.tell(f"{world.name(phone)} claim of {len(teasers)}")


def sync(world: World) -> None:
    """One phone syncs, alone: what it holds afterwards is compared with the master."""
    synced(world, world.some_phone())


def synced(world: World, phone: Phone, *, is_alone: bool = True) -> None:
    """A sync and what is to be said of it. What the server does by itself is done before, where nobody else acts."""
    if is_alone:
        world.loop.pass_time(0)
    try:
        report = phone.replica.sync()
    except SaojieError as error:
        world.tell(f"{world.name(phone)} sync refused {error.code}")
        return
    phone.ended = report.ended
    world.tell(f"{world.name(phone)} sync {report.ended} {report.sent} {report.received}")
    if report.checkpoint and report.ended == "done":
        world.wrong += after_checkpoint(world, phone, is_alone=is_alone)


def together(world: World) -> None:
    """Several phones work and sync at the same moment, their statements on the server's disk in any order."""
    count = world.random.randrange(2, len(world.phones) + 1) if len(world.phones) > 1 else 1
    chosen = world.random.sample(world.phones, count)
    for phone in chosen:
        world.random.choice((register, visit, edit, order))(world, phone)

    def one(phone: Phone) -> Callable[[], None]:
        return lambda: synced(world, phone, is_alone=False)

    world.stage.together([one(phone) for phone in chosen], world.random)
    world.tell(f"together {count}")


def twice(world: World) -> None:
    """Two processes of one phone sync at the same moment, as the application does and what wakes it."""
    phone = world.some_phone()
    register(world, phone)
    try:
        other = phone.beside()
    except SaojieError as error:
        world.tell(f"{world.name(phone)} twice refused {error.code}")
        return

    def beside() -> None:
        with suppress(SaojieError):
            other.sync()

    try:
        world.stage.together([lambda: synced(world, phone, is_alone=False), beside], world.random)
    finally:
        other.close()
    world.tell(f"{world.name(phone)} twice")
