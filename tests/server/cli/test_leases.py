"""Leases and trips by the command: terms are set, listed and cleared; a trip is asked for, approved and ended."""

from __future__ import annotations

import pytest

from server.values import lasting
from tests.server.cli.conftest import Command
from tests.server.cli.phone import Phone

HOUR, DAY = 3_600_000, 24 * 3_600_000


@pytest.fixture
def device(command: Command) -> str:
    """The id of a phone that somebody has."""
    command.json("staff", "add", "王芳")
    phone = Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    command.json("devices", "confirm", str(phone.id), "--digits", phone.digits)
    return str(phone.id)


def test_terms_are_set_listed_and_cleared(command: Command, device: str) -> None:
    """A role's and a device's own terms stand beside the company's."""
    command.json("leases", "set", "--role", "rep", "--locks-after", "12h", "--erases-after", "3d")
    command.json("leases", "set", "--device", device[-6:], "--locks-after", "90m", "--by", "刘经理")
    listed = command.json("leases", "list")
    assert listed["company"] == {"locks_after": DAY, "erases_after": 7 * DAY, "under_notice": 2 * HOUR}
    assert [(one["role"], one["device"], one["locks_after"], one["erases_after"]) for one in listed["special"]] == [
        ("rep", None, 12 * HOUR, 3 * DAY),
        (None, device, 90 * 60_000, None),
    ]
    assert "90m" in command("leases", "list").out
    assert command.json("leases", "clear", "--role", "rep")["cleared"] is True
    assert command.json("leases", "clear", "--role", "rep")["cleared"] is False
    assert command.journal().count("lease_terms_set") == 2


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--locks-after", "12h"], "whose_lease"),
        (["--role", "rep", "--device", "abcdef", "--locks-after", "1h"], "device_unknown"),
        (["--role", "rep", "--locks-after", "soon"], "bad_length"),
        (["--role", "rep", "--locks-after", "8d"], "bad_value"),
        (["--role", "rep"], "bad_value"),
    ],
)
def test_terms_that_nobody_can_mean_are_refused(command: Command, arguments: list[str], error: str) -> None:
    """With a code that says what to do."""
    assert command("leases", "set", *arguments, "--json").result["error"] == error


def test_a_trip_is_asked_for_approved_by_a_manager_and_ended(command: Command, device: str) -> None:
    """Its state is told at each step; nobody approves their own."""
    asked = command.json("leases", "trip", "ask", device[-6:], "--for", "5d", "--reason", "展会")
    assert command("leases", "trip", "approve", asked["id"], "--by", "王芳", "--json").result["error"] == "not_yours"
    assert [one["matter"]["kind"] for one in command.json("inbox", "list")["items"]] == ["trip_asked"]
    command.json("leases", "trip", "approve", asked["id"], "--by", "刘经理")
    assert [one["id"] for one in command.json("leases", "list")["trips"]] == [asked["id"]]
    assert command.json("leases", "trip", "end", asked["id"], "--by", "刘经理")["ended"] is True
    assert [one["state"] for one in command.json("leases", "trip", "list")["trips"]] == ["revoked"]
    assert command("leases", "trip", "end", "ffffffff", "--by", "刘经理", "--json").result["error"] == "trip_unknown"


@pytest.mark.parametrize(
    ("ms", "shown"), [(None, "—"), (90_000, "90s"), (15 * 60_000, "15m"), (DAY, "1d"), (36 * HOUR, "36h"), (1, "1ms")]
)
def test_lengths_are_shown_as_people_write_them(ms: int | None, shown: str) -> None:
    """In the largest unit that fits."""
    assert lasting(ms) == shown
