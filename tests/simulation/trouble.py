"""What goes wrong: the network, clocks, processes that die, phones and databases that come back as they once were."""

from __future__ import annotations

from client_sdk.errors import SaojieError
from tests.simulation import rep
from tests.simulation.phone import Phone
from tests.simulation.world import World

__all__ = [
    "arrives",
    "backs_up",
    "clock",
    "clones",
    "network",
    "phone_dies",
    "reboots",
    "restored_phone",
    "restores",
    "server_dies",
    "server_ends",
    "waits",
]

_HOUR, _DAY = 3600, 86_400
_MOST_PHONES = 6
_SENT_AGAIN_MS = 3 * _DAY * 1000


def _phone(world: World) -> Phone:
    return world.random.choice(world.phones)


def waits(world: World) -> None:
    """Time goes by: a moment, a minute, a night, a weekend, longer than any lease."""
    chosen = world.random.choice((1, 60, 60, _HOUR, _HOUR, 12 * _HOUR, 2 * _DAY, 9 * _DAY))
    # What phones keep to send again to a restored server they keep for a week.
    world.loop.pass_time(min(chosen, _HOUR) if world.was_restored else chosen)


def network(world: World) -> None:
    """Somebody's network becomes worse, or better."""
    phone, trouble = _phone(world), world.random.choice((0.0, 0.0, 0.3, 0.9))
    phone.network.trouble = trouble
    world.tell(f"{world.name(phone)} trouble {trouble}")


def arrives(world: World) -> None:
    """A request that was given up arrives."""
    _phone(world).network.arrive()


def clock(world: World) -> None:
    """Somebody sets a clock."""
    phone = _phone(world)
    phone.clock.ahead_ms = world.random.choice((0, _HOUR, -_HOUR, 30 * _DAY, -400 * _DAY)) * 1000
    world.tell(f"{world.name(phone)} clock {phone.clock.ahead_ms}")


def reboots(world: World) -> None:
    """A phone is switched off and on."""
    phone = _phone(world)
    phone.restart()
    phone.clock.reboot()
    world.tell(f"{world.name(phone)} rebooted")


def server_dies(world: World) -> None:
    """The server dies between two statements, over whatever several phones ask of it; a new process follows."""
    machine = world.machine
    machine.process.dies_after = machine.process.statements + world.random.randrange(80)
    if world.random.random() < 0.5:
        rep.synced(world, _phone(world), is_alone=False)
    else:
        rep.together(world)
    machine.kill()
    machine.start()
    world.tell("the server died")


def server_ends(world: World) -> None:
    """The server is told to end, and started again."""
    world.machine.stop()
    world.machine.start()
    world.tell("the server ended")


def phone_dies(world: World) -> None:
    """A phone dies between two acts on its disk."""
    phone = _phone(world)
    work = world.random.choice((rep.synced, rep.synced, rep.visit, rep.register, rep.edit))
    phone.dying(world.random.randrange(80), lambda: work(world, phone))
    world.tell(f"{world.name(phone)} died")


def restored_phone(world: World) -> None:
    """A phone is put back to what it was some work ago: a copy, work, a sync, and the copy again."""
    phone = _phone(world)
    copy, known = phone.copy(), len(phone.promised)
    rep.visit(world, phone)
    rep.synced(world, phone)
    if _is_pending(phone):
        # What had not left the phone is gone with it: no promise holds that.
        del phone.promised[known:]
    phone.put_back(copy)
    world.tell(f"{world.name(phone)} restored")


def clones(world: World) -> None:
    """There are two of a phone."""
    if len(world.phones) < _MOST_PHONES:
        phone = _phone(world)
        other = phone.cloned(world.place / f"phone-{len(world.phones)}", world.network())
        world.phones.append(other)
        world.tell(f"{world.name(phone)} cloned")


def backs_up(world: World) -> None:
    """A backup of the database is taken."""
    world.back_up()
    world.tell("backed up")


def restores(world: World) -> None:
    """A database of the last days takes the place of the one that is. Phones can send again what they sent since."""
    recent = [one for one in world.backups if world.loop.now_ms - one.at < _SENT_AGAIN_MS]
    if recent:
        world.restore(world.random.choice(recent))
        world.tell("restored")


def _is_pending(phone: Phone) -> bool:
    try:
        return phone.replica.status().pending > 0
    except SaojieError:
        return True
