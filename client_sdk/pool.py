"""The public pool (公海) on the phone: what there is to claim, claiming, and what became of it. All without a network.

The server decides in the order in which claims arrive; until then a claim is shown as asked.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from client_sdk.given import paged
from client_sdk.outlets import Outlets
from client_sdk.writing import Desk
from sync.positions import Position, distance_m
from sync.records import Claim, ClaimState, Teaser
from sync.scopes import parse_scope

__all__ = ["Offer", "Pool", "say_claim"]

_CLAIMS = {
    "asked": ("已申请，等待公司答复", "asked for; the company decides at the next sync"),
    "won": ("已归您所在片区", "it is yours: it stands in your territory"),
    "taken": ("同事先领取了", "a colleague asked for it first"),
    "hold": ("片区负责人持有的终端已达上限", "the owner of the territory holds as many outlets as are allowed"),
    "claims": ("当日领取数已满，请改日再领", "no more claims are allowed that day: ask another day"),
    "cool_down": ("不久前由您或片区负责人持有，冷却期未满", "you or the territory's owner held it not long ago"),
    "refused": ("未予领取", "it was not given"),
    "lost": ("同事先领取了", "a colleague asked for it first"),
    "not_on_roster": ("您不是该片区的负责人或协作者", "you are neither owner nor partner of that territory"),
    "not_in_pool": ("已不在公海", "it is in the pool no more"),
    "yours": ("已在您的片区", "it stands in your territory already"),
}


class Offer(msgspec.Struct, frozen=True):
    """One outlet of the pool: what may be seen of it, how far it is where that can be told, and whether you have asked
    for it already.
    """

    teaser: Teaser
    metres: float | None = None
    asked: bool = False


class Pool:
    """`replica.pool`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def teasers(
        self,
        page: int = 0,
        *,
        size: int | None = None,
        near: Position | None = None,
        within: float | None = None,
        outlet_class: str | None = None,
    ) -> list[Offer]:
        """What there is to claim, nearest first (positions are good to a block), else by area, page by page from 0;
        within so many metres of `near`, and of one class.
        """
        asked = {one.outlet for one in self.claims() if one.state is ClaimState.ASKED}
        chosen = [one for one in self._desk.all(Teaser) if outlet_class in {None, one.outlet_class}]
        found = [Offer(one, _metres(near, one), one.outlet in asked) for one in chosen]
        if within is not None:
            found = [one for one in found if one.metres is not None and one.metres <= within]
        return paged(sorted(found, key=_order), page, size)

    def claim(self, teaser: Teaser, *, into: UUID | None = None) -> Claim:
        """Ask for an outlet, into one of your territories (`into` may be left out where there is one, or one near it).

        Raises InvalidInput, NotFound where it is in the pool no more, StorageFull.
        """
        territory = into or self._territory(teaser)
        return self._desk.create(Claim, {"outlet": teaser.outlet, "territory": territory})

    def claims(self, page: int = 0, *, size: int | None = None) -> list[Claim]:
        """Your claims, newest first, page by page from 0: asked, won, lost or refused, with the reason."""
        return self._desk.all(Claim, page=page, size=size)

    def _territory(self, teaser: Teaser) -> UUID | None:
        found = parse_scope(Outlets(self._desk).territory(teaser.position))
        return found.of if found is not None else None


def _metres(near: Position | None, teaser: Teaser) -> float | None:
    return distance_m(near, teaser.position) if near is not None and teaser.position is not None else None


def _order(one: Offer) -> tuple[bool, float, str, UUID]:
    return one.metres is None, one.metres or 0, one.teaser.area, one.teaser.id


def say_claim(claim: Claim) -> tuple[str, str]:
    """What became of a claim, in Chinese and English; a reason that this version does not know by its code."""
    word = claim.reason or claim.state.value
    return _CLAIMS.get(word, (word, word))
