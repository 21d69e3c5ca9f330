"""A rep's own appraisal on the phone: lines with reasons, totals, and what the phone no longer holds."""

from __future__ import annotations

from client_sdk.appraisal import ScoreLine
from client_sdk.testing.world import World
from sync import scopes
from sync.records import Score


def test_a_months_lines_are_there_with_their_reasons_offline(world: World) -> None:
    """By reason and outlet, with the total; an outlet that is not on the phone has no name."""
    shop, master = world.outlet("小李副食"), world.company.master
    own, elsewhere = scopes.staff(world.rep.id), world.company.new_id()
    lines = [
        ("2026-10", "keep", 100, shop.id),
        ("2026-10", "build", 500, elsewhere),
        ("2026-09", "build", 700, shop.id),
    ]
    for month, reason, amount, about in lines:
        master.put(Score(world.company.new_id(), month, reason, amount, about, f"{reason}!"), own)
    replica = world.phone()
    assert replica.appraisal.months() == ["2026-10", "2026-09"]
    found = replica.appraisal.month("2026-10")
    assert found.total == 600
    assert found.lines == (
        ScoreLine("build", 500, "build!", elsewhere),
        ScoreLine("keep", 100, "keep!", shop.id, "小李副食"),
    )
    assert replica.appraisal.month("2026-08").lines == ()
