"""How a replica's life goes, drawn from the table of `sync.machine`: `docs/replica-life.svg`.

`python -m tests.sync.life_drawing` writes it again. Two columns: what comes before an order, and what comes after it.
States, arrows and what each state owes come from the table; only their words in two languages stand here.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import msgspec

from sync.machine import OWED, TRANSITIONS, Event, Instruction, State, answers_calls
from tests.source import ROOT

__all__ = ["PATH", "drawing"]

PATH = ROOT / "docs" / "replica-life.svg"

STATES = {
    State.AWAITING: ("待确认", "awaiting"),
    State.OPEN: ("可用", "open"),
    State.LOCKED: ("已锁定", "locked"),
    State.ERASED: ("已移除", "erased"),
    State.ORDERED: ("已接令", "ordered"),
    State.SHARELESS: ("密钥已毁", "shareless"),
    State.CLEARED: ("文件已删", "cleared"),
    State.DRAINED: ("工作已交", "drained"),
    State.ACKNOWLEDGED: ("公司已收讫", "acknowledged"),
    State.WIPED: ("已清除", "wiped"),
}
EVENTS = {
    Event.LEASE_GRANTED: ("获得租约", "a lease came"),
    Event.LEASE_LAPSED: ("租约到期", "the lease is over"),
    Event.ERASING_DUE: ("锁定过久", "locked for too long"),
    Event.ORDER_VERIFIED: ("清除令属实", "a wipe order"),
    Event.SHARE_DESTROYED: ("本机密钥份额已毁", "the share is destroyed"),
    Event.FILES_REMOVED: ("副本文件已删", "the files are removed"),
    Event.OUTBOX_HANDED_IN: ("未传工作已交回", "pending work is handed in"),
    Event.RECEIPT_ACKNOWLEDGED: ("公司收讫回执", "the receipt arrived"),
    Event.DEVICE_KEY_DESTROYED: ("设备密钥已毁", "the device key is destroyed"),
}
INSTRUCTIONS = {
    Instruction.ASK_FOR_LEASE: ("索取租约", "ask for a lease"),
    Instruction.ERASE_LEASE_SHARE: ("抹去租约份额", "erase the lease share"),
    Instruction.DESTROY_SEALING_KEY: ("销毁封装密钥", "destroy the sealing key"),
    Instruction.DESTROY_DEVICE_SHARE: ("销毁本机份额", "destroy the device share"),
    Instruction.REMOVE_REPLICA_FILES: ("删除副本文件", "remove the files"),
    Instruction.SEND_TOLD_RECEIPT: ("回执：已获知", "receipt: told"),
    Instruction.SEND_LOCK_RECEIPT: ("回执：已锁死", "receipt: locked for good"),
    Instruction.HAND_IN_OUTBOX: ("交回未传工作", "hand in pending work"),
    Instruction.SEND_FINAL_RECEIPT: ("回执：已完成", "receipt: done"),
    Instruction.DESTROY_DEVICE_KEY: ("销毁设备密钥", "destroy the device key"),
}

_ORDER = Event.ORDER_VERIFIED
_LEFT, _RIGHT, _WIDE, _BUS, _WIDTH = 196, 640, 270, 598, 940
"""Where the two columns begin, how wide their boxes are, where arrows to the order meet, and the whole's width."""
_TOP, _GAP, _HEAD, _LINE, _LANE = 84, 58, 44, 20, 88
"""Where boxes begin; between two of them; a box's head, and each line of what it owes; between ways back."""

_STYLE = """
svg { font-family: "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", system-ui, sans-serif; }
.paper { fill: #ffffff; } .box { fill: #f6f7f9; stroke: #8a94a3; stroke-width: 1.2; }
.open .box { fill: #e7f5ec; stroke: #1f8a4c; } .ending .box { fill: #fbeeee; stroke: #b4483f; }
.name { font-size: 16px; font-weight: 600; fill: #1b2430; } .word { font-size: 13px; fill: #4d5868; }
.head { font-size: 14px; font-weight: 600; fill: #1b2430; } .said { font-size: 12.5px; fill: #1b2430; }
.owed { font-size: 12.5px; fill: #1b2430; } .arrow { fill: none; stroke: #4d5868; stroke-width: 1.5; }
.order { stroke: #b4483f; } .tip { fill: #4d5868; } .tip-order { fill: #b4483f; }
@media (prefers-color-scheme: dark) {
.paper { fill: #12161c; } .box { fill: #1d232c; stroke: #77828f; }
.open .box { fill: #14301f; stroke: #46b877; } .ending .box { fill: #331c1b; stroke: #e0796f; }
.name, .head, .said, .owed { fill: #e9edf2; } .word { fill: #aab4c0; }
.arrow { stroke: #aab4c0; } .tip { fill: #aab4c0; } .order { stroke: #e0796f; } .tip-order { fill: #e0796f; }
}
""".strip()


class _Box(msgspec.Struct, frozen=True):
    """One state on the drawing, in pixels from the top left."""

    state: State
    x: int
    y: int

    @property
    def height(self) -> int:
        """Its head and its lines."""
        return _HEAD + _LINE * len(_lines(self.state)) + 8

    @property
    def end(self) -> int:
        """Its right edge."""
        return self.x + _WIDE

    @property
    def foot(self) -> int:
        """Its lower edge."""
        return self.y + self.height


def drawing() -> str:
    """The whole picture, as the table has it. ValueError for an arrow that two columns have no room for."""
    life, end = _columns()
    left, right = _placed(life, _LEFT), _placed(end, _RIGHT)
    boxes = {one.state: one for one in (*left, *right)}
    height = max(one.foot for one in boxes.values()) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}">',
        "<title>副本的一生 · A replica's life</title>",
        f"<style>\n{_STYLE}\n</style>",
        f"<defs>{_tip('tip')}{_tip('tip-order')}</defs>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="10"/>',
        _text(_LEFT, 36, "head", "权限有效期间"),
        _text(_LEFT, 56, "word", "while access lasts"),
        _text(_RIGHT, 36, "head", "清除令之后"),
        _text(_RIGHT, 56, "word", "after a wipe order"),
        *_arrows(boxes),
        *(line for box in boxes.values() for line in _drawn(box, is_ending=box in right)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


# ---- where things stand --------------------------------------------------------


def _columns() -> tuple[list[State], list[State]]:
    """The states before an order and after it, each in the order in which a life first comes to them."""
    life = _reached(State.AWAITING, passing=frozenset({_ORDER}))
    (order,) = {to for (_, event), to in TRANSITIONS.items() if event is _ORDER}
    end = _reached(order, passing=frozenset())
    if set(life) & set(end) or {*life, *end} != set(State):
        raise ValueError("the table has states that are neither before nor after an order")
    return life, end


def _reached(first: State, passing: frozenset[Event]) -> list[State]:
    found = [first]
    for state in found:
        steps = [to for (was, event), to in TRANSITIONS.items() if was is state and event not in passing]
        found += [to for to in dict.fromkeys(steps) if to not in found]
    return found


def _placed(column: list[State], x: int) -> list[_Box]:
    made: list[_Box] = []
    for state in column:
        made.append(_Box(state, x, made[-1].foot + _GAP if made else _TOP))
    return made


# ---- what is drawn --------------------------------------------------------


def _arrows(boxes: dict[State, _Box]) -> Iterator[str]:
    """Every arrow of the table; those of the order meet on one line."""
    lane = _LEFT
    ordered: list[_Box] = []
    for (was, event), to in TRANSITIONS.items():
        one, other = boxes[was], boxes[to]
        if event is _ORDER:
            ordered.append(one)
        elif was is to:
            yield from _loop(one, event)
        elif other.x == one.x and other.y == one.foot + _GAP:
            yield from _down(one, event)
        elif other.x == one.x and other.y < one.y:
            lane -= _LANE
            yield from _back(one, other, event, lane)
        else:
            raise ValueError(f"no room for the arrow from {was} to {to}")
    yield from _orders(ordered, boxes[TRANSITIONS[ordered[0].state, _ORDER]])


def _down(one: _Box, event: Event) -> Iterator[str]:
    middle = one.x + 40
    yield _path(f"M{middle} {one.foot} V{one.foot + _GAP - 2}")
    yield from _said(middle + 14, one.foot + 24, event)


def _loop(one: _Box, event: Event) -> Iterator[str]:
    yield _path(f"M{one.end} {one.y + 12} h16 q8 0 8 8 v4 q0 8 -8 8 h-14")
    yield from _said(one.end + 30, one.y + 18, event)


def _back(one: _Box, other: _Box, event: Event, lane: int) -> Iterator[str]:
    start, end = one.y + one.height // 2, other.foot - 14 + (lane - _LEFT) // 8
    yield _path(f"M{one.x} {start} H{lane + 8} q-8 0 -8 -8 V{end + 8} q0 -8 8 -8 H{one.x - 2}")
    yield from _said(lane + 2, start + 16, event)


def _orders(ordered: list[_Box], order: _Box) -> Iterator[str]:
    at = order.y + 22
    for one in ordered:
        yield f'<path class="arrow order" d="M{one.end} {one.foot - 10} H{_BUS}"/>'
    lowest = max(one.foot for one in ordered) - 10
    yield f'<path class="arrow order" marker-end="url(#tip-order)" d="M{_BUS} {lowest} V{at} H{order.x - 2}"/>'
    zh, en = EVENTS[_ORDER]
    yield _text(_BUS - 6, at - 28, "said", zh, anchor="middle")
    yield _text(_BUS - 6, at - 12, "word", en, anchor="middle")


def _drawn(box: _Box, *, is_ending: bool) -> Iterator[str]:
    kind = "open" if answers_calls(box.state) else "ending" if is_ending else "waiting"
    yield f'<g class="{kind}">'
    yield f'<rect class="box" x="{box.x}" y="{box.y}" width="{_WIDE}" height="{box.height}" rx="8"/>'
    zh, en = STATES[box.state]
    yield _text(box.x + 14, box.y + 28, "name", zh)
    yield _text(box.end - 14, box.y + 28, "word", en, anchor="end")
    for number, (zh, en) in enumerate(_lines(box.state), 1):
        y = box.y + _HEAD + _LINE * number - 8
        yield _text(box.x + 14, y, "owed", zh)
        yield _text(box.end - 14, y, "word", en, anchor="end")
    yield "</g>"


def _lines(state: State) -> list[tuple[str, str]]:
    """What a state owes; where that is nothing, what it means."""
    if OWED[state]:
        return [INSTRUCTIONS[owed] for owed in OWED[state]]
    return [("应用的调用有应答", "calls are answered") if answers_calls(state) else ("到此为止", "nothing follows")]


def _said(x: int, y: int, event: Event) -> Iterator[str]:
    zh, en = EVENTS[event]
    yield _text(x, y, "said", zh)
    yield _text(x, y + 16, "word", en)


def _path(way: str) -> str:
    return f'<path class="arrow" marker-end="url(#tip)" d="{way}"/>'


def _tip(name: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path class="{name}" d="M0 0 L8 4 L0 8 z"/></marker>'
    )


def _text(x: int, y: int, kind: str, words: str, *, anchor: str = "") -> str:
    placed = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{kind}" x="{x}" y="{y}"{placed}>{escape(words)}</text>'


if __name__ == "__main__":
    PATH.write_text(drawing(), "utf-8")
