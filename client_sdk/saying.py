"""What a person reads of the replica's status: sentences with days and numbers, in English and Chinese. Pure.

Days are those of the phone's place; how long ago something was is counted from now.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from client_sdk.errors import AppTooOld
from client_sdk.lifecycle import HandedIn

__all__ = ["Said", "Situation", "held", "say", "work", "work_zh"]

_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_UNITS = (
    (2 * _DAY, _DAY, "day", "天"),
    (_HOUR, _HOUR, "hour", "小时"),
    (0, _MINUTE, "minute", "分钟"),
)

DayOf = Callable[[int], str]


class Situation(msgspec.Struct, frozen=True):
    """What a sentence is about. Times are server milliseconds, None where there is none; `why` picks the sentence. Of
    the photos, `held` wait for Wi-Fi.
    """

    why: str
    now: int
    since: int | None
    contact: int | None
    verified: int | None
    pending: int
    photos: int
    held: int
    handed_in: HandedIn
    notices: int
    call: str


class Said(msgspec.Struct, frozen=True):
    """A sentence on what is the case, and one on what to do, in both languages."""

    en: str
    zh: str
    todo: str
    todo_zh: str


_UNLOCK = (
    "Connect to a network and sync: that opens it again. Work added until then is kept for the company.",
    "请连接网络并同步，即可重新打开。在此之前新增的工作会为公司保留。",
)

_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "awaiting": (
        "Enrolled. Somebody has to confirm the six digits.",
        "已登记，等待经理确认六位数字。",
        "Read the six digits to your manager, then sync.",
        "请把六位数字读给经理，然后同步。",
    ),
    "filling": (
        "The first sync is not finished yet.",
        "首次同步尚未完成。",
        "Sync until it is finished.",
        "请同步至完成。",
    ),
    "notice": (
        "The archive opens when {notices} of the company has been read. {safe}",
        "阅读公司的{notices}后才能打开客户档案。{safe}",
        "Read it and acknowledge it.",
        "请阅读并确认。",
    ),
    "verified": (
        "Everything here was compared with the company's copy on {verified}.",
        "本机数据已于{verified}与公司核对一致。",
        "",
        "",
    ),
    "behind": (
        "{going} waiting for a network. Safe on this phone.",
        "{going}等待上传，已安全保存在手机上。",
        "Sync when there is a network.",
        "有网络时请同步。",
    ),
    "differing": (
        "Some of the data differs from the company's copy, and repairing it did not help.",
        "部分数据与公司不一致，自动修复未成功。",
        "Go on working; tell your manager.",
        "可以继续工作，并告知经理。",
    ),
    "unverified": ("Not compared with the company's copy yet.", "尚未与公司数据核对。", "Sync.", "请同步。"),
    "rebuilding": (
        "The replica was damaged and is being filled again. {safe}",
        "本机副本已损坏，正在重新下载。{safe}",
        "Sync.",
        "请同步。",
    ),
    "damaged": (
        "A file on this phone is damaged, so the archive does not open.",
        "本机文件已损坏，暂时无法打开客户档案。",
        "Sync. Where that does not help, keep the phone and tell your manager.",
        "请同步；如仍无法打开，请保留手机并告知经理。",
    ),
    "app_too_old": (AppTooOld.en, AppTooOld.zh, AppTooOld.todo, AppTooOld.todo_zh),
    "locked": (
        "Locked since {since}: not a word from the company since {contact}, so the lease is over. {safe}",
        "已于{since}锁定：自{contact}起没有与公司联系，租约已到期。{safe}",
        *_UNLOCK,
    ),
    "restarted": (
        "Locked: started again without a network, and by the phone's date the lease is over since {since}. {safe}",
        "已锁定：手机在没有网络时重新启动，按手机日期租约已于{since}到期。{safe}",
        *_UNLOCK,
    ),
    "suspended": (
        "Locked since {since}: the company has suspended this phone. {safe}",
        "已于{since}锁定：公司已停用本机。{safe}",
        "Ask your manager to release the phone, then sync.",
        "请联系经理恢复使用，然后同步。",
    ),
    "share_missing": (
        "Locked since {since}: the key that opens the replica is not in this phone's key store. {safe}",
        "已于{since}锁定：本机密钥库中没有打开副本的密钥。{safe}",
        *_UNLOCK,
    ),
    "key_store_lost": (
        "Locked since {since}: this phone's key store was lost, so it can no longer prove who it is. {safe}",
        "已于{since}锁定：本机密钥库已丢失，无法再证明设备身份。{safe}",
        "Do not remove the app. Ask your manager for a code and enrol again: the work is handed in then.",
        "请勿卸载应用。请向经理索取登记码并重新登记，工作届时会交回公司。",
    ),
    "erased": (
        "Locked for too long, so the replica was removed on {since}. The last contact was on {contact}. {safe}",
        "锁定时间过长，本机副本已于{since}清除。上次联系：{contact}。{safe}",
        "Connect to a network and sync; the replica is filled again. Work added until then is kept for the company.",
        "请连接网络并同步，副本会重新下载。在此之前新增的工作会为公司保留。",
    ),
    "ending": (
        "Access has ended since {since}, and nothing on this phone opens the replica any more. {handed} {safe}",
        "访问权限已于{since}终止，本机已无法打开副本。{handed}{safe}",
        "Keep the phone on a network until all work is handed in.",
        "请保持手机联网，直到工作全部交回。",
    ),
    "ended": (
        "Access has ended since {since}. The replica is gone and no work waits on this phone any more. {handed}",
        "访问权限已于{since}终止，本机副本已清除，没有待交的工作。{handed}",
        "You may remove the app.",
        "可以卸载本应用。",
    ),
}


def say(about: Situation, day_of: DayOf) -> Said:
    """The sentences for a situation."""
    en, zh, todo, todo_zh = _SENTENCES[about.why]
    english, chinese = _English(about, day_of), _Chinese(about, day_of)
    also, also_zh = held(about.held) if about.held else ("", "")
    return Said(
        f"{en.format_map(english.words()).strip()} {also}".strip(),
        zh.format_map(chinese.words()).strip() + also_zh,
        _with_call(todo, f"Questions: {about.call}." if about.call else ""),
        _with_call(todo_zh, f"如有疑问请致电：{about.call}。" if about.call else ""),
    )


def _with_call(todo: str, call: str) -> str:
    return f"{todo} {call}".strip() if todo else ""


def _age(now: int, then: int) -> tuple[int, str, str]:
    """How long ago, in the unit that fits: the number, and the unit in both languages."""
    passed = max(0, now - then)
    size, en, zh = next((size, en, zh) for least, size, en, zh in _UNITS if passed >= least)
    return passed // size, en, zh


class _English:
    """The words of a situation in English."""

    def __init__(self, about: Situation, day_of: DayOf) -> None:
        self._about, self._day_of = about, day_of

    def words(self) -> dict[str, str]:
        """Every word that a sentence may name."""
        about = self._about
        waiting = self._work()
        return {
            "since": self._when(about.since),
            "contact": self._when(about.contact),
            "verified": self._when(about.verified),
            "notices": _counted(about.notices, "notice"),
            "going": work(about.pending, about.photos - about.held),
            "handed": self._handed(about.handed_in),
            "safe": f"{waiting} waiting here, safe and sealed for the company." if waiting else "No work is waiting.",
        }

    def _handed(self, done: HandedIn) -> str:
        parts = [f"{work(done.count, done.photos)} handed in."] if done.count or done.photos else []
        parts += [f"{_counted(done.lost, 'photo')} could not be read any more and is lost."] if done.lost else []
        return " ".join(parts)

    def _work(self) -> str:
        return work(self._about.pending, self._about.photos)

    def _when(self, then: int | None) -> str:
        if then is None:
            return "an unknown day"
        number, unit, _ = _age(self._about.now, then)
        ago = f"{_counted(number, unit)} ago" if number else "just now"
        return f"{self._day_of(then)} ({ago})"


def held(photos: int) -> tuple[str, str]:
    """What waits for Wi-Fi, in both languages."""
    return (
        f"{_counted(photos, 'photo')} {'waits' if photos == 1 else 'wait'} for Wi-Fi.",
        f"{photos} 张照片等待 Wi-Fi。",
    )


def work(operations: int, photos: int) -> str:
    """So much work, in English; empty for none."""
    parts = ((operations, "operation"), (photos, "photo"))
    return " and ".join(_counted(number, name) for number, name in parts if number)


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


class _Chinese:
    """The words of a situation in Chinese."""

    def __init__(self, about: Situation, day_of: DayOf) -> None:
        self._about, self._day_of = about, day_of

    def words(self) -> dict[str, str]:
        """Every word that a sentence may name."""
        about = self._about
        waiting = self._work()
        return {
            "since": self._when(about.since),
            "contact": self._when(about.contact),
            "verified": self._when(about.verified),
            "notices": f" {about.notices} 条须知",
            "going": work_zh(about.pending, about.photos - about.held),
            "handed": self._handed(about.handed_in),
            "safe": f"{waiting}待交，已为公司加密，安全保存在本机。" if waiting else "没有待交的工作。",
        }

    def _handed(self, done: HandedIn) -> str:
        handed = f"已交回 {work_zh(done.count, done.photos)}。" if done.count or done.photos else ""
        return handed + (f"{done.lost} 张照片已无法读取，未能交回。" if done.lost else "")

    def _work(self) -> str:
        return work_zh(self._about.pending, self._about.photos)

    def _when(self, then: int | None) -> str:
        if then is None:
            return "未知日期"
        number, _, unit = _age(self._about.now, then)
        ago = f"{number} {unit}前" if number else "刚刚"
        return f" {self._day_of(then)}（{ago}）"


def work_zh(operations: int, photos: int) -> str:
    """The same in Chinese."""
    parts = ((operations, "条工作记录"), (photos, "张照片"))
    return "、".join(f"{number} {name}" for number, name in parts if number)
