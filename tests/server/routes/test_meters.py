"""What is told to Prometheus: every meter is named in the handbook, and every alert stands on meters that there are."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from math import inf
from typing import Any

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, update

from server.app.life import in_the_background
from server.app.regular import Job, run_jobs
from server.identity.fleet import Trouble
from server.master import inbox, people
from server.master.departures import reminders
from server.master.inbox import Matter
from server.master.people import wakes
from server.master.tables import dead_letters
from tests.server.routes.house import House
from tests.source import ROOT

DAY = 86_400_000
ALERTS = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8")
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
WATCHED = PAGE.partition("### What to watch\n")[2].partition("\n## ")[0]


async def families(house: House) -> list[Metric]:
    """All meters, as Prometheus reads them."""
    answer = await house.client.get("/metrics", headers=house.operator())
    assert answer.status_code == 200, answer.text
    return list(text_string_to_metric_families(answer.text))


async def told(house: House) -> dict[tuple[str, str], float]:
    """The gauges by name and only label."""
    return {
        (one.name, "".join(one.labels.values())): one.value for each in await families(house) for one in each.samples
    }


def names_of(found: list[Metric]) -> set[str]:
    """Names as one asks for them: a counter's ends in total, a histogram's is its own."""
    return {f"{one.name}_total" if one.type == "counter" else one.name for one in found}


def rules() -> Iterator[tuple[str, str]]:
    """The name and the expression of each alert."""
    yield from re.findall(r"- alert: (\w+)\n +expr: '(.+)'\n +for: \w+\n +labels:\n +severity: \w+\n", ALERTS)


def column(at: int) -> set[str]:
    """What stands in code in a column of the first table."""
    rows = [line.split("|")[1:-1] for line in WATCHED.splitlines() if line.startswith("| `saojie_")]
    return {name for row in rows for name in re.findall(r"`([\w]+)`", row[at])}


async def test_every_meter_is_in_the_handbook_and_the_other_way_round(house: House) -> None:
    """Nothing is told that nobody knows how to read, and nothing is promised that is not told."""
    assert {name for name in names_of(await families(house)) if not name.endswith("_created")} == column(0)


async def test_every_alert_stands_on_meters_that_there_are_and_is_explained(house: House) -> None:
    """By name, with a rule for each that the table mentions and a word on what to do."""
    known = {sample.name for one in await families(house) for sample in one.samples} | names_of(await families(house))
    known |= {"saojie_request_seconds_bucket"}
    found = dict(rules())
    assert len(found) == ALERTS.count("- alert: ") > 15
    for name, expression in found.items():
        assert set(re.findall(r"saojie_\w+", expression)) <= known, name
    explained = {line.split("`")[1] for line in WATCHED.splitlines() if line.startswith("| `Saojie")}
    assert explained == found.keys()
    used = {metric for one in found.values() for metric in re.findall(r"saojie_\w+", one)}
    assert column(2) == {name for name, one in found.items() if "saojie_" in one}
    assert {one.removesuffix("_bucket") for one in used} <= column(0)


async def test_labels_in_alerts_are_ones_that_come(house: House) -> None:
    """A rule on a trouble that does not exist would never fire."""
    named = {one for each in re.findall(r'trouble=~?"([\w|]+)"', ALERTS) for one in each.split("|")}
    assert named <= set(Trouble)
    found = await told(house)
    for days in re.findall(r'days="(\d+)"', ALERTS):
        assert ("saojie_devices_unverified", days) in found
    assert found["saojie_store_bytes", "database"] > 0
    assert ("saojie_store_bytes", "wal") in found


async def test_what_waits_is_told_with_its_age(house: House) -> None:
    """Devices, work, refused work, messages and faults, as the store has them."""
    phone, now = await house.phone(), house.desk.now
    row = {"id": b"1" * 16, "origin": b"2" * 16, "number": 1, "received_at": now - DAY, "reason": "bad_value"}
    message = {"id": b"3" * 16, "channel": "mail", "kind": "order", "about": b"4" * 16, "en": "", "zh": "", "at": now}
    outbox = {"id": b"5" * 16, "device": phone.device.bytes, "stamp": b"", "begun_at": 1}
    telling = {"outbox": b"5" * 16, "number": 3, "hash": bytes(16), "at": now - 2 * DAY}
    here = people.devices.c.id == phone.device.bytes
    async with house.store.write() as tx:
        await tx.execute(insert(dead_letters).values(row | {"detail": "", "body": b"", "bounds": b""}))
        await tx.execute(insert(reminders).values(message | {"times": 1, "tries": 3, "next_at": now}))
        await tx.execute(insert(people.outboxes).values(outbox))
        await tx.execute(insert(people.tellings).values(telling))
        await tx.execute(insert(wakes).values(device=phone.device.bytes, address="x", registered_at=1, is_gone=True))
        values = {"confirmed_at": now - 8 * DAY, "clock_offset": -90_000, "apart": "company"}
        await tx.execute(update(people.devices).where(here).values(values))
        await inbox.bring_up(tx, Matter("store_fault", house.desk.company, "", ""), house.sources)
    found = await told(house)
    expected: dict[tuple[str, str], Any] = {
        ("saojie_dead_letters", "bad_value"): 1,
        ("saojie_dead_letters_oldest_seconds", ""): 86_400,
        ("saojie_messages_waiting", "mail"): 1,
        ("saojie_messages_failing", "mail"): 1,
        ("saojie_pending_oldest_seconds", ""): 2 * 86_400,
        ("saojie_clock_offset_most_seconds", ""): 90,
        ("saojie_devices_troubled", "apart"): 1,
        ("saojie_devices_troubled", "lapsed"): 0,
        ("saojie_devices_unverified", "7"): 1,
        ("saojie_devices_unverified", "30"): 0,
        ("saojie_faults_open", "store_fault"): 1,
        ("saojie_faults_open", "journal_fault"): 0,
        ("saojie_wakes_gone", ""): 1,
        ("saojie_departures_file_lag", ""): 0,
    }
    assert {name: found[name] for name in expected} == expected


async def test_an_order_that_hangs_grows_older_and_a_file_that_was_altered_is_without_end(house: House) -> None:
    """The departure is in the file; once somebody alters that, no count of lines is worth anything."""
    await house.lose(await house.phone())
    house.desk.now += DAY
    found = await told(house)
    assert found["saojie_wipe_orders_open", "ordered"] == 1
    assert found["saojie_wipe_orders_oldest_seconds", "ordered"] == 86_400
    assert found["saojie_departures_file_lag", ""] == 0
    kept = house.settings.departures.read_bytes()
    house.settings.departures.write_bytes(kept.splitlines(keepends=True)[0])
    assert (await told(house))["saojie_departures_file_lag", ""] == 1
    house.settings.departures.write_bytes(kept.replace(b"a", b"b"))
    assert (await told(house))["saojie_departures_file_lag", ""] == inf


async def test_a_job_that_fails_is_told_until_it_ends_well(house: House) -> None:
    """Since it last ended well, or since it began to be run."""
    began, turns, reached = house.desk.now, 0, asyncio.Event()

    async def work(_context: object) -> None:
        nonlocal turns
        turns += 1
        house.desk.now += 1000
        if turns < 3:
            raise OSError
        if turns == 4:
            reached.set()
            await asyncio.Event().wait()

    async with in_the_background(run_jobs(house.context, [Job("a job", work)], every_s=0.0)):
        await asyncio.wait_for(reached.wait(), 60)
        found = await told(house)
    assert found["saojie_job_failures_total", "a job"] == 2
    assert found["saojie_job_done_timestamp_seconds", "a job"] == (began + 3000) / 1000
