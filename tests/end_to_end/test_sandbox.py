"""Each bad day on command: what a sandbox is told to do is what a phone reports, and the phone gets well again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client_sdk import Replica, ReplicaLocked, ReplicaWiped
from client_sdk.sandbox import SandboxClock
from tests.end_to_end.sandbox import Sandbox
from tests.source import ROOT

REP, COLLEAGUE, OTHER = "周海波", "曹文俊", "吴晓琳"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all; it ends well."""
    made = Sandbox(tmp_path_factory.mktemp("sandbox") / "home")
    yield made
    assert made.end() == 0


@pytest.fixture(scope="module")
def phone(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A rep's phone, filled."""
    replica = sandbox.phone(REP, tmp_path_factory.mktemp("phone"))
    yield replica
    replica.close()


def test_it_begins_with_a_company_and_codes_that_work(sandbox: Sandbox, tmp_path: Path) -> None:
    """The first line says all that a phone and a manager need; the first rep has a district, tasks and a notice."""
    assert [one["name"] for one in sandbox.told["codes"]] == [REP, COLLEAGUE]
    assert {one["login"] for one in sandbox.told["accounts"]} == {"dealer", "manager"}
    code = sandbox.told["codes"][1]["payload"]
    replica = Replica.enrol(code=code, directory=tmp_path, clock=SandboxClock(sandbox.url))
    assert replica.sync().verified
    assert len(replica.outlets.search("店")) > 3
    assert len(replica.today().tasks) >= 3
    assert [one.title for one in replica.notices.list()]
    replica.close()


def test_the_code_of_the_page(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs as it is written, at this sandbox's address."""
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    ran: dict[str, Any] = {"code": sandbox("code", COLLEAGUE)["code"]["code"]}
    exec(block.replace("http://127.0.0.1:8443", sandbox.url), ran)  # noqa: S102  # the page's own code
    assert ran["replica"].sync().verified
    assert (tmp_path / "phone" / "clock.json").is_file()
    ran["replica"].close()


def test_a_lock_and_its_end(sandbox: Sandbox, phone: Replica) -> None:
    """Suspended, the phone locks at its next contact and keeps its work; answered again, it opens."""
    outlet = phone.outlets.search("店")[0]
    phone.visits.log(outlet.id, notes="锁定前")
    sandbox("lock", REP)
    phone.sync()
    status = phone.status()
    assert (status.state, status.why, status.pending) == ("locked", "suspended", 1)
    with pytest.raises(ReplicaLocked):
        phone.outlets.search("店")
    sandbox("unlock", REP)
    assert phone.sync().verified
    assert (phone.status().state, phone.status().pending) == ("open", 0)


def test_no_network_and_a_server_that_fails(sandbox: Sandbox, phone: Replica) -> None:
    """Both are answers of a sync; the second ends by itself after the times that were asked for."""
    sandbox("cut")
    assert phone.sync().ended == "no_network"
    sandbox("mend")
    sandbox("fail", "--times", "1", "--after", "0")
    assert phone.sync().ended == "unavailable"
    assert phone.sync().verified


def test_a_slow_link(sandbox: Sandbox, phone: Replica) -> None:
    """A sync takes the round trips that it is told to take, and is whole all the same."""
    sandbox("slow", "--delay", "150", "--kbit", "0", "--loss", "0")
    began = time.monotonic()
    assert phone.sync().verified
    took = time.monotonic() - began
    sandbox("mend")
    assert took >= 0.3


def test_refused_work_is_mended_on_the_phone(sandbox: Sandbox, phone: Replica) -> None:
    """The outlet is gone before the visit arrives; back again, the same work is taken in."""
    outlet = phone.outlets.search("店")[0]
    phone.visits.log(outlet.id, notes="退回的拜访")
    sandbox("refuse", REP)
    assert phone.sync().outcomes == {"refused": 1}
    (refused,) = phone.refusals.list()
    assert refused.reason == "record_unknown"
    assert sandbox("refuse", REP, "--back")["outlets"] == [str(outlet.id)]
    assert phone.sync().verified
    phone.refusals.mend(refused.id)
    assert phone.sync().verified
    assert phone.refusals.list() == []
    assert [one.notes for one in phone.visits.of(outlet.id)][:1] == ["退回的拜访"]


def test_a_conflict(sandbox: Sandbox, phone: Replica) -> None:
    """The office's value stands over that of the rep, who hears so; another outlet's edit is let through."""
    first, second = phone.outlets.search("店")[:2]
    sandbox("conflict", REP, str(second.id))
    (waits,) = sandbox("state")["waiting"]
    assert (waits["name"], waits["what"], waits["outlet"]) == (REP, "conflict", str(second.id))
    phone.outlets.update(first.id, opening_hours="8:00-20:00")
    phone.outlets.update(second.id, opening_hours="8:00-20:00", phone="13800000000")
    assert phone.sync().outcomes == {"applied": 1, "superseded": 1}
    shown = phone.outlets.get(second.id)
    assert sandbox("state")["waiting"] == []
    assert (shown.opening_hours, shown.phone) == ("8:00-20:00 · 公司 office", "13800008888")


def test_time_that_is_set_lapses_a_lease_without_a_network(sandbox: Sandbox, phone: Replica) -> None:
    """The phone follows the clock though it is cut off; the next contact opens it. Set back, all goes on as well."""
    sandbox("cut")
    sandbox("clock", "+2d")
    assert phone.sync().ended == "no_network"
    assert (phone.status().state, phone.status().why) == ("locked", "locked")
    sandbox("mend")
    assert phone.sync().verified
    sandbox("clock", "real")
    assert phone.sync().verified
    assert phone.status().state == "open"
    assert sandbox.refused("clock", "morgen") == "hour_unreadable"


def test_a_restored_server_gets_its_work_again(sandbox: Sandbox, phone: Replica) -> None:
    """What came after the copy is lost to the server and sent again by the phone, in a new epoch."""
    outlet = phone.outlets.search("店")[2]
    sandbox("mark", "before")
    phone.visits.log(outlet.id, notes="恢复前的拜访")
    assert phone.sync().verified
    assert sandbox("restore")["mark"] == "before"
    assert [phone.sync() for _ in range(3)][-1].verified
    assert [one.notes for one in phone.visits.of(outlet.id)][:1] == ["恢复前的拜访"]


def test_a_phone_that_was_put_back_sends_nothing_twice(sandbox: Sandbox, tmp_path: Path) -> None:
    """A copy from before the last sync is a fork; what it and the original logged is there once."""
    place = tmp_path / "phone"
    phone = sandbox.phone(COLLEAGUE, place)
    outlet = phone.outlets.search("店")[3].id
    phone.visits.log(outlet, notes="副本之前")
    phone.close()
    sandbox.does("fork", "--phone", str(place))
    clock = SandboxClock(sandbox.url, place / "clock")
    with Replica.open(place, clock=clock) as phone:
        phone.visits.log(outlet, notes="副本之后")
        assert phone.sync().sent == 2
    sandbox.does("fork", "--phone", str(place), "--back")
    with Replica.open(place, clock=clock) as phone:
        assert phone.status().pending == 1
        outcomes = [phone.sync() for _ in range(3)]
        assert {code for one in outcomes for code in one.outcomes} == {"duplicate"}
        assert outcomes[-1].verified
        assert sorted(one.notes for one in phone.visits.of(outlet)) == ["副本之前", "副本之后"]
    assert sandbox.refused("fork", "--phone", str(tmp_path)) == "no_phone_there"


def test_it_goes_on_in_its_home(sandbox: Sandbox, phone: Replica) -> None:
    """Ended and started again in the same home: the company, the time and the copies are what they were."""
    sandbox("clock", "+5h")
    sandbox("mark", "later")
    assert sandbox.start_again() == 0
    state = sandbox("state")
    assert state["shift"] >= 5 * 3_600_000
    assert {"start", "later"} <= set(state["marks"])
    assert phone.sync().verified


def test_a_wipe_hands_the_work_in(sandbox: Sandbox, tmp_path: Path) -> None:
    """Somebody leaves: the phone hears its order, hands in what was pending, and is wiped."""
    phone = sandbox.phone(OTHER, tmp_path)
    phone.visits.log(phone.outlets.search("店")[0].id, notes="离职前的拜访")
    assert sandbox("wipe", OTHER)["successor"]
    for _ in range(8):
        phone.sync()
    assert phone.status().state == "wiped"
    assert phone.status().handed_in == 1
    with pytest.raises(ReplicaWiped):
        phone.today()
    phone.close()
    assert sandbox.refused("lock", OTHER) == "no_phone"


def test_digits_are_compared_or_not(sandbox: Sandbox, tmp_path: Path) -> None:
    """A phone that waits for its digits is confirmed by those that it shows, or by command alone."""
    code = sandbox("code", COLLEAGUE, "--confirm")["code"]["payload"]
    replica = Replica.enrol(code=code, directory=tmp_path, clock=SandboxClock(sandbox.url))
    assert replica.status().state == "awaiting"
    assert sandbox.refused("confirm", COLLEAGUE, "--digits", "000000") == "bad_value"
    assert sandbox("confirm", COLLEAGUE)["digits"] == replica.confirmation
    assert replica.sync().verified
    replica.close()


def test_acts_ask_for_the_token(sandbox: Sandbox) -> None:
    """Another user of the machine who finds the address can do nothing there."""
    told = {"Authorization": "Bearer x"}
    asked = urllib.request.Request(f"{sandbox.url}/sandbox/act", b'{"type":"cut"}', told)  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=10)  # noqa: S310
    assert refused.value.code == 403
    refused.value.close()
    assert sandbox("state")["cut"] is False


def test_a_server_for_people_has_none_of_it(sandbox: Sandbox) -> None:
    """The application has no such address, even on a sandbox's home, and loads nothing of the sandbox."""
    script = (
        "import sys; from server.cli.worker import application; "
        "print(*{one.path for one in application().routes}, *sys.modules)"
    )
    environment = {**os.environ, "SAOJIE_HOME": str(sandbox.home)}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    named = run.stdout.split()
    assert "/sync" in named
    assert [one for one in named if "sandbox" in one] == []
