"""A sandbox keeps to itself: to this machine, to a home of its own; and its commands find the one that is meant."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from client_sdk.testing import fixtures
from server.cli.root import saojie
from server.cli.sandbox.copies import copy_phone, put_back
from server.cli.sandbox.home import Address, Places, found
from server.cli.sandbox.time import SandboxTime, Setting
from server.cli.talk import Failure
from tests.source import ROOT

HOUR, DAY = 3_600_000, 86_400_000
NOON = 1_800_000_000_000
ZONE = "Asia/Shanghai"


def served(*words: str) -> Result:
    """`saojie serve WORDS`, which does not come to serving."""
    return CliRunner().invoke(saojie, ["serve", *words, "--json"])


def error_of(result: Result) -> str:
    """The code with which a command ended."""
    assert result.exit_code == 1, result.output
    return str(json.loads(result.stdout.splitlines()[-1])["error"])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::"])  # noqa: S104  # it is refused
def test_it_answers_no_other_machine(host: str) -> None:
    """Whatever address is asked for, a sandbox is on the loopback alone."""
    assert error_of(served("--sandbox", "--host", host)) == "sandbox_is_local"


def test_a_time_with_a_hyphen_is_no_option(tmp_path: Path) -> None:
    """`-3h` is taken as it is typed: all that is amiss here is that no sandbox runs."""
    typed = CliRunner().invoke(saojie, ["sandbox", "clock", "-3h", "--home", str(tmp_path), "--json"])
    assert error_of(typed) == "no_sandbox"


def test_a_companys_home_never_becomes_a_sandbox(tmp_path: Path) -> None:
    """A home that has anything in it is somebody's: nothing is changed there."""
    (tmp_path / "saojie.db").write_bytes(b"a company")
    assert error_of(served("--sandbox", "--home", str(tmp_path))) == "not_a_sandbox"
    assert [one.name for one in tmp_path.iterdir()] == ["saojie.db"]


def test_a_sandbox_has_no_other_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a deployment says nothing to it, and its own settings name no database."""
    monkeypatch.setenv("SAOJIE_PORT", "nonsense")
    Places(tmp_path).make(tmp_path)
    (tmp_path / "settings.toml").write_text('database_url = "postgresql://db/saojie"', "utf-8")
    (tmp_path / "settings.toml").chmod(0o600)
    assert error_of(served("--sandbox", "--home", str(tmp_path), "--port", "0")) == "sandbox_is_local"


def test_its_options_go_with_it() -> None:
    """A server for people takes none of them silently."""
    assert error_of(served("--home", "x")) == "option_missing"
    assert error_of(served("--confirm")) == "option_missing"


def running(home: Path, url: str, process: int) -> Path:
    """A home with the address of a sandbox that runs as this process."""
    places = Places(home)
    places.make(home)
    places.keep(Address(url, f"{url}1", "token", process))
    return home


def test_its_commands_find_the_one_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By home, by address, or because it is the only one that still runs; of several none is guessed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("SAOJIE_HOME", raising=False)
    with pytest.raises(Failure, match="no_sandbox"):
        found(None, None)
    one = running(tmp_path / "saojie-sandbox-one", "http://127.0.0.1:1", os.getpid())
    running(tmp_path / "saojie-sandbox-gone", "http://127.0.0.1:3", 2**22 + 1)
    assert found(None, None).url == "http://127.0.0.1:1"
    running(tmp_path / "saojie-sandbox-two", "http://127.0.0.1:2", os.getpid())
    with pytest.raises(Failure, match="sandbox_ambiguous"):
        found(None, None)
    assert found(None, "http://127.0.0.1:2").url == "http://127.0.0.1:2"
    assert found(one, None).url == "http://127.0.0.1:1"
    monkeypatch.setenv("SAOJIE_HOME", str(running(tmp_path / "named", "http://127.0.0.1:4", os.getpid())))
    assert found(None, "http://127.0.0.1:4").url == "http://127.0.0.1:4"


def test_a_home_has_one_sandbox_at_a_time(tmp_path: Path) -> None:
    """A second one is refused while the first runs; once that is gone, also by a kill, it may begin."""
    running(tmp_path, "http://127.0.0.1:1", os.getpid())
    assert error_of(served("--sandbox", "--home", str(tmp_path), "--port", "0")) == "sandbox_running"
    Places(tmp_path).keep(Address("http://127.0.0.1:1", "http://127.0.0.1:2", "token", 2**22 + 1))
    Places(tmp_path).make(tmp_path)


def test_the_token_is_closed_to_others(tmp_path: Path) -> None:
    """Whoever else uses the machine reads neither the address's file nor its folder."""
    places = Places(running(tmp_path / "home", "http://127.0.0.1:1", os.getpid()))
    assert (places.address.stat().st_mode & 0o777, places.folder.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("typed", "ahead"),
    [("+2d", 2 * DAY), ("-3h", -3 * HOUR), ("+90m", 90 * 60_000), ("2027-01-15T17:00", HOUR), ("real", 0)],
)
def test_time_is_set_as_people_write_it(tmp_path: Path, typed: str, ahead: int) -> None:
    """From now, to an hour of the company's, or back to this machine's; it is kept for the next start."""
    time = SandboxTime(tmp_path / "time.json", lambda: NOON)
    assert time.set_to(typed, ZONE) == ahead
    assert time.now() == NOON + ahead
    assert SandboxTime(tmp_path / "time.json", lambda: NOON).now() == NOON + ahead


@pytest.mark.parametrize("typed", ["", "tomorrow", "+2", "2d", "2027-02-30T08:00", "+999999d"])
def test_what_is_no_time_is_refused(tmp_path: Path, typed: str) -> None:
    """Nothing is set then."""
    time = SandboxTime(tmp_path / "time.json", lambda: NOON)
    with pytest.raises(Failure, match="hour_unreadable"):
        time.set_to(typed, ZONE)
    assert time.setting == Setting(0, NOON)


def test_a_run_of_time_ends_only_where_it_is_set_back(tmp_path: Path) -> None:
    """Phones take that for a boot; forward is no new run, and nothing moves for a time that has come."""
    time = SandboxTime(tmp_path / "time.json", lambda: NOON)
    assert time.let_come(NOON + HOUR) == HOUR
    assert time.let_come(NOON) == 0
    assert time.setting.began == NOON
    time.set_to("real", ZONE)
    assert time.setting.began == NOON
    time.set_to("-1h", ZONE)
    assert time.setting.began == NOON - HOUR


def test_a_phone_is_copied_and_put_back(tmp_path: Path) -> None:
    """Whole, as often as somebody likes; a directory of something else is left alone."""
    phone = tmp_path / "phone"
    phone.mkdir()
    with pytest.raises(Failure, match="no_phone_there"):
        copy_phone(phone)
    (phone / "keys.db").write_bytes(b"old")
    with pytest.raises(Failure, match="no_copy"):
        put_back(phone)
    copy_phone(phone)
    for _ in range(2):
        (phone / "keys.db").write_bytes(b"new")
        (phone / "outbox.db").write_bytes(b"new")
        put_back(phone)
        assert {one.name: one.read_bytes() for one in phone.iterdir()} == {"keys.db": b"old"}


def test_each_bad_day_of_a_test_is_one_of_the_sandbox() -> None:
    """The page names for each fixture the command that brings the same about."""
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    named = re.findall(r"^\| `saojie sandbox .*\| `(\w+)` \|$", page, re.MULTILINE)
    assert sorted(named) == sorted(set(fixtures.__all__) - {"district", "replica", "world"})


def test_the_page_names_every_command() -> None:
    """What there is to force stands on the page, in its table."""
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    named = set(re.findall(r"^\| `saojie sandbox (\w+)", page, re.MULTILINE))
    help_ = CliRunner().invoke(saojie, ["sandbox", "--help"])
    assert help_.exit_code == 0
    from server.cli.sandbox.commands import sandbox  # noqa: PLC0415  # as the command itself loads it

    assert set(sandbox.commands) - named == {"confirm"}
