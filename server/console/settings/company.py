"""The settings of the deployment (settings.toml, environment): shown with where they are changed; never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import msgspec

from server.settings import PREFIX, Settings
from server.values import lasting

__all__ = ["Held", "held"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "company_name": ("公司名称", "The company's name"),
    "language": ("默认语言", "Usual language"),
    "time_zone": ("时区", "Time zone"),
    "phone_region": ("电话所在国家或地区", "Country of phones without a code"),
    "support_contact": ("求助电话", "Whom to call"),
    "lease_locks_after": ("手机失联多久锁定", "A phone without contact locks after"),
    "lease_erases_after": ("锁定多久后清除", "It erases so long after the lock"),
    "lease_under_notice": ("离职通知期内的租约", "Lease of somebody under notice"),
    "help_lasts": ("临时协助时长", "Temporary help lasts"),
    "code_lifetime": ("登记码有效期", "An enrolment code is good for"),
    "confirm_devices": ("新手机须核对六位数字", "New phones wait for their six digits"),
    "mass_change_guard": ("批量修改须审批", "Mass changes wait for a manager"),
    "mass_change_least": ("每天至少改多少项才算批量", "Changes a day that are no mass change yet"),
    "mass_change_times": ("超过平时几倍算批量", "Times of the daily habit that are none yet"),
    "whatif_purchases": ("离职测算回看采购", "What-if looks back on purchases"),
    "whatif_faces": ("离职测算回看联系", "What-if looks back on contacts"),
    "effect_loss": ("采购下降百分之几算流失", "Fall of purchases that is a loss, percent"),
    "wipe_reminder_after": ("擦除令多久未完成即提醒", "A wipe that hangs is brought up after"),
    "wipe_reminder_every": ("此后每隔多久再提醒", "And again every"),
    "visit_hour_cost": ("拜访每小时成本（分）", "Cost of an hour of visits, minor units"),
    "decoys_per_replica": ("每台手机的标记终端", "Decoys on each phone"),
    "check_hour": ("每夜检查的时刻", "Hour of the night's check"),
}
_LENGTHS = frozenset({"help_lasts", "code_lifetime", "body_wait", "stream_length", "checkpoint_every"})
_LONG = ("lease_", "whatif_", "wipe_reminder_")


class Held(msgspec.Struct, frozen=True):
    """One setting: how the file and the environment name it, what it means, and what it is; None for a secret, of which
    only `is_set` is said.
    """

    name: str
    variable: str
    words: tuple[str, str] | None
    value: str | None
    is_set: bool


def held(settings: Settings) -> list[Held]:
    """All settings, those that people read first."""
    found = []
    for one in fields(settings):
        if "read" not in one.metadata:
            continue
        value = getattr(settings, one.name)
        text = _written(one.name, value) if one.repr else None
        is_set = value != one.default
        found.append(Held(one.name, f"{PREFIX}{one.name.upper()}", _WORDS.get(one.name), text, is_set))
    order = list(_WORDS)
    return sorted(found, key=lambda one: order.index(one.name) if one.name in order else len(order))


def _written(name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and (name in _LENGTHS or name.startswith(_LONG)):
        return lasting(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
