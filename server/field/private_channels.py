"""The rule of company channels (公司号码): whoever deals with a customer by a private channel is an incident, and a
contact whose channel nobody knows is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import case, func, select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.incidents import Suspicion, report
from server.master.decoys import no_decoys
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from sync.records import Channel, Contact, ContactReport, Visit
from sync.scopes import ScopeKind, parse_scope

__all__ = ["KIND", "Unknown", "report_private", "unknown_channels"]

KIND = "private_channel"
_SAID = {
    "contact": ("a contact is reached by a private channel", "联系人使用私人联系方式"),
    "visit": ("a visit was made by a private channel", "以私人联系方式拜访客户"),
    "contact_report": ("a customer was spoken to by a private channel", "以私人联系方式与客户沟通"),
}


async def report_private(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Report what arrived by a private channel; it changes no scope."""
    await report(tx, [found for one in arrived if (found := _suspicion(one)) is not None], ground.sources)
    return frozenset()


def _suspicion(one: Arrived) -> Suspicion | None:
    record = one.record
    if not isinstance(record, Contact | Visit | ContactReport) or record.channel is not Channel.PRIVATE:
        return None
    name = {Contact: "contact", Visit: "visit", ContactReport: "contact_report"}[type(record)]
    en, zh = _SAID[name]
    return Suspicion(KIND, record.id, f"Private channel: {en}", f"私人渠道：{zh}", record.outlet, one.arrival.staff)


class Unknown(msgspec.Struct, frozen=True):
    """How many of the active contacts of a territory have a channel that nobody knows, and a private one."""

    territory: UUID
    contacts: int
    unknown: int
    private: int


async def unknown_channels(tx: Tx) -> list[Unknown]:
    """The figures of each territory that has contacts."""
    table = TYPED["contact"]
    counted = [func.sum(case((table.c.channel == one, 1), else_=0)) for one in (Channel.UNKNOWN, Channel.PRIVATE)]
    wanted = select(table.c.scope, func.count().label("contacts"), *counted).where(
        table.c.active.is_(True), no_decoys(table.c.scope)
    )
    rows = (await tx.execute(wanted.group_by(table.c.scope))).all()
    named = await names(tx, [row[0] for row in rows])
    found = []
    for scope, contacts, unknown, private in rows:
        place = parse_scope(named[scope])
        if place is not None and place.kind is ScopeKind.TERRITORY and place.of is not None:
            found.append(Unknown(place.of, contacts, unknown, private))
    return sorted(found, key=lambda one: one.territory)
