"""The archive of one outlet: what is shown of it and of what was merged into it, and that nobody opens it unseen."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from server.console.outlets.archive import Archive, archive, open_private
from server.console.outlets.pictures import SMALL, photo_at, small
from server.field.merging import merge
from server.master.journal import ERASED
from server.master.photos import PhotoFiles, digest_of
from server.master.tables import journal_bodies
from sync.codec import decode
from sync.errors import Refusal
from tests.server.console.outlets.looking import viewer_of
from tests.server.firm import Firm


async def opened(firm: Firm, outlet: UUID, files: Path, who: UUID | None = None) -> Archive:
    """The archive as somebody (the dealer) opens it."""
    ground, viewer = await firm.ground(), await viewer_of(firm, who)
    return await archive(firm.store, outlet, ground, viewer, PhotoFiles(files))


async def looks(firm: Firm, what: str) -> list[dict[str, Any]]:
    """The looks at something that the journal has."""
    async with firm.store.read() as tx:
        bodies = [decode(bytes(one), list[Any]) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    return [one[1] for one in bodies if one[0] not in {"operation", ERASED} and one[1].get("what") == what]


async def test_the_archive_of_two_that_are_one(firm: Firm, tmp_path: Path) -> None:
    """Stock is added up, the newest count stands; contacts and photos of both; who merged them and why."""
    shop, other = await firm.shop("老张烟酒", phone="1"), await firm.shop("张记烟酒")
    await firm.does(firm.wang, "visit", outlet=shop.bytes, stock=[["酒", 9, 1, 4]])
    firm.desk.now += 60_000
    await firm.does(firm.wang, "visit", outlet=other.bytes, stock=[["酒", 5, 2, 3]])
    await firm.does(firm.wang, "contact", outlet=other.bytes, name="张三")
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, other, shop, reason="同一家", by=firm.dealer)
    found = await opened(firm, other, tmp_path)
    assert (found.outlet.id, found.family) == (shop, (shop, other))
    assert [(one.product, one.line.bought, one.line.sold, one.line.on_hand) for one in found.stock] == [("酒", 7, 3, 5)]
    assert [one.name for one in found.brief.contacts] == ["张三"]
    assert [(one.gone, one.into, one.who, one.reason) for one in found.merges] == [
        ("张记烟酒", "老张烟酒", "刘", "同一家")
    ]
    assert {one.field: one.now for one in found.facts}["phone"] == "1"
    assert "position" in found.lacks
    assert [one["by"] for one in await looks(firm, "brief")] == [firm.dealer.bytes]


async def test_the_private_part_is_noted_when_it_is_opened(firm: Firm, tmp_path: Path) -> None:
    """Not before; birthdays and hobbies with their words."""
    shop = await firm.shop()
    contact = await firm.does(firm.wang, "contact", outlet=shop.bytes, name="张三")
    given: dict[str, Any] = {"contact": contact.bytes, "outlet": shop.bytes, "birthday": [8, 15, "lunar"]}
    await firm.does(firm.wang, "contact_private", **given, hobbies={"add": ["钓鱼", "象棋"]})
    found, viewer, ground = await opened(firm, shop, tmp_path), await viewer_of(firm), await firm.ground()
    assert await looks(firm, "contacts_private") == []
    private = await open_private(firm.store, found, ground, viewer)
    assert [(one.name, {each.field: each.now for each in one.facts}) for one in private] == [
        ("张三", {"birthday": "农历 08-15", "hobbies": "钓鱼、象棋"})
    ]
    assert [(one["lines"], one["outlet"]) for one in await looks(firm, "contacts_private")] == [(1, shop.bytes)]


async def test_there_is_no_archive_of_what_is_not_there(firm: Firm, tmp_path: Path) -> None:
    """An id of nothing, and of something else."""
    contact = await firm.does(firm.wang, "contact", outlet=(await firm.shop()).bytes, name="张三")
    for one in (firm.desk.id(), contact):
        with pytest.raises(Refusal, match="not_found"):
            await opened(firm, one, tmp_path)


def picture(width: int, height: int) -> bytes:
    """A photo of this size."""
    made = BytesIO()
    Image.new("RGB", (width, height), "red").save(made, "JPEG")
    return made.getvalue()


async def taken(firm: Firm, outlet: UUID, data: bytes, files: Path) -> UUID:
    """A photo of an outlet whose bytes have arrived."""
    said: dict[str, Any] = {"of": outlet.bytes, "digest": digest_of(data), "size": len(data), "kind": "front"}
    photo = await firm.does(firm.wang, "photo", outlet=outlet.bytes, **said)
    kept = PhotoFiles(files)
    with kept.held(photo):
        kept.append(photo, 0, data)
        assert kept.finish(photo, digest_of(data))
    return photo


async def test_a_photo_is_given_with_its_outlet_alone(firm: Firm, tmp_path: Path) -> None:
    """Whole or small; of another outlet it does not exist, and neither does one that has not arrived."""
    shop, other = await firm.shop(), await firm.shop("别家")
    data = picture(1000, 500)
    photo = await taken(firm, shop, data, tmp_path)
    firm.desk.now += 60_000
    waiting = await firm.does(
        firm.wang, "photo", of=shop.bytes, outlet=shop.bytes, digest=digest_of(b"x"), size=1, kind="shelf"
    )
    assert [(one.id, one.is_here) for one in (await opened(firm, shop, tmp_path)).photos] == [
        (waiting, False), (photo, True)
    ]  # fmt: skip
    async with firm.store.read() as tx:
        path, digest = await photo_at(tx, PhotoFiles(tmp_path), shop, photo)
        for of, which in ((other, photo), (shop, waiting), (shop, firm.desk.id())):
            with pytest.raises(Refusal, match="not_found"):
                await photo_at(tx, PhotoFiles(tmp_path), of, which)
    assert (path.read_bytes(), digest) == (data, digest_of(data))
    with Image.open(BytesIO(small(path))) as made:
        assert made.size == (SMALL, SMALL // 2)


def test_bytes_that_are_no_picture_are_told(tmp_path: Path) -> None:
    """Whatever a phone sent."""
    (tmp_path / "x").write_bytes(b"<script>")
    with pytest.raises(Refusal, match="not_found"):
        small(tmp_path / "x")
