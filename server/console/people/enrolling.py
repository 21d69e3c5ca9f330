"""A phone becomes somebody's: the code to scan, and how far that has come."""

from __future__ import annotations

from uuid import UUID

import msgspec

from server.identity import devices, enrolment, staff
from server.identity.codes import payload
from server.identity.devices import Device
from server.identity.enrolment import Asked, Issued
from server.identity.keys import CompanyKeys
from server.identity.qr import as_image
from server.identity.staff import Person
from server.master.store import Tx
from sync.errors import Refusal
from sync.messages import Standing
from sync.signing import fingerprint

__all__ = ["Enrolling", "Shown", "enrolling", "shown_code"]


class Shown(msgspec.Struct, frozen=True):
    """A code as it is shown, once: in groups of four, as an image (a data: address of an SVG), and where it leads."""

    code: str
    image: str
    address: str
    expires_at: int


class Enrolling(msgspec.Struct, frozen=True):
    """How far the newest code of a person is. `state` is one of none, open, spent (it was not used in time, or too many
    tries were wrong), awaiting (a phone waits for its six digits), done, refused. `device` is the phone that used it.
    """

    person: Person
    state: str
    asked: Asked | None = None
    device: Device | None = None


def shown_code(issued: Issued, address: str, keys: CompanyKeys) -> Shown:
    """A code that has just been made, for a phone that reaches the server at that address."""
    told = payload(issued.code, address, fingerprint(keys.signing_public[0]), fingerprint(keys.opening_public))
    return Shown(issued.code.shown, as_image(told), address, issued.expires_at)


async def enrolling(tx: Tx, person: UUID, now: int) -> Enrolling:
    """How far it is at server time `now`. Raises Refusal where there is nobody of that id."""
    who = await staff.find(tx, person)
    if who is None:
        raise Refusal("not_found", f"there is no person {person}")
    asked = await enrolment.newest(tx, person)
    if asked is None:
        return Enrolling(who, "none")
    device = await devices.find(tx, asked.device) if asked.device is not None else None
    if device is None:
        return Enrolling(who, "open" if asked.is_open(now) else "spent", asked)
    return Enrolling(who, _STATES[device.standing], asked, device)


_STATES = {
    Standing.AWAITING: "awaiting",
    Standing.ACTIVE: "done",
    Standing.SUSPENDED: "refused",
    Standing.DEPARTED: "refused",
}
