"""The demo's middle: work without a network on two phones, and how it comes together."""

from __future__ import annotations

from typing import Any

from server.cli.demo.stage import Stage
from server.cli.trial.processes import Phone

__all__ = ["come_together", "sweep", "work_offline"]

_NEAR_M = 600


def work_offline(stage: Stage) -> None:
    """A sweep on each phone, one phone number changed twice, one new shop registered twice."""
    stage.act(
        3,
        "断网扫街：两人各自拜访，改了同一家的电话，登记了同一家新店",
        "Without a network: both sweep, both change one outlet's phone, both register the same new shop",
    )
    one, two = stage.leaver, stage.colleague
    for phone in (one, two):
        phone.does("offline", on=True)
    around = near_the_first(one)
    sweep(one, around[:8])
    sweep(two, around[8:13])
    disputed, here = around[0], around[0]["position"]
    one.does("update", outlet=disputed["id"], phone="13800000001")
    two.does("update", outlet=disputed["id"], phone="13900000002")
    for phone, name, apart in ((one, "老张烟酒行", 0.0), (two, "老张烟酒", 0.00005)):
        at = [here["lat"] + 0.0004 + apart, here["lon"] + 0.0004]
        phone.does("register", name=name, position=at, territory=str(stage.territory), outlet_class="tobacco_liquor")
    for phone in (one, two):
        pending = phone.pending
        stage.found.operations_logged_offline += pending
        ended = phone.does("sync")["report"]
        stage.tell(
            f"{phone.name}：{pending} 项操作已保存在手机上。同步：{ended['zh']}",
            f"{phone.name}: {pending} operations are safe on the phone. Sync: {ended['en']}",
        )


def near_the_first(phone: Phone) -> list[dict[str, Any]]:
    """Outlets around the first on the phone's list that has a position, nearest first."""
    here = next(one["position"] for one in phone.does("list", size=50)["outlets"] if one["position"])
    found = phone.does("near", lat=here["lat"], lon=here["lon"], within=_NEAR_M)["outlets"]
    return [one["outlet"] for one in found]


def sweep(phone: Phone, outlets: list[dict[str, Any]]) -> None:
    """Visit some outlets in a row, and log the walk."""
    for one in outlets:
        phone.does(
            "log_visit", outlet=one["id"], notes="补货两箱", stock=[["YL-TQ42", 12, 5, 0], ["QS-XF38", 30, 24, 0]]
        )
    sightings = [[one["id"], "visited", 300 * number] for number, one in enumerate(outlets)]
    near = [outlets[0]["position"]["lat"], outlets[0]["position"]["lon"]]
    phone.does("log_sweep", near=near, duration_s=300 * len(outlets), sightings=sightings)


async def come_together(stage: Stage) -> None:
    """Both phones come back; the server merges, keeps what lost, asks about what it cannot know."""
    stage.act(4, "恢复网络：逐字段合并", "The network is back: merged field by field")
    before = await stage.company.same_outlet_questions()
    for phone in (stage.leaver, stage.colleague):
        phone.does("offline", on=False)
    for phone in (stage.leaver, stage.colleague, stage.leaver):
        report = stage.sync(phone)
        came = ", ".join(f"{code} {count}" for code, count in report["outcomes"].items()) or "—"
        stage.tell(
            f"{phone.name}：上传 {report['sent']}，收到 {report['received']}，结果 {came}",
            f"{phone.name}: {report['sent']} sent, {report['received']} received, outcomes {came}",
        )
    await _show_conflicts(stage)
    asked = [one for one in await stage.company.same_outlet_questions() if one not in before]
    stage.found.same_shop_questions = len(asked)
    for one in asked:
        zh, _, en = one.reason.partition(" / ")
        stage.tell(
            f"问经理：新登记的两家是不是同一家？（{zh}）",
            f"The manager is asked whether two new outlets are one ({en})",
        )
    await stage.compare(stage.leaver, stage.colleague)


async def _show_conflicts(stage: Stage) -> None:
    lost = await stage.company.lost_values()
    stage.found.conflicts_kept = len(lost)
    for name, value, winner in lost:
        stage.tell(
            f"冲突：{name} 以 {winner} 为准，{value} 保留，待经理查看",
            f"A conflict: of {name}, {winner} stands and {value} is kept for the manager",
        )
