"""Field groups: what a field of a record is about, coarse enough to be read by a person, fine enough to be a claim.

Every field of every collection that a device may hold stands in exactly one group.
"""

from __future__ import annotations

from enum import StrEnum

from sync.records import COLLECTIONS

__all__ = ["Group", "group_of"]


class Group(StrEnum):
    """What a field is about."""

    PLACE = "place"
    CONTACT = "contact"
    PEOPLE = "people"
    PRIVATE = "private"
    TRADE = "trade"
    TERMS = "terms"
    VISITS = "visits"
    COMPANY = "company"
    OWN = "own"

    @property
    def zh(self) -> str:
        """Its Chinese name."""
        return _NAMES[self][0]

    @property
    def en(self) -> str:
        """Its English name."""
        return _NAMES[self][1]

    @property
    def is_observable(self) -> bool:
        """Whether anybody who walks past the shop can see it: not claimed field by field."""
        return self is Group.PLACE

    @property
    def is_of_customers(self) -> bool:
        """Whether it is about the company's customers, and so may be a secret point."""
        return self not in {Group.COMPANY, Group.OWN}


_NAMES = {
    Group.PLACE: ("名称与位置", "identity and place"),
    Group.CONTACT: ("联系方式", "means to contact"),
    Group.PEOPLE: ("联系人与决策人", "people and who decides"),
    Group.PRIVATE: ("私人资料", "private part of contacts"),
    Group.TRADE: ("进销存与交易", "trade and stock"),
    Group.TERMS: ("合作条件与账期", "terms and credit"),
    Group.VISITS: ("拜访与需求", "visits and needs"),
    Group.COMPANY: ("公司资料", "the company's products, prices, policies and notices"),
    Group.OWN: ("本人任务与记录", "the person's own tasks and records"),
}

_OUTLET = {
    "phone": Group.CONTACT,
    "main_contact": Group.PEOPLE,
    "grade": Group.TRADE,
    "status": Group.TRADE,
    "stock": Group.TRADE,
    "cooperation": Group.TERMS,
    "credit": Group.TERMS,
    "notes": Group.VISITS,
    "last_visit_at": Group.VISITS,
    "visit_days": Group.VISITS,
}
_FIELDS = {
    "outlet": _OUTLET,
    "contact": {"phone": Group.CONTACT, "channel": Group.CONTACT},
}
_WHOLE = {
    "outlet": Group.PLACE,
    "contact": Group.PEOPLE,
    "contact_private": Group.PRIVATE,
    "visit": Group.VISITS,
    "sweep": Group.VISITS,
    "photo": Group.VISITS,
    "task": Group.OWN,
    "acknowledgement": Group.OWN,
    "opening": Group.OWN,
    "order": Group.TRADE,
    "delivery": Group.TRADE,
    "payment": Group.TERMS,
    "product": Group.COMPANY,
    "price": Group.COMPANY,
    "outlet_class": Group.COMPANY,
    "policy": Group.COMPANY,
    "notice": Group.COMPANY,
    "teaser": Group.PLACE,
    "score": Group.OWN,
    "refused": Group.OWN,
    "daily_report": Group.OWN,
    "practice": Group.OWN,
    "claim": Group.OWN,
    "finding": Group.OWN,
    "code_block": Group.OWN,
    "contact_report": Group.VISITS,
    "verification": Group.VISITS,
    "occasion": Group.PRIVATE,
    "gift": Group.PRIVATE,
    "credit_application": Group.TERMS,
}


def group_of(collection: str, field: str) -> Group:
    """The group of a field. Raises KeyError for a collection that has no group or has no such field."""
    if field not in COLLECTIONS[collection].rules:
        raise KeyError(field)
    return _FIELDS.get(collection, {}).get(field, _WHOLE[collection])
