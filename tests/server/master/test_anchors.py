"""Anchors: an authority attests the newest checkpoint; tokens are checked when they come and whenever one looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from server.master.anchors import AnchorError, anchor_newest, anchors
from server.master.checkpoints import checkpoints
from server.master.timestamps import Authority, anchor_of
from server.master.verify import Verified, verify
from server.settings import Settings, SettingsError
from tests.server.desk import Desk
from tests.server.master.authority import Tsa, running
from tests.server.master.test_checkpoints import PUBLIC, taken


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Tsa]:
    """An authority on loopback."""
    (tmp_path / "tsa").mkdir()
    with running(tmp_path / "tsa") as tsa:
        yield tsa


async def verified(desk: Desk, anchor: Authority) -> Verified:
    """What verifying says with the authority's root."""
    async with desk.store.read() as tx:
        return await verify(tx, [PUBLIC], anchor=anchor)


async def test_the_newest_checkpoint_is_attested_once(desk: Desk, tsa: Tsa) -> None:
    """One token for one checkpoint, kept whole with the time that it attests; the next has its turn."""
    anchor = Authority(tsa.url, [tsa.root])
    assert await anchor_newest(desk.store, anchor) is None
    await taken(desk)
    assert await anchor_newest(desk.store, anchor) == 1
    assert await anchor_newest(desk.store, anchor) is None
    assert tsa.asked == 1
    await desk.register(desk.manager(), desk.east)
    await taken(desk)
    assert await anchor_newest(desk.store, anchor) == 2
    async with desk.store.read() as tx:
        rows = (await tx.execute(select(anchors))).all()
    assert [row.authority for row in rows] == [tsa.url] * 2
    assert min(row.at for row in rows) > 1_600_000_000_000
    assert ((await verified(desk, anchor)).anchors, (await verified(desk, anchor)).found) == (2, 0)


async def test_an_authority_that_is_away_holds_nothing_up(desk: Desk, tsa: Tsa) -> None:
    """It is asked again, and then attests what is newest by then."""
    anchor = Authority(tsa.url, [tsa.root])
    await taken(desk)
    tsa.is_down = True
    with pytest.raises(AnchorError, match="refused"):
        await anchor_newest(desk.store, anchor)
    await desk.register(desk.manager(), desk.east)
    assert await taken(desk) is not None
    tsa.is_down = False
    assert await anchor_newest(desk.store, anchor) == 2
    with pytest.raises(AnchorError, match="unreachable"):
        await Authority("http://127.0.0.1:1/", [tsa.root]).stamp(b"body")


async def test_a_token_that_nobody_trusted_signed_is_not_kept(desk: Desk, tsa: Tsa, tmp_path: Path) -> None:
    """An authority with another root attests nothing here."""
    (tmp_path / "other").mkdir()
    other = Tsa(tmp_path / "other")
    await taken(desk)
    with pytest.raises(AnchorError, match="not_fitting"):
        await anchor_newest(desk.store, Authority(tsa.url, [other.root]))
    async with desk.store.read() as tx:
        assert (await tx.execute(select(anchors))).all() == []


async def test_a_past_that_the_holder_of_all_keys_wrote_anew_does_not_fit_the_tokens(desk: Desk, tsa: Tsa) -> None:
    """A flipped bit in a token, another time, another checkpoint under an attested number: each is found."""
    anchor = Authority(tsa.url, [tsa.root])
    for _ in range(2):
        await desk.register(desk.manager(), desk.east)
        await taken(desk)
        await anchor_newest(desk.store, anchor)
    async with desk.store.read() as tx:
        first, second = (await tx.execute(select(anchors).order_by(anchors.c.number))).all()
        bodies = (await tx.execute(select(checkpoints.c.body).order_by(checkpoints.c.number))).scalars().all()
    bent = bytearray(first.token)
    bent[-20] ^= 1
    for number, values in ((1, {"token": bytes(bent)}), (1, {"token": b""}), (2, {"at": second.at + 1})):
        async with desk.store.write() as tx:
            await tx.execute(update(anchors).where(anchors.c.number == number).values(values))
            found = await verify(tx, [PUBLIC], anchor=anchor)
            assert [(one.code, one.position) for one in found.flaws] == [("anchor_altered", number)]
            await tx.rollback()
    assert anchor.check(bytes(bodies[0]), bytes(first.token)) == first.at
    with pytest.raises(AnchorError, match="not_fitting"):
        anchor.check(bytes(bodies[1]), bytes(first.token))


def test_the_settings_name_the_authority(tmp_path: Path) -> None:
    """None named, none asked; one without a certificate that can be read is an error that says so."""
    (tmp_path / "tsa").mkdir()
    Tsa(tmp_path / "tsa")
    assert anchor_of(Settings(tmp_path)) is None
    named = anchor_of(Settings(tmp_path, timestamp_url="https://tsa.example", timestamp_certificate="tsa/root.pem"))
    assert named is not None
    assert named.name == "https://tsa.example"
    with pytest.raises(SettingsError, match="TIMESTAMP_CERTIFICATE"):
        anchor_of(Settings(tmp_path, timestamp_url="https://tsa.example", timestamp_certificate="none.pem"))
