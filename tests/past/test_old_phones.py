"""Phones as every past version of the SDK left them, opened by this one: killed anywhere, they lose nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client_sdk.local.schema import STEPS as REPLICA
from client_sdk.outbox_rows import SCHEMA as OUTBOX
from client_sdk.replica import Replica
from tests.forking import DONE, Forker
from tests.past.harness import PHONES, Past

EVERY = pytest.mark.parametrize("step", PHONES)


@pytest.fixture(scope="module")
def opener() -> Iterator[Forker]:
    """A process that opens phones."""
    with Forker("tests.past.opening") as running:
        yield running


def opened(past: Past, name: str) -> Replica:
    """A phone without a network."""
    nowhere: Any = None
    return past.phone(name, nowhere)


def holds_all(past: Past, phone: Replica) -> None:
    """What the version of then had stored and laid over it, and what was pending."""
    assert {name: count for name, (count, _) in phone.digests().items()} == past.held
    status = phone.status()
    assert (status.state, status.why, status.pending) == ("open", "behind", 2)
    (shop,) = phone.outlets.search("甲记烟酒行")
    assert (shop.phone, shop.stock["SKU-1"].sold) == ("13800000000", 5)
    assert sorted(one.notes for one in phone.visits.of(shop.id)) == ["acknowledged", "pending"]
    (other,) = phone.outlets.search("乙烟酒")
    assert other.address == "东升大道 1 号"


def forms_of(past: Past) -> tuple[int, int]:
    """How many steps the replica and the outbox of the phone have taken, as it was left."""
    phone = opened(past, "one")
    device, places = phone._device, phone._device.places
    key = device._data_key()
    assert key is not None
    found = []
    for file in (device.ports.disk.sealed(places.replica, key), device.ports.disk.plain(places.outbox)):
        found.append(int(file.one("PRAGMA user_version")[0]))
        file.close()
    device.close()
    return found[0], found[1]


def brought_to(past: Past, replica: int, outbox: int) -> None:
    """Let the phone's files take so many steps, as versions in between did."""
    device = opened(past, "one")._device
    key = device._data_key()
    assert key is not None
    for file, steps in (
        (device.ports.disk.sealed(device.places.replica, key), REPLICA[:replica]),
        (device.ports.disk.plain(device.places.outbox), OUTBOX[:outbox]),
    ):
        file.migrate(steps)
        file.close()
    device.close()


@EVERY
def test_a_phone_is_killed_anywhere_while_its_files_are_upgraded(step: str, tmp_path: Path, opener: Forker) -> None:
    """Before each statement, commit and act on a file, until an opening comes through."""
    past = Past(step, tmp_path / "past")
    left = tmp_path / "left"
    shutil.copytree(past.folder / "one", left)
    stop, ended = 0, -1
    while ended != DONE:
        stop += 1
        shutil.rmtree(past.folder / "one")
        shutil.copytree(left, past.folder / "one")
        ended = opener.run(str(past.folder / "one"), past.now, stop)
        with opened(past, "one") as phone:
            holds_all(past, phone)
    assert stop > 3


@pytest.mark.parametrize("form", range(1, len(REPLICA)))
def test_every_form_that_a_replica_ever_had_opens(form: int, tmp_path: Path) -> None:
    """Also those of versions between the ones that left a phone."""
    for number, step in enumerate(PHONES):
        past = Past(step, tmp_path / f"past-{number}")
        replica, outbox = forms_of(past)
        if replica <= form:
            for box in range(outbox, len(OUTBOX) + 1):
                again = Past(step, tmp_path / f"past-{number}-{box}")
                brought_to(again, form, box)
                with opened(again, "one") as phone:
                    holds_all(again, phone)
