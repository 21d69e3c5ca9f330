"""`saojie health`: how the devices are."""

from __future__ import annotations

from tests.server.cli.conftest import Command
from tests.server.cli.phone import Phone


def test_a_device_is_listed_with_what_is_wrong(command: Command) -> None:
    """In words for a person, and as names for a program; the worst comes first."""
    command.json("staff", "add", "王芳")
    first = Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    waiting = command.json("health")
    assert (waiting["troubled"], waiting["devices"][0]["troubles"]) == (1, ["awaiting"])
    command.json("devices", "confirm", str(first.id), "--digits", first.digits)
    command.json("staff", "add", "李强")
    second = Phone.enrolled(command.home, command.json("enrol", "李强")["code"])
    command.json("devices", "confirm", str(second.id), "--digits", second.digits)
    command.json("devices", "suspend", str(second.id), "--reason", "lost")
    found = command.json("health")
    assert [(one["staff_name"], "suspended" in one["troubles"]) for one in found["devices"]] == [
        ("李强", True),
        ("王芳", False),
    ]
    told = command("health")
    assert told.code == 0
    assert {"suspended", "李强"} <= set(told.out.split())
    assert "王芳" not in told.out.split()


def test_where_nothing_is_enrolled_nothing_is_wrong(command: Command) -> None:
    """The command says so."""
    told = command("health")
    assert told.code == 0
    assert "0 devices, something is wrong with 0" in told.out
