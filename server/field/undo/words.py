"""What becomes of a change that is taken back, and what it was about, in Chinese and English."""

from __future__ import annotations

from server.field.undo.history import GONE, MADE, SCOPE, Finding, Verdict
from sync.records import COLLECTIONS

__all__ = ["VERDICTS", "field_of"]

VERDICTS = {
    Verdict.RESTORE: ("恢复", "restored"),
    Verdict.CONFIRMED: ("同事已确认，保留", "confirmed by somebody else, stays"),
    Verdict.CHANGED: ("同事已修改，保留", "changed by somebody else since, stays"),
    Verdict.ONWARD: ("只能前进，保留", "only goes forward, stays"),
    Verdict.UNKNOWN: ("日志内容已移除，无法恢复", "not known any more, cannot be restored"),
    Verdict.GONE: ("档案已被他人移除", "removed by somebody else"),
    Verdict.REGISTERED: ("由其登记，请核实", "registered by this person: look at it"),
}
_ASIDE = {GONE: ("档案", "The record"), SCOPE: ("片区", "Territory"), MADE: ("登记", "Registered")}


def field_of(one: Finding) -> tuple[str, str]:
    """What the field of a finding is called, with the key of its element where it is a set."""
    rules = COLLECTIONS[one.collection].rules
    if one.field in rules:
        rule = rules[one.field]
        zh, en = rule.zh or one.field, rule.en or one.field
    else:
        zh, en = _ASIDE.get(one.field, ("内容", "Content"))
    return (zh, en) if one.key is None else (f"{zh} ({one.key})", f"{en} ({one.key})")
