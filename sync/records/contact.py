"""The contact (联系人) at an outlet, and the private part that only some roles hold."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.records.base import Code, Instant, Name, Record, Reference, Text
from sync.rules import Merge, Rule

__all__ = ["Birthday", "Calendar", "Channel", "Consent", "Contact", "ContactPrivate", "Relative"]


class Calendar(StrEnum):
    """Which calendar a birthday is kept in (公历, 农历)."""

    SOLAR = "solar"
    LUNAR = "lunar"


class Channel(StrEnum):
    """By which of the company's channels this person is reached."""

    COMPANY_PHONE = "company_phone"
    COMPANY_QQ = "company_qq"
    COMPANY_WECHAT = "company_wechat"
    PRIVATE = "private"
    UNKNOWN = "unknown"


class Birthday(msgspec.Struct, array_like=True, frozen=True):
    """Month and day in `calendar`; the year only if it is known."""

    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]
    calendar: Calendar = Calendar.SOLAR
    year: Annotated[int, Meta(ge=1900, le=2200)] | None = None


class Relative(msgspec.Struct, array_like=True, frozen=True):
    """One member of a contact's family; `key` tells it from the others."""

    key: Code
    name: Name
    relation: Code = ""
    birthday: Birthday | None = None


class Consent(msgspec.Struct, array_like=True, frozen=True):
    """What the person agreed to, for which purposes, and when (server milliseconds).

    A purpose (`care`) holds for the whole private part; with a field before it (`birthday:care`), for that field alone.
    """

    given: bool = False
    purposes: tuple[Code, ...] = ()
    at: Instant | None = None


class Contact(Record, tag=2, frozen=True):
    """A person at an outlet."""

    outlet: Annotated[UUID, Rule(merge=Merge.FIXED, zh="终端", en="Outlet")]
    name: Annotated[Name, Rule(matters=True, zh="姓名", en="Name")]
    role: Annotated[Code, Rule(zh="职务", en="Role")] = ""
    phone: Annotated[Reference, Rule(matters=True, zh="电话", en="Phone")] = ""
    channel: Annotated[Channel, Rule(zh="联系渠道", en="Channel")] = Channel.UNKNOWN
    active: Annotated[bool, Rule(zh="在职", en="Still there")] = True
    notes: Annotated[Text, Rule(zh="备注", en="Notes")] = ""


class ContactPrivate(Record, tag=3, frozen=True):
    """The private part of a contact: a record with an id of its own, in the private scope."""

    contact: Annotated[UUID, Rule(merge=Merge.FIXED, zh="联系人", en="Contact")]
    outlet: Annotated[UUID, Rule(merge=Merge.FIXED, zh="终端", en="Outlet")]
    hobbies: Annotated[tuple[Code, ...], Rule(merge=Merge.SET, zh="爱好", en="Hobbies")] = ()
    family: Annotated[tuple[Relative, ...], Rule(merge=Merge.SET, zh="家庭", en="Family")] = ()
    birthday: Annotated[Birthday | None, Rule(zh="生日", en="Birthday")] = None
    consent: Annotated[Consent | None, Rule(zh="同意", en="Consent")] = None
    notes: Annotated[Text, Rule(zh="备注", en="Notes")] = ""
