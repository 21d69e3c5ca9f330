"""The company's keys by the command: rotated, listed and retired, and what it refuses rather than lose something."""

from __future__ import annotations

import pytest

from tests.server.cli.conftest import Command
from tests.server.cli.phone import Phone


def states(command: Command, kind: str) -> list[str]:
    """What became of the keys of a kind, the oldest first."""
    return [one["state"] for one in command.json("keys", "list")["keys"] if one["kind"] == kind]


def names(command: Command, kind: str) -> list[str]:
    """The fingerprints of the keys of a kind, the oldest first."""
    return [one["key"] for one in command.json("keys", "list")["keys"] if one["kind"] == kind]


@pytest.fixture
def silent(command: Command) -> Phone:
    """A phone in use that never said that it follows changes of keys."""
    command.json("staff", "add", "王芳")
    phone = Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])
    command.json("devices", "confirm", str(phone.id), "--digits", phone.digits)
    return phone


def test_keys_are_rotated_and_retired_in_their_order(command: Command) -> None:
    """Prepared, then in use, then believed or kept, then gone from the disk; the journal has each."""
    folder = command.home / "keys"
    command.json("keys", "rotate", "signing")
    assert states(command, "signing") == ["in_use", "prepared"]
    assert command("keys", "rotate", "opening", "--json").result["error"] == "keys_prepared"
    assert command.json("keys", "use")["in_use"] == 1
    assert command.json("keys", "use")["used"] == []
    assert states(command, "signing") == ["believed", "in_use"]
    command.json("keys", "rotate", "opening", "--use")
    assert states(command, "opening") == ["kept", "in_use"]
    command.json("keys", "retire", "signing", names(command, "signing")[0], "--use")
    command.json("keys", "retire", "opening", names(command, "opening")[0])
    assert (states(command, "signing"), states(command, "opening")) == (["retired", "in_use"], ["gone", "in_use"])
    assert sorted(one.name for one in folder.glob("*ing*.key")) == ["opening-2.key", "signing-1.key"]
    assert command.journal().count("keys_changed") == 4
    assert command.json("journal", "verify")["sound"]


def test_a_stolen_signing_key_is_retired_in_the_same_act(command: Command) -> None:
    """Its private half is gone from the disk too."""
    used = command.json("keys", "rotate", "signing", "--compromised", "--use")["used"]
    assert [one["turn"] for one in used] == ["signing", "retired"]
    assert states(command, "signing") == ["retired", "in_use"]
    assert not (command.home / "keys" / "signing.key").exists()


def test_phones_that_cannot_follow_are_named_before_anything_changes(command: Command, silent: Phone) -> None:
    """They would lock; whoever says so gives them up."""
    ran = command("keys", "rotate", "signing", "--use", "--json")
    assert (ran.code, ran.result["error"]) == (1, "phones_unaware")
    assert str(silent.id) in ran.err + ran.out
    assert states(command, "signing") == ["in_use"]
    command.json("keys", "rotate", "signing")
    assert command("keys", "use", "--json").result["error"] == "phones_unaware"
    assert command.json("keys", "use", "--even-so")["in_use"] == 1
    assert command.json("keys", "list")["phones"] == {"followed": 0, "behind": 0, "unaware": 1, "astray": 0}


def test_an_opening_key_that_work_may_be_sealed_to_stays(command: Command, silent: Phone) -> None:
    """The phones are named; whoever says so gives up what is on them."""
    command.json("keys", "rotate", "opening", "--use")
    old = names(command, "opening")[0]
    ran = command("keys", "retire", "opening", old, "--json")
    assert (ran.code, ran.result["error"]) == (1, "still_sealed")
    assert str(silent.id) in ran.err + ran.out
    assert (command.home / "keys" / "opening.key").exists()
    assert command.json("keys", "retire", "opening", old, "--even-so")["given_up"] == [str(silent.id)]
    assert states(command, "opening") == ["gone", "in_use"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["retire", "signing", "0000"], "key_unknown"),
        (["retire", "signing", ""], "key_unknown"),
        (["rotate", "opening", "--compromised"], "option_pointless"),
    ],
)
def test_what_nobody_can_mean_is_refused(command: Command, arguments: list[str], error: str) -> None:
    """With a code that says what to do."""
    assert command("keys", *arguments, "--json").result["error"] == error


def test_the_key_in_use_is_not_retired(command: Command) -> None:
    """A company without one could say nothing any more."""
    for kind in ("signing", "opening"):
        assert command("keys", "retire", kind, names(command, kind)[0], "--json").result["error"] == "key_unknown"
