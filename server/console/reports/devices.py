"""Reports on the pool and on the health of the devices' syncs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from server.console.plots import Data, Plot, Series, bars, columns
from server.console.reports.values import Cell, Figure, Look, Report, Shape, Table
from server.console.reports.work import span_of
from server.console.words import word
from server.field.pool.flow import Week, flow
from server.identity.fleet import WORDS, DeviceHealth, Trouble, health_of

__all__ = ["health", "pool"]

_FLOWS = {
    "by_rule": ("按规则退回", "Returned by the rule"),
    "by_hand": ("人工退回", "Returned by hand"),
    "restored": ("退回已撤销", "Returns undone"),
    "claimed": ("领取", "Claimed"),
    "dealt": ("分配", "Dealt"),
    "allotted": ("指派", "Allotted"),
    "lost": ("未得的领取", "Claims that did not win"),
}
_IN = ("by_rule", "by_hand")
_OUT = ("claimed", "dealt", "allotted", "restored")


async def pool(look: Look) -> Report:
    """What went into the pools and out of them by week."""
    weeks = await flow(look.tx, span_of(look), look.ground)
    into, out = (sum(getattr(one, name) for one in weeks for name in names) for names in (_IN, _OUT))
    figures = (
        Figure(look.say("进入公海", "Into the pools"), into),
        Figure(look.say("离开公海", "Out of the pools"), out),
        Figure(look.say("未得的领取", "Claims that did not win"), sum(one.lost for one in weeks)),
    )
    plots = (
        _flow(look, look.say("每周进入公海", "Into the pools by week"), weeks, _IN),
        _flow(look, look.say("每周离开公海", "Out of the pools by week"), weeks, _OUT),
    )
    return Report(figures, plots, (_weeks(look, weeks),))


def _flow(look: Look, title: str, weeks: Sequence[Week], names: Sequence[str]) -> Plot:
    series = [Series(look.say(*_FLOWS[name]), tuple(getattr(one, name) for one in weeks)) for name in names]
    axes = look.say("自周一", "Week from"), look.say("家", "Outlets")
    return columns(Data(title, [f"{one.monday:%m-%d}" for one in weeks], series, axes))


def _weeks(look: Look, weeks: Sequence[Week]) -> Table:
    headings = (look.column("自周一", "Week from"), *(look.count(*words) for words in _FLOWS.values()))
    rows: list[tuple[Cell, ...]] = [
        (str(one.monday), *(getattr(one, name) for name in _FLOWS)) for one in reversed(weeks)
    ]
    return Table(look.say("每周", "By week"), headings, rows)


async def health(look: Look) -> Report:
    """How the devices are, the worst first."""
    found = await health_of(look.tx, look.ground.sources.now())
    wrong = [one for one in found if one.troubles]
    shown = found if look.asked.everything else wrong
    figures = (
        Figure(look.say("设备", "Devices"), len(found)),
        Figure(look.say("有问题", "With trouble"), len(wrong)),
        Figure(look.say("待上传", "Pending"), sum(one.pending for one in found)),
        Figure(look.say("被拒绝", "Refused"), sum(one.refused for one in found)),
    )
    return Report(figures, (_troubles(look, found),), (_devices(look, shown),))


def _troubles(look: Look, found: Sequence[DeviceHealth]) -> Plot:
    counted = Counter(trouble for one in found for trouble in one.troubles)
    there = [one for one in Trouble if counted[one]]
    series = [Series(look.say("设备", "Devices"), tuple(counted[one] for one in there))]
    axes = look.say("问题", "What is wrong"), look.say("台", "Devices")
    return bars(Data(look.say("哪些问题", "What is wrong"), [look.say(*WORDS[one]) for one in there], series, axes))


def _devices(look: Look, found: Sequence[DeviceHealth]) -> Table:
    headings = (
        look.column("使用人", "Person"), look.column("状态", "State"), look.column("问题", "What is wrong"),
        look.column("最近联系", "Last contact", Shape.WHEN),
        look.column("最近核对一致", "Last verified", Shape.WHEN), look.count("待上传", "Pending"),
        look.column("最早待上传", "Pending since", Shape.WHEN), look.count("被拒绝", "Refused"),
        look.column("时钟偏差（秒）", "Clock off, seconds", Shape.COUNT), look.column("版本", "Version"),
        look.column("设备", "Device"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        wrong = look.say("；", "; ").join(look.say(*WORDS[trouble]) for trouble in one.troubles)
        off = None if one.clock_offset is None else round(one.clock_offset / 1000)
        rows.append((
            look.person(one.staff), word("standing", one.standing.value, look.viewer.language), wrong,
            one.last_contact, one.verified_at, one.pending, one.pending_since, one.refused, off, one.sdk,
            str(one.device),
        ))  # fmt: skip
    return Table(look.say("设备", "Devices"), headings, rows)
