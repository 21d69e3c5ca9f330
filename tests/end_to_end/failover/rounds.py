"""The rounds: one fault each, drawn from a deck, while phones work and a manager acts; then everything is looked at."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from server.departure.means import Means
from server.master.meta import read_identity
from tests.end_to_end.failover.checks import examined, lost
from tests.end_to_end.failover.cluster import Cluster
from tests.end_to_end.failover.crew import Rep
from tests.end_to_end.failover.machine import Machine
from tests.end_to_end.failover.manager import Manager
from tests.end_to_end.failover.wires import BACK, FRONT, Wires
from tests.end_to_end.nodes.nodes import Nodes
from tests.end_to_end.waiting import until

__all__ = ["PARTITIONS", "Lab", "Summary"]

EAST, WEST = "城东片区", "城西片区"
REPS = ("周海波", "李强", "王芳")
_WITHIN_S = 150
_SILENCE_S = 8.0
_FEW = 8
"""So many operations are acknowledged before a fault is over: the company works through it."""


class Summary(msgspec.Struct):
    """What the rounds came to. `wrong` is in words; `faults` counts rounds by fault, `ends` syncs by how
    they ended, `skipped` says what was left out and why.
    """

    seed: int
    rounds: int = 0
    acknowledged: int = 0
    departed: int = 0
    lost: int = 0
    seconds: float = 0.0
    faults: dict[str, int] = {}
    skipped: str = ""
    ends: dict[str, int] = {}
    wrong: list[str] = []


@dataclass(slots=True)
class Lab:
    """A cluster, nodes over it, and those who use them. `random` draws everything that is drawn."""

    cluster: Cluster
    nodes: Nodes
    seed: int
    random: random.Random = field(init=False)
    manager: Manager = field(init=False)
    reps: list[Rep] = field(init=False, default_factory=list)
    gone: list[Rep] = field(init=False, default_factory=list)
    epoch: bytes = field(init=False, default=b"")
    is_put: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.manager = Manager(self.nodes)

    @classmethod
    @contextmanager
    def open(cls, seed: int) -> Iterator[Lab]:
        """Everything up, three phones at work."""
        cluster = Cluster()
        try:
            cluster.start()
            nodes = Nodes(
                cluster.folder, 3, cluster.url, silence_s=_SILENCE_S, budget_burst="100000", budget_per_minute="1000000"
            )
            try:
                yield cls(cluster, nodes, seed)._founded()
            finally:
                nodes.close()
        finally:
            cluster.close()

    def _founded(self) -> Lab:
        self.nodes.found()
        for territory in (EAST, WEST):
            self.nodes.command("territory", "add", territory)
        self.nodes.start()
        for name in REPS:
            self.manager.hire(name, EAST)
            self.reps.append(self._at_work(name))

        async def epoch(means: Means) -> bytes:
            async with means.store.read() as tx:
                return (await read_identity(tx)).epoch

        self.epoch = self.nodes.act(epoch)
        return self

    def run(self, rounds: int, say: Callable[[str], None]) -> Summary:
        """So many rounds; ends at the first that leaves something wrong."""
        summary = Summary(self.seed, faults={}, wrong=[])
        deck: list[str] = []
        begun = time.monotonic()
        if self.cluster.unwired:
            summary.skipped = f"partitions: {self.cluster.unwired}"
            say(f"skipped: {summary.skipped}")
        for number in range(1, rounds + 1):
            deck = deck or self._shuffled()
            fault = deck.pop()
            at = time.monotonic()
            summary.wrong = self._round(number, fault)
            summary.rounds = number
            summary.faults[fault] = summary.faults.get(fault, 0) + 1
            summary.acknowledged = sum(rep.acknowledged for rep in (*self.reps, *self.gone))
            summary.departed = len(self.gone)
            summary.ends = dict(sum((rep.ends for rep in (*self.reps, *self.gone)), Counter()))
            summary.seconds = round(time.monotonic() - begun, 1)
            primary = self.cluster.primary()
            say(
                f"round {number} {fault}: primary {primary.name if primary else 'none'}, acknowledged "
                f"{summary.acknowledged}, departed {summary.departed}, {time.monotonic() - at:.0f} s"
            )
            for line in summary.wrong:
                say(f"  WRONG {line}")
            if summary.wrong:
                break
        summary.lost = sum(line.endswith("is lost") for line in summary.wrong)
        return summary

    def _shuffled(self) -> list[str]:
        faults = [name for name in _FAULTS if not (self.cluster.unwired and name in PARTITIONS)]
        self.random.shuffle(faults)
        return faults

    def _round(self, number: int, fault: str) -> list[str]:
        leaver = f"离职{number}"
        self.manager.hire(leaver, EAST)
        leaving = self._at_work(leaver)
        for rep in self.reps:
            rep.begin()
        self.progress(self.random.randint(1, 20))
        heal = _FAULTS[fault](self)
        self.is_put = not self.is_put
        self.manager.put(REPS[0], WEST, is_on=self.is_put)
        self.manager.cut_off(leaver)
        leaving.cut_off()
        self.gone.append(leaving)
        self.progress(_FEW)
        heal()
        for node in self.nodes.each:
            node.wait()
        self.cluster.settled()
        wrong = lost(self.nodes, [*self.reps, *self.gone])
        for rep in self.reps:
            rep.rest()
        for rep in self.reps:
            until(rep.synced, _WITHIN_S)
        until(lambda: leaving.checked().is_wiped, _WITHIN_S)
        leaving.end()
        return wrong + examined(self.nodes, self.reps, self.gone, self.epoch, (REPS[0], self.is_put))

    def _at_work(self, name: str) -> Rep:
        rep = Rep(self.nodes, name, self.cluster.folder / "phones" / name, f"{self.seed} {name}")
        rep.start()
        rep.begin()
        return rep

    def progress(self, more: int) -> None:
        """Wait until so many more operations of the three are acknowledged."""
        wanted = self._acknowledged() + more
        until(lambda: self._acknowledged() >= wanted, _WITHIN_S)

    def _acknowledged(self) -> int:
        return sum(rep.checked().acknowledged for rep in self.reps)

    def primary(self) -> Machine:
        """The primary, when there is one."""
        until(lambda: self.cluster.primary() is not None, _WITHIN_S)
        return self.cluster.primary() or self.primary()

    def standby(self) -> Machine:
        """The synchronous standby, when there is one."""
        until(lambda: bool(self.cluster.synchronous()), _WITHIN_S)
        return next(iter(self.cluster.synchronous()), None) or self.standby()

    def taken_over(self, old: Machine) -> None:
        """Wait until another machine than `old` is the primary."""
        until(lambda: any(one.asked("/primary") for one in self.cluster.machines.values() if one is not old), _WITHIN_S)


Heal = Callable[[], None]


def _node_killed(lab: Lab) -> Heal:
    node = lab.random.choice(lab.nodes.each)
    node.kill()

    def heal() -> None:
        node.launch()

    return heal


def _node_paused(lab: Lab) -> Heal:
    node = lab.random.choice(lab.nodes.each)
    node.pause()
    return node.resume


def _primary_crashed(lab: Lab) -> Heal:
    lab.primary().crash()
    return lambda: None


def _primary_killed(lab: Lab) -> Heal:
    one = lab.primary()
    one.kill()
    lab.taken_over(one)
    return one.start


def _primary_paused(lab: Lab) -> Heal:
    one = lab.primary()
    one.pause()
    lab.taken_over(one)
    return one.resume


def _standby_killed(lab: Lab) -> Heal:
    one = lab.standby()
    one.kill()
    return one.start


def _standby_paused(lab: Lab) -> Heal:
    one = lab.standby()
    one.pause()
    return one.resume


def _switched_over(lab: Lab) -> Heal:
    one = lab.primary()
    one.told("POST", "/switchover", {"leader": one.name})
    return lambda: None


def _cut(*networks: str) -> Callable[[Lab], Heal]:
    def fault(lab: Lab) -> Heal:
        one, wires = lab.primary(), lab.cluster.wires
        assert isinstance(wires, Wires)
        for network in networks:
            wires.cut(one.name, network)
        lab.taken_over(one)

        def heal() -> None:
            for network in networks:
                wires.join(one.name, network)

        return heal

    return fault


PARTITIONS = ("primary cut from etcd and standbys", "primary cut from everybody")
_FAULTS: dict[str, Callable[[Lab], Heal]] = {
    "node killed": _node_killed,
    "node paused": _node_paused,
    "primary's PostgreSQL killed": _primary_crashed,
    "primary's machine killed": _primary_killed,
    "primary's machine paused": _primary_paused,
    "standby's machine killed": _standby_killed,
    "standby's machine paused": _standby_paused,
    "switchover": _switched_over,
    PARTITIONS[0]: _cut(BACK),
    PARTITIONS[1]: _cut(FRONT, BACK),
}
