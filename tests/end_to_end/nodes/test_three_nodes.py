"""Three nodes over one database, a balancer in front of them: whichever of them answers, dies or hangs, the company is
one.
"""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from client_sdk import Position, Replica
from server.departure.means import Means
from server.master.people import holdings
from sync.machine import State
from tests.end_to_end.nodes.nodes import Node, Nodes
from tests.end_to_end.waiting import until

REP, PARTNER = "周海波", "曹文俊"


def registered(phone: Replica, name: str) -> None:
    """The phone registers one outlet, far from any other."""
    draw = random.Random(name)
    at = Position(draw.uniform(22, 42), draw.uniform(100, 120))
    phone.outlets.register(name=name, outlet_class="tobacco_liquor", position=at)


def names_on(phone: Replica) -> list[str]:
    """The outlets on a phone, every one, by name."""
    return sorted(one.name for one in phone.outlets.list(size=10_000))


def in_step(phone: Replica) -> None:
    """Sync until the phone and the company are verified to be equal."""
    until(lambda: phone.sync().verified and phone.status().pending == 0)


def test_a_phone_is_served_by_all_nodes(nodes: Nodes, tmp_path: Path) -> None:
    """What one node took in, the next gives out: each request of two phones goes to another node. A phone with a live
    stream on one of them hears of what others committed, commands among them.
    """
    giving, taking = (nodes.phone(REP, tmp_path / name) for name in ("giving", "taking"))
    for number in range(6):
        registered(giving, f"老张烟酒 {number}")
        in_step(giving)
        in_step(taking)
        assert len(names_on(taking)) == number + 1
    assert min(nodes.balancer.served.values()) > 3
    with taking.live():
        for number in range(6, 9):
            registered(giving, f"老张烟酒 {number}")
            in_step(giving)
            until(lambda: len(names_on(taking)) == number + 1)  # noqa: B023  # it is waited for at once
        nodes.command("policy", "set", "visit_fence", "321")
    assert nodes.faults() == []


@dataclass
class Busy:
    """A phone at work beside the test: it registers and syncs until it is told to stop, whatever answers."""

    phone: Replica
    name: str
    stopped: threading.Event
    made: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        """Work."""
        while not self.stopped.is_set():
            self.made.append(f"{self.name} {len(self.made)}")
            registered(self.phone, self.made[-1])
            self.phone.sync()


def killed(node: Node, nodes: Nodes) -> None:
    """It dies with everything that it was doing, and comes back."""
    del nodes
    node.kill()
    node.start()


def paused(node: Node, nodes: Nodes) -> None:
    """It stands still for longer than the balancer waits, and goes on where it was."""
    node.pause()
    before = nodes.balancer.served[node.port]
    until(lambda: nodes.balancer.served[node.port] > before or nodes.balancer.is_rested(node.port))
    until(lambda: nodes.balancer.is_rested(node.port))
    node.resume()


def drained(node: Node, nodes: Nodes) -> None:
    """It is taken out, ends in an orderly way, and is put back, as for an upgrade."""
    nodes.balancer.take_out(node.port)
    node.stop()
    node.start()
    nodes.balancer.put_back(node.port)


def rekeyed(node: Node, nodes: Nodes) -> None:
    """The company gets both keys anew: prepared on one machine, copied to the others, put into use on one of them."""
    for kind in ("signing", "opening"):
        nodes.command("keys", "rotate", kind)
        for other in nodes.each[1:]:
            shutil.copytree(nodes.home / "keys", other.home / "keys", dirs_exist_ok=True)
        node.command("keys", "use")


@pytest.mark.parametrize("nodes", [2.0], indirect=True)
def test_nothing_acknowledged_is_lost_or_done_twice_whatever_becomes_of_a_node(nodes: Nodes, tmp_path: Path) -> None:
    """Two phones work on while nodes are killed, stand still, get other keys and are drained under them, each in turn:
    in the end every outlet stands once in the company and on both phones, both follow the newest keys, and the journal
    and the store are sound.
    """
    rng, stopped = random.Random(20261126), threading.Event()
    phones = [Busy(nodes.phone(REP, tmp_path / name), name, stopped) for name in ("甲", "乙")]
    fates: list[Callable[[Node, Nodes], None]] = [killed, paused, rekeyed, drained, killed]
    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(one) for one in phones]
        try:
            for fate in fates:
                fate(rng.choice(nodes.each), nodes)
        finally:
            stopped.set()
        for ended in working:
            ended.result(120)
    for one in phones:
        in_step(one.phone)
    expected = sorted(name for one in phones for name in one.made)
    for one in phones:
        in_step(one.phone)
        assert names_on(one.phone) == expected
    assert nodes.faults() == []
    assert nodes.command("journal", "verify")["sound"]
    assert nodes.command("keys", "list")["phones"]["followed"] == len(phones)


def given(nodes: Nodes, phones: Sequence[Replica]) -> set[tuple[object, ...]]:
    """What the company has on record as given to these phones: device, scope, version, when last."""
    ours = [phone.device.bytes for phone in phones]

    async def look(means: Means) -> set[tuple[object, ...]]:
        columns = select(holdings.c.device, holdings.c.scope, holdings.c.version, holdings.c.last_at)
        async with means.store.read() as tx:
            return {tuple(row) for row in await tx.execute(columns.where(holdings.c.device.in_(ours)))}

    return nodes.act(look)


@pytest.mark.parametrize("nodes", [2.0], indirect=True)
def test_a_cut_off_holds_on_every_node_from_its_commit(nodes: Nodes, tmp_path: Path) -> None:
    """One node stands still with a phone's request when another carries the cut-off out. Each node has news for the
    three phones and gives them none, the one that goes on neither; and the departure is in the file of each.
    """
    nodes.command("staff", "add", PARTNER, "--role", "rep", "--territory", "城东片区")
    phones = [node.enrolled_with(nodes.code(REP), tmp_path / f"phone-{at}") for at, node in enumerate(nodes.each)]
    partner = nodes.each[0].enrolled_with(nodes.code(PARTNER), tmp_path / "partner")
    held = nodes.each[1]
    for phone in phones:
        registered(phone, "老张烟酒")
    held.pause()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(phones[1].sync)
        nodes.command("offboard", REP, "--yes")
        before = given(nodes, phones)
        registered(partner, "新店烟酒")
        in_step(partner)
        held.resume()
        asking.result(120)
    for phone in (phones[1], phones[2], phones[0]):
        assert State.WIPED in {phone.status().state, phone.sync().state}
    assert (len(before), given(nodes, phones)) == (3 * len({scope for _, scope, *_ in before}), before)
    files = [node.home / "departures.log" for node in nodes.each]
    until(lambda: all(b'"departure"' in one.read_bytes() for one in files))
    held.stop()
    assert "history was lost" not in held.start().log()
    assert nodes.faults() == []
