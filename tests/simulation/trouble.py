"""What goes wrong: the network, clocks, processes that die, phones and databases that come back as they once were."""

from __future__ import annotations

from client_sdk.errors import SaojieError
from tests.simulation import rep
from tests.simulation.phone import Phone
from tests.simulation.world import MUCH, World

__all__ = [
    "arrives",
    "backs_up",
    "clock",
    "clones",
    "network",
    "pages",
    "phone_dies",
    "reboots",
    "restored_phone",
    "restores",
    "server_dies",
    "server_ends",
    "spoils",
    "upgrades",
    "waits",
]

_HOUR, _DAY = 3600, 86_400
_MOST_PHONES = 6
_ACTS_OF_A_SYNC = 320
"""So many acts on its disk a phone has in a first sync; an answer is taken in the second half of them."""
_STATEMENTS = 120
"""So many statements an answer to a sync with work takes on the server."""
_SCHEMAS = ("0035", "0034")
"""Steps of the schema that a database can be taken back to without losing what anybody did."""
_OF_AN_UPGRADE = 12
"""So many statements an upgrade takes."""
_SENT_AGAIN_MS = 3 * _DAY * 1000


def waits(world: World) -> None:
    """Time goes by: a moment, a minute, a night, a weekend, longer than any lease."""
    chosen = world.random.choice((1, 60, 60, _HOUR, _HOUR, 12 * _HOUR, 2 * _DAY, 9 * _DAY))
    # What phones keep to send again to a restored server they keep for a week.
    world.loop.pass_time(min(chosen, _HOUR) if world.was_restored else chosen)


def network(world: World) -> None:
    """Somebody's network becomes worse, or better."""
    phone, trouble = world.some_phone(), world.random.choice((0.0, 0.0, 0.3, 0.9))
    phone.network.trouble = trouble
    world.tell(f"{world.name(phone)} trouble {trouble}")


def arrives(world: World) -> None:
    """A request that was given up arrives."""
    phone = world.some_phone()
    phone.tells_time = phone.tells_time and not phone.network.late
    phone.network.arrive()


def clock(world: World) -> None:
    """Somebody sets a clock."""
    phone = world.some_phone()
    phone.clock.ahead_ms = world.random.choice((0, _HOUR, -_HOUR, 30 * _DAY, -400 * _DAY)) * 1000
    world.tell(f"{world.name(phone)} clock {phone.clock.ahead_ms}")


def reboots(world: World) -> None:
    """A phone is switched off and on."""
    phone = world.some_phone()
    phone.restart()
    phone.clock.reboot()
    phone.tells_time = False
    world.tell(f"{world.name(phone)} rebooted")


def server_dies(world: World) -> None:
    """The server dies between two statements, over whatever several phones ask of it; a new process follows."""
    machine = world.machine
    machine.process.dies_after = machine.process.statements + world.random.randrange(_STATEMENTS)
    if world.random.random() < 0.5:
        rep.synced(world, world.some_phone(), is_alone=False)
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
    phone = world.some_phone()
    work = world.random.choice((rep.synced, rep.synced, rep.visit, rep.register, rep.edit))
    phone.dying(world.random.randrange(_ACTS_OF_A_SYNC), lambda: work(world, phone))
    world.tell(f"{world.name(phone)} died")


def restored_phone(world: World) -> None:
    """A phone is put back to what it was some work ago: a copy, work, a sync, and the copy again."""
    phone = world.some_phone()
    copy, known = phone.copy(), len(phone.promised)
    rep.visit(world, phone)
    rep.synced(world, phone)
    if _is_pending(phone):
        # What had not left the phone is gone with it: no promise holds that.
        del phone.promised[known:]
    phone.put_back(copy)
    phone.tells_time = False
    world.tell(f"{world.name(phone)} restored")


def clones(world: World) -> None:
    """There are two of a phone."""
    if len(world.phones) < _MOST_PHONES:
        phone, number = world.some_phone(), len(world.phones)
        phone.tells_time = False
        other = phone.cloned(world.place / f"phone-{number}", world.network(number, phone.staff))
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


def upgrades(world: World) -> None:
    """The server is replaced by one with a newer schema; who upgrades the database dies now and then."""
    step = world.random.choice(_SCHEMAS)
    deaths = [world.random.randrange(_OF_AN_UPGRADE) for _ in range(world.random.randrange(3))]
    world.machine.upgrade(step, deaths)
    world.tell(f"upgraded from {step}")


def spoils(world: World) -> None:
    """Bad storage changes a byte of a row on a phone, whose process is gone without a word."""
    phone = world.some_phone()
    world.wire.may_differ = True
    try:
        what = phone.spoil()
    except SaojieError as error:
        what = error.code
    world.tell(f"{world.name(phone)} spoiled {what}")


def pages(world: World) -> None:
    """From now on phones ask for little at a time and tell little at a time, or much."""
    bytes_, operations = world.random.choice((1, 1, 600, MUCH[0])), world.random.choice((1, 3, MUCH[1]))
    world.ask_for(bytes_, operations)
    world.tell(f"pages of {bytes_}, {operations} operations")


def _is_pending(phone: Phone) -> bool:
    try:
        return phone.replica.status().pending > 0
    except SaojieError:
        return True
