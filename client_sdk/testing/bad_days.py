"""Bad days, each driven on the way on which it happens: what is signed is signed, what is cut off is cut off.

A day is made of a world and a phone after its first sync, and stands as it is when a rep looks at the screen. Each has
the phone (`replica`), the `world`, an outlet that it is about (`shop`), and the `report` of the sync that met it.
"""

from __future__ import annotations

from client_sdk.exchange.report import SyncReport
from client_sdk.refusals import RefusedWork
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY, HOUR, PhoneClock
from client_sdk.testing.world import World
from sync.outcomes import Outcome
from sync.records import Outlet, Visit

__all__ = [
    "DAYS",
    "BadDay",
    "Conflict",
    "Forked",
    "Locked",
    "NoNetwork",
    "Refused",
    "Restored",
    "SlowLink",
    "Unavailable",
    "Wiped",
    "WrongClock",
]


class BadDay:
    """What every bad day has. The world needs two outlets in the rep's territory; `furnish` puts them there."""

    report: SyncReport
    """What came of the sync that met the day."""

    def __init__(self, world: World, replica: Replica) -> None:
        self.world = world
        self.replica = replica
        self.shop, self.other = sorted(replica.all(Outlet), key=lambda one: one.name)[:2]

    def sync(self) -> SyncReport:
        """Sync once more; the report of it, kept in `report` as well."""
        self.report = self.replica.sync()
        return self.report


class _Mended(BadDay):
    def mend(self) -> SyncReport:
        """The server is reached again, and the phone syncs."""
        self.world.server.mend()
        return self.sync()


class Locked(BadDay):
    """The lease is over: two days without a network. One visit (`visit`) waits on the phone.

    The app shows `status().zh` and `todo_zh`, no record, and a form that puts into `replica.letterbox`. Data calls
    raise ReplicaLocked. `why` is `locked`.
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        self.visit: Visit = replica.visits.log(self.shop.id, notes="锁定之前的拜访")
        world.server.cut()
        world.time.now += 2 * DAY
        self.sync()

    def unlock(self) -> SyncReport:
        """The network is back, and a sync renews the lease: everything opens, and what waited has gone."""
        self.world.server.mend()
        return self.sync()


class Refused(BadDay):
    """The company refused a visit, because the outlet (`shop`) had left the territory meanwhile. It is kept whole.

    The app shows each of `replica.refusals.list()` with `zh`, `todo_zh` and what was entered, to be mended (it is
    accepted at `other`) or dropped. `refusal` is the one of the day.
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        world.server.cut()
        replica.visits.log(self.shop.id, notes="补货两箱")
        world.move(self.shop.id, world.east)
        world.server.mend()
        self.sync()
        self.refusal: RefusedWork = replica.refusals.list()[0]


class Conflict(BadDay):
    """The rep changed a phone number without a network (`mine`), a colleague did later (`theirs`). Theirs stands.

    The app shows the value that stands, and where it cares, what came of the own change: `outcome`, with a sentence in
    both languages and what was lost.
    """

    mine, theirs = "13911110001", "13922220002"

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        world.server.cut()
        replica.outlets.update(self.shop.id, phone=self.mine)
        world.time.now += HOUR
        world.edit(self.shop.id, phone=self.theirs)
        world.server.mend()
        self.sync()
        self.outcome: Outcome = replica.outcomes()[0]


class Wiped(BadDay):
    """The rep's access has ended: a signed order came with a sync, the phone destroyed its copy and handed in one visit
    that was still on it (`handed_in` of the report).

    The app shows `status().zh` and `todo_zh`, whom to call (`status().call`), and nothing else, and never asks to
    enrol again by itself. Every data call raises ReplicaWiped. `state` is `wiped`.
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        replica.visits.log(self.shop.id, notes="离职之前的拜访")
        world.cut_off(world.rep)
        self.sync()


class Unavailable(_Mended):
    """The server answers 503 and asks to wait (`report.wait_ms`). One visit waits on the phone.

    The app goes on as without a network: everything is shown and recorded, the report's `zh` stands beside "sync", and
    nothing is tried again before `wait_ms` has passed (`replica.live` sees to that).
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        replica.visits.log(self.shop.id, notes="服务暂停时的拜访")
        world.server.fail()
        self.sync()


class NoNetwork(_Mended):
    """There is no network. One visit waits on the phone.

    The app works as always; `status().pending` counts what waits, and `report.zh` says that it is safe.
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        world.server.cut()
        replica.visits.log(self.shop.id, notes="没有网络时的拜访")
        self.sync()


class SlowLink(_Mended):
    """Answers take minutes, and each third one breaks off. Fifty new outlets are on their way; a part has arrived.

    The app shows what has arrived and goes on working; each further `sync` brings more, none of it twice. The report
    ends with `cut_off`.
    """

    COUNT = 50

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        for number in range(self.COUNT):
            world.outlet(f"新店{number:02}")
        world.server.settings.page = 600
        world.server.slow()
        self.sync()

    @property
    def arrived(self) -> int:
        """How many of the new outlets have arrived."""
        return sum(one.name.startswith("新店") for one in self.replica.all(Outlet))


class WrongClock(_Mended):
    """The phone's date jumped two years ahead while there was no network. `clock` is the phone's, and `clock.ahead` is
    by how many milliseconds. One visit (`visit`) waits on the phone.

    While the phone runs nothing is wrong: the company's time counts, for `today`, leases and visits. After `restart`
    it is locked (`why` is `restarted`), and the next sync (`mend`) puts that right, wrong as the date still is. The app
    shows `status().zh`; it compares no date of its own with times of the SDK.
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        world.server.cut()
        self.clock: PhoneClock = world.clock()
        self.clock.ahead = 730 * DAY
        self.visit: Visit = replica.visits.log(self.shop.id, notes="日期不对时的拜访")
        self.sync()

    def restart(self) -> Replica:
        """The phone is switched off and on, with the date still wrong; `replica` is the one that the app opens then."""
        self.replica.close()
        self.clock.reboot()
        self.replica = self.world.opened()
        return self.replica


class Restored(BadDay):
    """The company's server was put back to a copy from before the phone's last visit (`visit`); a new outlet (`gone`)
    that came after the copy is lost.

    The app shows what the company has: `gone` has left the phone, the visit was sent again and is there. Nothing is
    asked of the rep; the app keeps no ids of its own beside the SDK.
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        backup = world.back_up()
        self.gone: Outlet = world.outlet("备份之后的店")
        self.visit: Visit = replica.visits.log(self.shop.id, notes="备份之后的拜访")
        replica.sync()
        world.restore(backup)
        self.sync()


class Forked(BadDay):
    """The phone's directory was put back from a copy: of two visits (`before`, `after`) the second was logged and sent
    after the copy was made, and a third (`copied`) on the copy.

    The phone notices at the next sync, sends what is its own again under a new name and loses nothing: all three
    visits are there once. The app shows nothing special. (Directories of the SDK belong in no backup: see the guide.)
    """

    def __init__(self, world: World, replica: Replica) -> None:
        super().__init__(world, replica)
        self.before: Visit = replica.visits.log(self.shop.id, notes="复制之前的拜访")
        replica.close()
        world.copy_phone()
        with world.opened() as opened:
            self.after: Visit = opened.visits.log(self.shop.id, notes="复制之后的拜访")
            opened.sync()
        self.replica = world.put_phone_back()
        self.copied: Visit = self.replica.visits.log(self.shop.id, notes="副本上的拜访")
        self.sync()


DAYS: dict[str, type[BadDay]] = {
    "conflict": Conflict,
    "forked": Forked,
    "locked": Locked,
    "no_network": NoNetwork,
    "refused": Refused,
    "restored": Restored,
    "slow_link": SlowLink,
    "unavailable": Unavailable,
    "wiped": Wiped,
    "wrong_clock": WrongClock,
}
"""Each by the name of its fixture."""
