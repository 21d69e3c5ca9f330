"""`saojie conformance wipe` on every change: it holds on a deployment of ours, and it fails where a wipe would not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.cli.conformance.after import gives
from server.cli.conformance.asking import Given
from server.cli.conformance.ground import PLACE
from server.cli.conformance.looking import (
    must_be_all_there,
    must_be_readable,
    must_be_unreadable,
    must_have_photos,
    must_have_receipts,
)
from server.cli.talk import Failure
from server.departure import quarantine
from server.departure.means import Means
from server.departure.orders import Order, OrderState
from server.departure.photo_records import PhotoState
from server.departure.quarantine import Quarantined
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.write import apply
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.messages import Standing
from sync.operations import Act, Operation, changes_of
from sync.scopes import COMPANY
from tests.end_to_end.deployment import PROGRAM, Deployment

REP = "周海波"
STEPS = [
    "ready", "enrol", "fill", "readable_before", "asked_before", "live", "offline", "cut_off", "no_records",
    "live_phone", "letter", "away_phones", "locked", "drained", "unreadable", "cleared",
]  # fmt: skip
ALL = ["told", "locked", "drained", "wiped"]


def checked(home: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """One run of the command: its exit code, and the object that it ends with."""
    env = os.environ | {"SAOJIE_HOME": str(home), "SAOJIE_LANGUAGE": "en", "TMPDIR": str(home.parent)}
    line = [*PROGRAM, "conformance", "wipe", "--json", *words]
    ran = subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=240)
    return ran.returncode, msgspec.json.decode(ran.stdout.splitlines()[-1])


def steps_of(found: dict[str, Any]) -> list[str]:
    """The steps that held."""
    return [one["step"] for one in found["steps"]]


def test_it_holds_on_a_deployment_that_it_starts_itself(tmp_path: Path) -> None:
    """Every step with its time; nothing is left of the deployment, and none that is there is touched."""
    place = tmp_path / "place"
    place.mkdir()
    code, found = checked(place / "home")
    assert (code, found["conforms"], found["failed"], steps_of(found)) == (0, True, None, STEPS)
    facts = {one["step"]: one["facts"] for one in found["steps"]}
    assert facts["readable_before"]["readable"] == facts["readable_before"]["words"] > 40
    assert facts["asked_before"]["records"] > 40
    assert (facts["no_records"]["records"], facts["unreadable"]["readable"]) == (0, 0)
    assert facts["drained"]["photos"] == 2
    assert facts["drained"]["quarantined"] == facts["drained"]["pending"] >= 20
    assert list(place.iterdir()) == []


def outlets_in(deployment: Deployment) -> dict[str, int]:
    """How many outlets each territory has, by export."""
    file = deployment.home / "list.csv"
    deployment.command("export", str(file))
    rows = file.read_text("utf-8-sig").splitlines()[1:]
    return {"rows": len(rows), "of the check": sum(PLACE in row or "检查" in row for row in rows)}


def require_reading(deployment: Deployment) -> None:
    """The company has a notice that every phone has to acknowledge before its archive opens."""

    async def post(means: Means) -> None:
        now, name = means.sources.now(), means.sources.new_id()
        fields = changes_of(title="保密须知", body="客户资料归公司所有。", must_acknowledge=True)
        made = Operation(name, Act.CREATE, "notice", name, 0, Moment("desk", now, now), COMPANY, fields)
        actor = Actor(means.sources.random(16), Rights(Authority.MANAGER), COMPANY)
        async with means.store.write() as tx:
            handed = Submission(1, encode(made), Bounds(now, now, now), made)
            (outcome,) = (await apply(tx, actor, [handed], Batch(now, means.sources.random))).outcomes
        assert outcome.code == "applied"

    deployment.act(post)


def test_it_holds_on_a_running_deployment_and_leaves_nothing_of_its_own(deployment: Deployment, tmp_path: Path) -> None:
    """The archive is as it was, a colleague's phone never notices, nothing waits for anybody, every sum is right."""
    require_reading(deployment)
    colleague = deployment.phone(REP, tmp_path / "colleague")
    (notice,) = colleague.notices.list(unread=True)
    colleague.notices.acknowledge(notice.id)
    assert colleague.sync().verified
    before, held = outlets_in(deployment), colleague.digests()
    waited = deployment.command("inbox", "list")["items"]
    code, found = checked(deployment.home, "--url", deployment.url)
    assert (code, found["failed"], steps_of(found)) == (0, None, STEPS)
    assert outlets_in(deployment) == before
    assert before["of the check"] == 0
    assert colleague.sync().verified
    assert {name: sums for name, sums in colleague.digests().items() if "territory" in name} == {
        name: sums for name, sums in held.items() if "territory" in name
    }
    staff = deployment.command("staff", "list")["staff"]
    assert [one["status"] for one in staff if "conformance" in one["name"]] == ["departed"]
    assert deployment.command("territory", "roster", PLACE)["roster"] == []
    assert deployment.command("wipes", "list")["wipes"] == []
    assert deployment.command("inbox", "list")["items"] == waited

    async def waiting(means: Means) -> list[str]:
        async with means.store.read() as tx:
            return [one.state for one in await quarantine.listed(tx) if one.state in quarantine.OPEN]

    assert deployment.act(waiting) == []
    assert deployment.faults() == []


def test_where_no_server_answers_it_says_at_which_step_it_ended_and_what_to_do(deployment: Deployment) -> None:
    """Exit code 1, the step, a code and a sentence in both languages; and nobody is left who could sync."""
    deployment.stop()
    code, found = checked(deployment.home, "--url", deployment.url)
    assert (code, found["conforms"], found["failed"]["step"], found["failed"]["error"]) == (
        1,
        False,
        "ready",
        "no_server",
    )
    assert "start it" in found["failed"]["en"]
    assert "请启动" in found["failed"]["zh"]


# ---- a wipe that does not hold is seen ------------------------------------------------


def test_a_directory_that_was_not_wiped_fails(deployment: Deployment, tmp_path: Path) -> None:
    """A phone that went on as if nothing had happened, whole and with its keys: each of its words is found."""
    phone = deployment.phone(REP, tmp_path / "phone")
    words = [one.name for one in phone.outlets.list(size=40)]
    phone.close()
    assert must_be_readable(tmp_path / "phone", words)["readable"] == len(words)
    with pytest.raises(Failure, match="still_readable"):
        must_be_unreadable(tmp_path / "phone", words)


def test_one_file_that_survives_a_wipe_fails(tmp_path: Path) -> None:
    """One word in one leftover file is enough, whatever its name."""
    (tmp_path / "keystore").mkdir()
    assert must_be_unreadable(tmp_path, ["检查店"])["readable"] == 0
    (tmp_path / "replica.db-wal").write_bytes(b"\x00\x17" + "检查店".encode() + b"\x00")
    with pytest.raises(Failure, match="still_readable"):
        must_be_unreadable(tmp_path, ["检查店"])


def test_a_search_that_cannot_find_what_is_there_fails(tmp_path: Path) -> None:
    """A check that found nothing before the wipe would find nothing after it either: it is no proof."""
    (tmp_path / "replica.db").write_bytes(b"\x17" * 4096)
    with pytest.raises(Failure, match="search_blind"):
        must_be_readable(tmp_path, ["检查店"])


def order(**given: Any) -> Order:
    """An order that came to its end, with what is given instead."""
    one = Order(
        UUID(int=1), UUID(int=2), UUID(int=3), "left", 100, OrderState.WIPED, 110, 120, 130, 140, None, None, None,
        None, 140,
    )  # fmt: skip
    return msgspec.structs.replace(one, **given)


@pytest.mark.parametrize(
    ("given", "stages"),
    [
        ({"state": OrderState.DRAINED, "wiped_at": None}, ALL[:3]),
        ({}, ["told", "locked", "wiped"]),
        ({"locked_at": 135}, ALL),
        ({"contradicted_at": 150}, ALL),
    ],
    ids=["not wiped", "a receipt is missing", "drained before it locked", "contradicted"],
)
def test_receipts_that_do_not_prove_it_fail(given: dict[str, Any], stages: list[str]) -> None:
    """Each stage has its receipt, in order, and nothing was heard afterwards."""
    assert must_have_receipts(order(), ALL)["wiped_ms"] == 40
    with pytest.raises(Failure, match="receipts_missing"):
        must_have_receipts(order(**given), stages)


def item(number: int, notes: str) -> Quarantined:
    """A visit in quarantine."""
    visit = Operation(
        UUID(int=number), Act.CREATE, "visit", UUID(int=number), 0, Moment("boot", 1, 1), None,
        changes_of(outlet=UUID(int=9), notes=notes),
    )  # fmt: skip
    name, bounds = UUID(int=number), Bounds(1, 1, 1)
    return Quarantined(name, name, name, name, b"o" * 16, number, 1, bounds, False, "waiting", visit, None)


def test_work_that_did_not_arrive_whole_fails() -> None:
    """All that was pending, each once, with every word."""
    items = [item(1, "第一次"), item(2, "第二次")]
    assert must_be_all_there(items, 2, ["第一次", "第二次"])["quarantined"] == 2
    for lacking in (items[:1], [items[0], items[0]], [items[0], item(2, "别的")]):
        with pytest.raises(Failure, match="work_lost"):
            must_be_all_there(lacking, 2, ["第一次", "第二次"])


def test_photos_that_did_not_arrive_whole_fail() -> None:
    """Each waits, and is a picture when the company opens it."""
    good = (PhotoState.WAITING, b"\xff\xd8\xff\xe0")
    assert must_have_photos([good, good], 2) == {"photos": 2}
    for bad in ([good], [good, (PhotoState.LOST, None)], [good, (PhotoState.WAITING, None)], [good] * 3):
        with pytest.raises(Failure, match="photos_lost"):
            must_have_photos(bad, 2)


@pytest.mark.parametrize(
    "given",
    [
        Given(1, False, 1, Standing.DEPARTED, None),
        Given(0, True, 1, Standing.DEPARTED, None),
        Given(0, False, 1, Standing.DEPARTED, "token"),
        Given(0, False, 0, Standing.DEPARTED, None),
        Given(0, False, 1, Standing.ACTIVE, None),
    ],
    ids=["a record", "a lease", "a token", "no order", "still active"],
)
def test_a_server_that_goes_on_giving_fails(given: Given) -> None:
    """To a departed device goes its order, and nothing else."""
    assert not gives(Given(0, False, 1, Standing.DEPARTED, None))
    assert gives(given)
