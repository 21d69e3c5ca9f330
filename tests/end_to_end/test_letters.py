"""Leases and orders that are carried to a phone without a connection, by the real commands to the real SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from client_sdk import InvalidInput, Replica, ReplicaLocked, ReplicaWiped
from client_sdk.ports import Reply, Request, Unreachable
from sync.machine import State
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.waiting import until

REP = "周海波"


class NoNetwork:
    """A phone in a valley."""

    def send(self, request: Request) -> Reply:
        """Nobody hears it."""
        raise Unreachable(request.path)

    def listen(self, request: Request) -> AbstractContextManager[tuple[int, Iterator[str]]]:
        """Nobody answers."""
        raise Unreachable(request.path)

    def hang_up(self) -> None:
        """There is no stream."""

    def close(self) -> None:
        """There is no connection."""


def offline(deployment: Deployment, phone: Replica, directory: Path) -> Replica:
    """The same phone, opened again where there is no network."""
    phone.close()
    return deployment.reopened(directory, transport=NoNetwork())


def test_a_locked_phone_without_a_network_opens_by_letter_until_that_lease_ends(
    deployment: Deployment, tmp_path: Path
) -> None:
    """The lease of the enrolment runs out; a letter in hexadecimal is accepted, and the archive is there again."""
    deployment.command("leases", "set", "--role", "rep", "--locks-after", "8s")
    phone = deployment.phone(REP, tmp_path / "phone")
    shops = len(phone.outlets.list(size=10_000))
    device = str(phone.device)
    phone = offline(deployment, phone, tmp_path / "phone")
    until(lambda: phone.status().state is State.LOCKED)
    with pytest.raises(ReplicaLocked):
        phone.outlets.list()
    deployment.command("leases", "clear", "--role", "rep")
    letter = deployment.command("devices", "letter", device)
    status = phone.accept(bytes.fromhex(letter["hex"]))
    assert (status.state, status.lease_ends) == (State.OPEN, letter["locks_at"])
    assert len(phone.outlets.list(size=10_000)) == shops
    assert letter["bytes"] < 700


def test_a_letter_is_of_no_use_to_a_colleagues_phone(deployment: Deployment, tmp_path: Path) -> None:
    """It names one device and is sealed to its key."""
    phone = deployment.phone(REP, tmp_path / "phone")
    other = deployment.phone("曹文俊", tmp_path / "other")
    letter = deployment.command("devices", "letter", str(phone.device))
    with pytest.raises(InvalidInput):
        other.accept(bytes.fromhex(letter["hex"]))


def test_an_order_by_letter_wipes_a_phone_without_a_network(deployment: Deployment, tmp_path: Path) -> None:
    """The same at once: what a colleague carries is obeyed, and no lease by letter opens it afterwards."""
    phone = deployment.phone(REP, tmp_path / "phone")
    lease = deployment.command("devices", "letter", str(phone.device))
    order = deployment.command("devices", "lost", str(phone.device), "--yes")["order"]
    phone = offline(deployment, phone, tmp_path / "phone")
    carried = deployment.command("wipes", "letter", order)
    phone.accept(bytes.fromhex(carried["hex"]))
    with pytest.raises(ReplicaWiped):
        phone.outlets.list()
    with pytest.raises(ReplicaWiped):
        phone.accept(bytes.fromhex(lease["hex"]))
