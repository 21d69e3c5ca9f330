"""Every store, every replica and every phone that a past version left is taken over whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from server.departure.checkpointing import checkpoint
from server.departure.means import Means
from server.field import dead_letters
from server.master.tables import scopes
from sync.machine import State
from tests.past.harness import PHONES, Past, served
from tests.past.looking import faults, flaws, notes

AHEAD = "0022"


async def _digests(means: Means) -> dict[str, tuple[int, bytes]]:
    async with means.store.read() as tx:
        rows = await tx.execute(select(scopes.c.name, scopes.c.count, scopes.c.digest))
        return {name: (count, bytes(digest)) for name, count, digest in rows}


@pytest.mark.parametrize("step", PHONES)
def test_a_replica_of_the_past_opens_and_hands_in_what_was_pending_once(step: str, url: str, tmp_path: Path) -> None:
    """Before the first contact all that it held is there; afterwards both sides have the same, and the work of then."""
    past = Past(step, tmp_path / "past", url)
    past.upgrade()
    with served(past) as line:
        phone = past.phone("one", line)
        assert {name: count for name, (count, _) in phone.digests().items()} == past.held
        assert phone.status().pending == 2
        (shop,) = phone.outlets.search("甲记烟酒行")
        assert (shop.phone, shop.stock["SKU-1"].sold) == ("13800000000", 5)
        assert sorted(one.notes for one in phone.visits.of(shop.id)) == ["acknowledged", "pending"]
        report = phone.sync()
        assert (report.sent, report.verified, phone.refusals.list()) == (2, True, [])
        assert phone.sync().sent == 0
        held = phone.digests()
        phone.close()
    master = past.act(_digests)
    assert {name: master[name] for name in held} == held
    assert past.act(notes)["pending"] == 1
    assert past.act(faults) == 0


def test_a_phone_of_the_past_whose_person_left_hears_of_it_and_hands_in(tmp_path: Path) -> None:
    """Schema 1, an order that it never heard: no record, its work in quarantine, the phone wiped."""
    past = Past("0005", tmp_path / "past")
    past.upgrade()
    with served(past) as line:
        phone = past.phone("leaver", line)
        report = phone.sync()
        assert (report.state, report.received, report.handed_in) == (State.WIPED, 0, 1)
        phone.close()
    assert past.act(faults) == 0


def test_what_a_server_one_behind_refused_is_applied_once_it_has_caught_up(tmp_path: Path) -> None:
    """A phone of schema 3 met a server of schema 2: the visit went in, the practice was kept whole. After the upgrade
    it is replayed, what was pending goes in, and the phone has both.
    """
    past = Past(AHEAD, tmp_path / "past")
    past.upgrade()

    async def letters(means: Means) -> list[dead_letters.DeadLetter]:
        async with means.store.read() as tx:
            return list(await dead_letters.listed(tx))

    async def replayed(means: Means) -> None:
        for one in await letters(means):
            await dead_letters.replay(means.store, means.sources, one.id)

    assert [(one.reason, one.detail) for one in past.act(letters)] == [("unknown_collection", "practice")]
    assert past.act(notes)["ahead"] == 1
    with served(past) as line:
        phone = past.phone("ahead", line)
        assert [one.reason for one in phone.refusals.list()] == ["unknown_collection"]
        past.act(replayed)
        assert phone.sync().verified
        assert phone.sync().verified
        assert {one.title for one in phone.practices.mine()} == {"陈列", "拜访"}
        assert phone.refusals.list() == []
        phone.close()
    assert past.act(letters) == []
    assert past.act(faults) == 0


def test_going_back_is_a_restore_and_phones_send_again_what_the_backup_does_not_have(tmp_path: Path) -> None:
    """After the upgrade a phone handed in; then the backup from before it is put back: each thing is there once.

    What is left to be told is that the phone has a checkpoint of the history that was given up.
    """
    past = Past(PHONES[-1], tmp_path / "past")
    database = past.settings.home / "saojie.db"
    backup = database.read_bytes()
    past.upgrade()
    with served(past) as line:
        phone = past.phone("one", line)
        assert phone.sync().sent == 2
        past.act(checkpoint)
        assert phone.sync().ended == "done"
        phone.close()
    assert past.act(notes)["pending"] == 1
    for path in past.settings.home.glob("saojie.db*"):
        path.unlink()
    database.write_bytes(backup)
    past.upgrade()
    assert past.act(notes)["pending"] == 0
    with served(past) as line:
        phone = past.phone("one", line)
        assert [phone.sync().ended for _ in range(2)][-1] == "done"
        (shop,) = phone.outlets.search("甲记烟酒行")
        assert sorted(one.notes for one in phone.visits.of(shop.id)) == ["acknowledged", "pending"]
        assert (phone.status().pending, phone.refusals.list()) == (0, [])
        phone.close()
    assert past.act(notes) == {"acknowledged": 6, "pending": 1}
    assert past.act(flaws) == ["witness_differs"]
