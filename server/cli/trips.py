"""`saojie leases trip`: one device's lease is stretched for a trip, asked for by one person and approved by another."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.identity import devices, staff
from server.identity import trips as journeys
from server.identity.trips import Trip
from server.master.store import Tx
from server.values import length_of

__all__ = ["trip"]


@click.group()
def trip() -> None:
    """出差：临时延长一台设备的租约 · Trips: one device's lease is stretched for a time."""


@trip.command("list")
@acting
async def list_trips(deployment: Deployment) -> None:
    """列出出差 · List trips, the newest first."""
    now = deployment.sources.now()
    async with deployment.store.read() as tx:
        found = await journeys.listed(tx)
        owners = {one.id: one.staff for one in await devices.listing(tx)}
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("使用人", "Person"),
        ("原因", "Reason"),
        ("至", "Until"),
        ("状态", "State"),
        ("批准人", "Approved by"),
        ("编号", "Id"),
    ]
    rows = [
        (
            names[owners[one.device]],
            one.reason,
            when(one.until),
            _state(one, now),
            names.get(one.approved_by) if one.approved_by else None,
            one.id,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"trips": [_facts(one) | {"state": _state(one, now)} for one in found]})


def _state(one: Trip, now: int) -> str:
    if one.ended_as is not None:
        return one.ended_as
    if one.until <= now:
        return "over"
    return "asked" if one.approved_at is None else "approved"


def _facts(one: Trip) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


@trip.command("ask")
@click.argument("device")
@click.option("--for", "length", required=True, help="多久，最多 7d · How long from now, 7d at most.")
@click.option("--reason", required=True, help="原因 · Why.")
@click.option("--by", "asker", metavar="STAFF", help="申请人，默认使用人 · Who asks; the device's person by default.")
@acting
async def ask(deployment: Deployment, device: str, length: str, reason: str, asker: str | None) -> None:
    """申请出差 · Ask for a trip; a manager has to approve it."""
    lasts = length_of(length)
    if lasts is None:
        raise Failure("bad_length", "write a length such as 36h or 5d", "请写成时长，例如 36h 或 5d")
    async with deployment.store.write() as tx:
        found = await deployment.device(tx, device)
        by = (await deployment.person(tx, asker)).id if asker else found.staff
        asked = await journeys.ask(tx, found.id, by, reason, lasts, deployment.sources)
    deployment.talk.say(
        f"已申请，至 {when(asked.until)}；由经理批准：saojie leases trip approve {asked.id} --by …",
        f"Asked for, to {when(asked.until)}; a manager approves: saojie leases trip approve {asked.id} --by …",
    )
    deployment.talk.result(_facts(asked))


@trip.command("approve")
@click.argument("trip_", metavar="TRIP")
@click.option("--by", "manager", required=True, metavar="STAFF", help="批准的经理 · The manager who approves.")
@acting
async def approve(deployment: Deployment, trip_: str, manager: str) -> None:
    """经理批准出差 · A manager approves a trip; nobody approves their own."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager)
        approved = await journeys.approve(tx, await _meant(tx, trip_), by.id, deployment.sources)
    until = when(approved.until)
    deployment.talk.say(f"已批准，至 {until}；下次联系时生效。", f"Approved to {until}, from the next contact on.")
    deployment.talk.result(_facts(approved))


@trip.command("end")
@click.argument("trip_", metavar="TRIP")
@click.option("--by", "person", required=True, metavar="STAFF", help="何人 · Who ends it.")
@acting
async def end(deployment: Deployment, trip_: str, person: str) -> None:
    """收回或不批准 · Take a trip back, or refuse one that was asked for."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, person)
        meant = await _meant(tx, trip_)
        is_ended = await journeys.end(tx, meant, by.id, deployment.sources)
    deployment.talk.say(
        "已结束，下次联系时生效。" if is_ended else "此前已结束。",
        "Ended, from the next contact on." if is_ended else "It was over before.",
    )
    deployment.talk.result({"trip": meant, "ended": is_ended})


async def _meant(tx: Tx, typed: str) -> UUID:
    wanted = typed.lower().replace("-", "")
    found = [one.id for one in await journeys.listed(tx) if is_meant(one.id, wanted)]
    if len(found) != 1:
        raise Failure(
            "trip_unknown", f"no single trip {typed}; see `saojie leases trip list`", f"找不到唯一的出差“{typed}”"
        )
    return found[0]
