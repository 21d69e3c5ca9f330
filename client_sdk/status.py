"""Honest status: computed from the stored state and the last verified digest, never from "connected".

It is answered in every state, also when nothing else is, and says in both languages what is the case and what to do.
"""

from __future__ import annotations

import msgspec

from client_sdk.device import Device
from client_sdk.errors import ReplicaLocked
from client_sdk.keys import Attempts, Health, LeaseTerms, Life
from client_sdk.local.meta import Name
from client_sdk.local.opened import OpenReplica
from client_sdk.timekeeping import Anchor
from sync.machine import State
from sync.records import COLLECTIONS, Refused

__all__ = ["Status", "refused_work", "status_of"]

_ENDED = frozenset({State.ACKNOWLEDGED, State.WIPED})

_SENTENCES: dict[str, tuple[str, str, str]] = {
    "awaiting": (
        "Enrolled. Somebody has to confirm the six digits.",
        "已登记，等待经理确认六位数字。",
        "Read the six digits to your manager, then sync.",
    ),
    "filling": ("The first sync is not finished yet.", "首次同步尚未完成。", "Sync until it is finished."),
    "verified": ("Everything here was compared with the company's copy.", "本机数据已与公司核对一致。", ""),
    "behind": (
        "There is work that the company does not have yet. It is safe on this phone.",
        "有工作尚未上传，已安全保存在手机上。",
        "Sync when there is a network.",
    ),
    "differing": (
        "Some of the data differs from the company's copy, and repairing it did not help.",
        "部分数据与公司不一致，自动修复未成功。",
        "Go on working; tell your manager.",
    ),
    "unverified": ("Not compared with the company's copy yet.", "尚未与公司数据核对。", "Sync."),
    "rebuilding": (
        "The replica was damaged and is being filled again. Your work is kept.",
        "本机副本已损坏，正在重新下载；您的工作已保留。",
        "Sync.",
    ),
    "locked": (
        "Locked: this phone has not heard from the server for too long. Your work is safe.",
        "已锁定：太久没有与服务器联系。您的工作已安全保存。",
        "Connect to a network and sync.",
    ),
    "erased": (
        "Locked for too long, so the replica was removed. Your work is kept, sealed for the company.",
        "锁定时间过长，本机副本已清除。您的工作已加密保留，只有公司能打开。",
        "Connect to a network and sync; the replica is filled again.",
    ),
    "ending": (
        "Access has ended. The replica is gone; work that was pending is being handed in.",
        "访问权限已终止，本机副本已清除，未上传的工作正在交回公司。",
        "Keep the phone on a network until the work is handed in.",
    ),
    "ended": (
        "Access has ended. The replica is gone and all work was handed in.",
        "访问权限已终止，本机副本已清除，全部工作已交回公司。",
        "You may remove the app. Call your manager with questions.",
    ),
}


class Status(msgspec.Struct, frozen=True):
    """What is the case. Times are server milliseconds, None where there is none.

    `verified` is true when the digests were equal at the last checkpoint; `verified_at` is when they last were.
    `pending` counts operations that the server has not acknowledged, `photos_pending` photos, `refused` own refused
    work (None while locked). `received` counts records of a first sync that is not finished. `differing` names scopes
    that repairs did not bring together. `why` is a stable word for the sentence in `en` and `zh`.
    """

    state: State
    why: str
    en: str
    zh: str
    todo: str
    since: int | None
    verified: bool
    verified_at: int | None
    last_contact: int | None
    pending: int
    photos_pending: int
    refused: int | None
    lease_ends: int | None
    erases_at: int | None
    complete: bool
    received: int
    differing: tuple[str, ...]
    next_attempt: int | None


def refused_work(replica: OpenReplica) -> list[Refused]:
    """Own refused work that is still open, newest first."""
    found = replica.rows.shown_of(COLLECTIONS["refused"].tag)
    return [one for one in found if isinstance(one, Refused) and one.state == "open"]


def status_of(device: Device) -> Status:
    """The status now. Raises ReplicaCorrupt only when `keys.db` cannot be read."""
    with device.lock:
        state, replica = _opened(device)
        health = device.keys.get(Health) or Health()
        pending = device.pending_count()
        why = _why(state, replica, health, pending)
        en, zh, todo = _SENTENCES[why]
        life, terms = device.keys.get(Life), device.keys.get(LeaseTerms)
        anchor, attempts = device.keys.get(Anchor), device.keys.get(Attempts)
        return Status(
            state=state,
            why=why,
            en=en,
            zh=zh,
            todo=todo,
            since=life.since if life else None,
            verified=_is_verified(replica, health),
            verified_at=health.verified_at,
            last_contact=anchor.contact if anchor else None,
            pending=pending,
            photos_pending=device.photos_pending(),
            refused=len(refused_work(replica)) if replica is not None else None,
            lease_ends=terms.locks_at if terms else None,
            erases_at=terms.locks_at + terms.erases_after if terms else None,
            complete=replica.is_complete if replica is not None else False,
            received=replica.meta.number(Name.RECEIVED) if replica is not None else 0,
            differing=health.differing,
            next_attempt=attempts.not_before if attempts and attempts.failed else None,
        )


def _opened(device: Device) -> tuple[State, OpenReplica | None]:
    """The state, and the replica where it opens."""
    state = device.settle()
    try:
        return state, device.replica() if state is State.OPEN else None
    except ReplicaLocked:
        return device.settle(), None


def _is_verified(replica: OpenReplica | None, health: Health) -> bool:
    is_equal = health.verified_at is not None and health.verified_at == health.checked_at
    return replica is not None and replica.is_complete and is_equal


def _why(state: State, replica: OpenReplica | None, health: Health, pending: int) -> str:
    if state in {State.AWAITING, State.LOCKED, State.ERASED}:
        return str(state)
    if replica is None:
        return "ended" if state in _ENDED else "ending"
    if not replica.is_complete:
        return "rebuilding" if health.rebuilt else "filling"
    if health.differing:
        return "differing"
    if pending:
        return "behind"
    return "verified" if _is_verified(replica, health) else "unverified"
