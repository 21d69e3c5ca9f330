"""Up to the morning of the last day: three phones hold the archive, one is live, two work without a network."""

from __future__ import annotations

from typing import Any

from server.cli.conformance.asking import Asker
from server.cli.conformance.cast import Cast
from server.cli.conformance.looking import must_be_readable
from server.cli.conformance.phones import enrolled, filled, in_step, photo_in, until, work_offline
from server.cli.talk import Failure

__all__ = ["LIVE_WITHIN_S", "before"]

LIVE_WITHIN_S = 60.0


async def before(cast: Cast) -> None:
    """Play it. Raises Broken."""
    step = cast.steps.step
    with step("enrol", "登记三部手机", "Three phones are enrolled") as seen:
        cast.live, cast.away, cast.letter = [
            await enrolled(cast.company, cast.ground, cast.place / name, cast.running)
            for name in ("live", "away", "letter")
        ]
        seen["devices"] = len(cast.phones)
    with step("fill", "写入带标记的内容并同步", "They are filled with marked words") as seen:
        in_step(cast.live)
        filled(cast.live, cast.ground, cast.markers)
        seen["sent"] = max(in_step(phone)["sent"] for phone in cast.phones)
    with step("readable_before", "此时凭密钥可读", "With the keys all of it can be read now") as seen:
        for phone in cast.phones:
            seen.update(must_be_readable(phone.directory, cast.markers.archive))
    with step("asked_before", "此时服务器给出记录", "The server gives records now") as seen:
        seen.update(await _asked(cast))
    with step("live", "一部手机保持在线", "One phone is live") as seen:
        seen["heard_ms"] = _heard_ms(cast)
    with step("offline", "另外两部断网工作", "The two others work without a network") as seen:
        _work_on(cast)
        seen["pending"] = cast.pending


async def _asked(cast: Cast) -> dict[str, Any]:
    """Whoever asks with the device's key gets everything, and a token: so the same question afterwards means much."""
    company = (await cast.company.deployment.founded()).company
    cast.asker = Asker(cast.company.url, company, cast.away.device, cast.away.directory)
    given = cast.asker.with_signature()
    if not given.records or not given.has_lease or not given.token:
        raise Failure("asked_for_nothing", "an active device got no records", "在用设备未获得任何记录")
    cast.token = given.token
    return {"records": cast.asker.with_token(given.token).records}


def _heard_ms(cast: Cast) -> int:
    """How long it takes until the live phone has what another sent. Twice: the first may have come with the sync that
    it begins with, the second comes only where the stream stands.
    """
    cast.live.does("live", on=True)
    return [_one_visit_ms(cast) for _ in range(2)][-1]


def _one_visit_ms(cast: Cast) -> int:
    shop = cast.away.does("list", size=1)["outlets"][0]["id"]
    known = cast.live.does("counts")["counts"]["visit"]
    cast.away.does("log_visit", outlet=shop, notes="live")
    in_step(cast.away)
    return until(
        lambda: bool(cast.live.does("counts")["counts"]["visit"] > known), LIVE_WITHIN_S,
        Failure("not_live", "the live stream brings nothing; a proxy must not buffer /live",
                "实时通道没有消息；代理服务器不得缓冲 /live"),
    )  # fmt: skip


def _work_on(cast: Cast) -> None:
    photo = photo_in(cast.place / "photo.jpg")
    for phone, words in ((cast.away, cast.markers.away), (cast.letter, cast.markers.letter)):
        cast.pending += work_offline(phone, cast.ground, words, photo)
        must_be_readable(phone.directory, [*cast.markers.archive, *words])
