"""A wipe: from the verified order on no process serves a call, nothing opens again, and no pending work is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_sdk.errors import InvalidInput, ReplicaWiped
from client_sdk.keystore import FileKeyStore
from client_sdk.lifecycle import DEVICE_SHARE
from client_sdk.ports import Reply, Request
from client_sdk.replica import Replica
from client_sdk.testing.bad_days import Wiped
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import HERE, World
from sync.codec import decode, encode
from sync.machine import State
from sync.operations import Operation
from sync.records import Outlet, Visit
from sync.signing import opened
from sync.statements import Receipt, ReceiptStage
from tests.client_sdk.seeking import found_plain, found_with_keys


def filled(world: World) -> tuple[Replica, set[str]]:
    """A phone with an archive, and names and phones that must not be found on it later."""
    outlets = [world.outlet(f"京西烟酒第{number}店", phone=f"1380000{number:04d}") for number in range(8)]
    world.contact(outlets[0], "王掌柜", "13712345678")
    replica = world.phone()
    replica.outlets.register(name="刚开的小卖部", position=HERE)
    words = {one.name for one in outlets} | {one.phone for one in outlets} | {"王掌柜", "13712345678", "刚开的小卖部"}
    return replica, words


def receipts(world: World, replica: Replica) -> dict[str, Receipt]:
    """The receipts that the server has, by stage."""
    found = [opened(signed, Receipt) for signed in world.device(replica).receipts.values()]
    return {receipt.stage: receipt for receipt in found}


def test_after_a_wipe_nothing_on_the_phone_is_readable(world: World) -> None:
    """The same search, with every key that is left, finds all names before the wipe and none after it."""
    replica, words = filled(world)
    directory = world.directory / "phone"
    assert found_plain(directory, words) == set()
    assert found_with_keys(directory, words) == words
    world.company.cut_off(world.rep)
    assert replica.sync().ended == "wiped"
    assert found_plain(directory, words) == set()
    assert found_with_keys(directory, words) == set()
    left = {path.name for path in directory.rglob("*") if path.is_file()}
    assert left <= {"keys.db", "keys.db-wal", "keys.db-shm"}


def test_thirty_pending_visits_are_handed_in_and_none_is_readable_on_the_phone(world: World) -> None:
    """Every one arrives whole, once; the phone itself could not have read them any more."""
    outlet = world.outlet()
    replica = world.phone()
    for number in range(30):
        replica.visits.log(outlet.id, notes=f"离职前的拜访{number}")
    order = world.company.order_wipe(world.device(replica))
    world.server.cut()
    replica.accept(encode(order))
    words = {f"离职前的拜访{number}" for number in range(30)}
    assert found_with_keys(world.directory / "phone", words) == set()
    assert replica.status().pending == 30
    world.server.mend()
    report = replica.sync()
    assert (report.ended, report.handed_in) == ("wiped", 30)
    (bodies,) = world.device(replica).handed_in.values()
    operations = [decode(body, Operation) for body in bodies]
    assert len({one.id for one in operations}) == 30
    assert all(f"拜访{number}".encode() in bodies[number] for number in range(30))
    assert world.in_master(Visit) == []


def test_a_large_outbox_is_handed_in_by_bounded_requests(world: World) -> None:
    """No request carries more than 256 KB of rows."""
    outlet = world.outlet()
    replica = world.phone()
    for _ in range(100):
        replica.visits.log(outlet.id, notes="x" * 4000)
    order = world.company.order_wipe(world.device(replica))
    replica.accept(encode(order))
    assert replica.sync().handed_in == 100
    sizes = [sum(len(row.body) for row in one.sealed.rows) for one in world.server.asked if one.sealed is not None]
    assert len(sizes) > 1
    assert max(sizes) <= 256 * 1024


def test_from_the_order_on_no_process_serves_a_call(world: World) -> None:
    """A second process that has the replica open raises at its next call; so does a third that opens it."""
    replica, _ = filled(world)
    other = world.opened()
    assert other.outlets.list()
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    third = world.opened()
    for phone in (replica, other, third):
        for call in (phone.outlets.list, phone.today, phone.drafts.list, phone.outcomes):
            with pytest.raises(ReplicaWiped):
                call()
    assert other._device._open is None


def test_told_and_wiped_are_two_receipts(world: World) -> None:
    """Told before anything is destroyed, locked when the share is, drained when the work is in, wiped last."""
    replica, _ = filled(world)
    order = world.company.order_wipe(world.device(replica))
    world.server.cut()
    replica.accept(encode(order))
    keys = replica._device.keys
    stages = [opened(signed, Receipt).stage for signed in keys.receipts_to_send()]
    assert stages == [ReceiptStage.TOLD, ReceiptStage.LOCKED]
    world.server.mend()
    replica.sync()
    found = receipts(world, replica)
    assert set(found) == {"told", "locked", "drained", "wiped"}
    assert (found["told"].pending, found["wiped"].pending, found["wiped"].handed_in) == (1, 0, 1)


def test_the_device_key_goes_last(world: World) -> None:
    """It signs the receipts, so it stands until the final one is acknowledged."""
    replica, _ = filled(world)
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    store = replica._device.ports.keystore
    assert store.get("device_share") is store.get("lease_share") is None
    assert store.get("device_key") is not None
    replica.sync()
    assert replica.status().state is State.WIPED
    assert store.get("device_key") is None


def test_a_phone_without_a_network_waits_with_its_receipts(world: World) -> None:
    """Whatever dies in between, the wipe goes on with the next process and the next network."""
    replica, words = filled(world)
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    world.server.cut()
    for _ in range(3):
        replica.close()
        world.time.now += 90 * DAY
        replica = world.opened()
        assert replica.sync().ended == "wiped"
        assert replica.status().why == "ending"
    world.server.mend()
    replica.sync()
    assert replica.status().why == "ended"
    assert set(receipts(world, replica)) == {"told", "locked", "drained", "wiped"}
    assert found_with_keys(world.directory / "phone", words) == set()


@pytest.mark.parametrize("when", ["awaiting", "locked", "erased"])
def test_an_order_is_obeyed_in_every_state(world: World, when: str) -> None:
    """Not yet confirmed, locked, or erased: the phone ends wiped, with what was pending handed in."""
    outlet = world.outlet()
    replica = world.enrolled(confirm=when == "awaiting")
    replica.sync()
    pending = when != "awaiting"
    if pending:
        replica.visits.log(outlet.id, notes="pending")
    world.time.now += {"awaiting": 0, "locked": DAY, "erased": 9 * DAY}[when]
    assert replica.status().state == when
    world.company.cut_off(world.rep)
    report = replica.sync()
    assert (report.state, report.handed_in) == (State.WIPED, int(pending))


def test_only_the_company_can_order_a_wipe(world: World) -> None:
    """Another key's order, another device's, another kind of statement, noise: refused, and work goes on."""
    replica, _ = filled(world)
    device = world.device(replica)
    order = world.company.order_wipe(device)
    device.standing, device.orders = type(device.standing).ACTIVE, []
    stranger = World(world.directory / "stranger", seed=99)
    theirs = stranger.company.order_wipe(stranger.device(stranger.phone()))
    forged = type(order)(order.kind, order.body, order.key, bytes(64))
    other_kind = type(order)(type(order.kind).LEASE, order.body, order.key, order.signature)
    for signed in (encode(theirs), encode(forged), encode(other_kind), b"", b"\xc1", encode(5)):
        with pytest.raises(InvalidInput):
            replica.accept(signed)
    assert replica.status().state is State.OPEN
    assert replica.all(Outlet)


def test_a_forged_order_in_an_answer_is_passed_over(world: World) -> None:
    """Orders in answers are verified with the pinned keys like all others."""
    replica, _ = filled(world)
    device = world.device(replica)
    order = world.company.order_wipe(device)
    device.standing, device.share = type(device.standing).ACTIVE, b"x" * 32
    device.orders = [type(order)(order.kind, order.body, order.key, bytes(64))]
    replica.sync()
    assert replica.status().state is State.OPEN


def test_an_order_stops_everything_else_in_its_answer(world: World) -> None:
    """Nothing of the page that came with it is stored."""
    replica, _ = filled(world)
    device = world.device(replica)
    world.outlet("不该到手的店")
    order = world.company.order_wipe(device)
    device.standing, device.share, device.orders = type(device.standing).ACTIVE, b"x" * 32, [order]
    opened_files: list[str] = []
    replica._device.ports.disk._step = opened_files.append
    replica.sync()
    assert replica.status().state in {State.CLEARED, State.DRAINED, State.WIPED}
    assert not any("INSERT INTO row" in one for one in opened_files)


def test_a_wiped_phone_says_nothing_more(world: World, wiped: Wiped) -> None:
    """After the final receipt nothing is sent: whatever it said would contradict it."""
    said = len(world.server.asked)
    report = wiped.sync()
    assert (report.ended, report.rounds) == ("wiped", 0)
    assert len(world.server.asked) == said


def test_in_a_departure_only_receipts_and_sealed_rows_are_sent(world: World) -> None:
    """No cursors, no operations, no wants: what would contradict a receipt is not said."""
    replica, _ = filled(world)
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    begun = len(world.server.asked)
    replica.sync()
    for one in world.server.asked[begun:]:
        assert (one.cursors, one.operations, one.wants, one.sums, one.outbox) == ({}, (), {}, {}, None)
        assert one.receipts or one.sealed


def test_an_answer_that_is_lost_in_the_drain_costs_nothing(world: World) -> None:
    """Rows and receipts come again and are known already."""
    outlet = world.outlet()
    replica = world.phone()
    for number in range(4):
        replica.visits.log(outlet.id, notes=str(number))
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    lost = 0

    def losing(_request: Request, reply: Reply) -> Reply:
        nonlocal lost
        lost += 1
        return Reply(200, {}, b"") if lost % 2 else reply

    world.server.fault = losing
    for _ in range(12):
        replica.sync()
    (bodies,) = world.device(replica).handed_in.values()
    assert (replica.status().state, len(bodies)) == (State.WIPED, 4)


class Noting(FileKeyStore):
    """Notes whether the replica's log lay there when the device share went."""

    def __init__(self, directory: Path, log: Path) -> None:
        super().__init__(directory)
        self._log = log
        self.found: list[bool] = []

    def destroy(self, name: str) -> None:
        """Note it, then destroy."""
        if name == DEVICE_SHARE:
            self.found.append(self._log.exists())
        super().destroy(name)


def test_the_share_goes_before_anything_is_written_to_the_replica(world: World) -> None:
    """Closing the file would move its log into it, which takes longer than all that comes before the share."""
    outlet = world.outlet()
    world.phone().close()
    path = world.directory / "phone"
    store = Noting(path / "keystore", path / "replica.db-wal")
    replica = Replica.open(path, keystore=store, **world.ports(path))
    replica.visits.log(outlet.id)
    world.company.cut_off(world.rep)
    assert replica.sync().ended == "wiped"
    assert store.found[0]
    assert not list(path.glob("replica.db*"))
