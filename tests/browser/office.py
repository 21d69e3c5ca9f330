"""The office of a district in which something has happened: what the pages are about, and signing in there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Page

from client_sdk import Position, Replica
from server.departure.means import Means
from server.identity import invitations, staff
from server.identity.invitations import Wish
from server.identity.staff import Role
from tests.end_to_end.deployment import Deployment

__all__ = ["LOGINS", "PASSWORD", "Happened", "eventful", "happening", "open_accounts", "sign_in"]

PASSWORD = "correct horse battery"
LOGINS = {
    Role.DEALER: ("刘老板", "liu"),
    Role.MANAGER: ("陈经理", "chen"),
    Role.SERVICE: ("许静", "xu"),
    Role.ARCHIVIST: ("梁文", "liang"),
}
"""Who has an account in each role: name and login."""


def open_accounts(deployment: Deployment) -> None:
    """An account for one person of each role of the office."""

    async def redeem(means: Means) -> None:
        for role, (name, login) in LOGINS.items():
            async with means.store.write() as tx:
                known = await staff.named(tx, name)
                person = known[0] if known else await staff.add(tx, name, role, means.sources)
                made = await invitations.invite(tx, person.id, means.sources)
            await invitations.redeem(means.store, Wish(made.code.shown, login, PASSWORD), means.sources)

    deployment.act(redeem)


def sign_in(page: Page, url: str, role: Role = Role.MANAGER) -> None:
    """Sign in as the person of a role."""
    page.goto(f"{url}/sign-in")
    page.fill("[name=login]", LOGINS[role][1])
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")


@dataclass
class Happened:
    """What has happened: the outlet whose number two changed, the one that was taken away while work for it waited on
    a phone, and the shop that two registered. `one` and `two` are the phones of 周海波 and 曹文俊.
    """

    one: Replica
    two: Replica
    disputed: UUID
    gone: UUID
    registered: tuple[UUID, UUID]


def happening(deployment: Deployment, phones: Path) -> Happened:
    """Two reps change one number and register one shop without a network, one logs visits where there is nothing to
    log any more, and both come back.
    """
    one, two = deployment.phone("周海波", phones / "one"), deployment.phone("曹文俊", phones / "two")
    first = _with_position(one)
    disputed, gone = first[0], first[1]
    for number in range(3):
        one.visits.log(gone.id, notes=f"补货 {number} 箱")
    deployment.command("pool", "return", str(gone.id), "--reason", "无人跟进", "--even-protected")
    one.outlets.update(disputed.id, phone="13800000001")
    two.outlets.update(disputed.id, phone="13900000002")
    registered = _registered(one, "老张烟酒行", disputed, 0), _registered(two, "老张烟酒", disputed, 1)
    for shop in first[2:6]:
        one.visits.log(shop.id, notes="补货两箱", position=_place(shop))
    for phone in (one, two, one):
        phone.sync()
    return Happened(one, two, disputed.id, gone.id, registered)


def eventful(deployment: Deployment, phones: Path) -> None:
    """All of that, and two people leave with work on their phones: one phone is away, the other hands it in."""
    happening(deployment, phones)
    for name, directory, follower in (("何志远", "away", "曹文俊"), ("孙玉洁", "back", "潘雨欣")):
        phone = deployment.phone(name, phones / directory)
        for shop in _with_position(phone)[:3]:
            phone.visits.log(shop.id, notes="还没有上传的拜访", position=_place(shop))
        deployment.command("offboard", name, "--yes", "--to", follower)
        if directory == "back":
            phone.sync()


def _with_position(phone: Replica) -> list[Any]:
    return [shop for shop in phone.outlets.list(size=200) if shop.position is not None]


def _place(shop: Any) -> Position:
    return Position(shop.position.lat, shop.position.lon)


def _registered(phone: Replica, name: str, near: Any, number: int) -> UUID:
    here = Position(near.position.lat + 0.0004 + number * 0.00005, near.position.lon + 0.0004)
    made = phone.outlets.register(name=name, position=here, outlet_class="tobacco_liquor")
    return made.id
