"""What the events of a history about people are on a phone: contacts and their days, gifts, tasks, talks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from client_sdk.contacts import PrivateFields
from client_sdk.errors import NotFound
from client_sdk.replica import Replica
from sync.records import Birthday, Calendar, Channel, Consent, Relative

__all__ = ["PEOPLE_ACTS"]

Event = Mapping[str, Any]
Named = Mapping[str, UUID]
"""What a history calls outlets, people and what it has made."""


def _card(replica: Replica, event: Event, named: Named) -> UUID:
    contact = replica.contacts.add(
        named[event["outlet"]], name=event["name"], phone=event["phone"], channel=Channel.COMPANY_WECHAT
    )
    private: PrivateFields = {}
    if event["birthday"]:
        private["birthday"] = _birthday(event["birthday"])
    if event["family"]:
        family = [Relative(f"{at}", one[0], one[1], _birthday(one[2:])) for at, one in enumerate(event["family"])]
        private["family"] = tuple(family)
    if event["consent"] is not None:
        private["consent"] = Consent(given=True, purposes=tuple(event["consent"]))
    replica.contacts.update_private(contact.id, **private)
    return contact.id


def _birthday(day: list[Any]) -> Birthday:
    return Birthday(day[0], day[1], Calendar(day[2]))


def _occasion(replica: Replica, event: Event, named: Named) -> UUID:
    return replica.care.note(named[event["outlet"]], event["kind"], event["on"]).id


def _gift(replica: Replica, event: Event, named: Named) -> UUID:
    contact = _made(named, event["contact"]) if "contact" in event else None
    said = {"cost": event["cost"], "occasion": event["occasion"]}
    return replica.care.gave(named[event["outlet"]], event["gift"], contact=contact, **said).id


def _finish(replica: Replica, event: Event, named: Named) -> UUID:
    """The open task of that kind and day at the outlet. Raises NotFound."""
    wanted = (event["kind"], event["due"], named[event["outlet"]])
    for one in replica.tasks.list():
        if (one.kind, one.due, one.outlet) == wanted:
            return replica.tasks.finish(one.id).id
    raise NotFound(f"task {event['kind']} {event['due']}")


def _talk(replica: Replica, event: Event, named: Named) -> UUID:
    names = ("said", "promised", "promised_by", "next_step", "next_on", "channel")
    fields: dict[str, Any] = {name: event[name] for name in names if name in event}
    if "with" in event:
        fields["companions"] = [named[one] for one in event["with"]]
    if "amends" in event:
        if "keeps" in event:
            fields["keeps"] = _made(named, event["keeps"]) if event["keeps"] else None
        return replica.contact_reports.amend(_made(named, event["amends"]), **fields).id
    if "keeps" in event:
        return replica.contact_reports.keep(_made(named, event["keeps"]), **fields).id
    return replica.contact_reports.write(named[event["outlet"]], **fields).id


def _made(named: Named, key: str) -> UUID:
    """What the history made under a key. Raises NotFound."""
    if key not in named:
        raise NotFound(f"{key} was not made")
    return named[key]


PEOPLE_ACTS: dict[str, Callable[[Replica, Event, Named], UUID]] = {
    "card": _card,
    "occasion": _occasion,
    "gift": _gift,
    "finish": _finish,
    "talk": _talk,
}
