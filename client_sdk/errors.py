"""Everything that a caller of the SDK can catch, in one tree.

    SaojieError
    ├── NotEnrolled          the directory holds no enrolled replica
    ├── NotConfirmed         somebody has yet to confirm the six digits
    ├── NoticeUnread         a notice has to be acknowledged first; `notices` carries what to read
    ├── ReplicaLocked        the lease is over; a sync renews it
    ├── ReplicaWiped         the company ended access; nothing can be opened again
    ├── ReplicaCorrupt       a file was damaged; what could be rebuilt is being rebuilt
    ├── ReplicaClosed        the replica was closed, or this process is a fork of the one that opened it
    ├── WrongThread          a call that would hold up the screen, or wait for itself; nothing was done
    ├── AppTooOld            a later version has worked with these files; this one leaves them alone
    ├── EncryptionMissing    this SQLite cannot encrypt, so nothing is opened with it
    ├── EnrolmentRefused     the server or the fingerprints of the code said no
    ├── LetterRefused        a lease by letter that is no use to this phone any more
    ├── NoNetwork            an act that needs the server did not reach it (a sync never raises this)
    ├── InvalidInput         a value is not allowed; `field` names it. Nothing was stored
    ├── AlreadyBegun         an InvalidInput: a sweep, or a visit, goes on; another cannot begin. Nothing was stored
    ├── AlikeOutlets         outlets like the one to register are known; `found` are to be shown. Nothing was stored
    ├── NotFound             no such record on this phone
    ├── ReplicaBusy          another process holds the files; nothing was stored
    ├── StorageFull          the phone has no room; nothing was stored
    └── StorageFailed        the phone's storage cannot be read or written; nothing was stored

Each error has a stable `code`, a sentence for the person (`en`, `zh`), and what to do next (`todo`, `todo_zh`).
Having no network is an answer of `sync()`, not an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from client_sdk.alike import Lookalike
from sync.errors import problem
from sync.records import Notice

__all__ = [
    "AlikeOutlets",
    "AlreadyBegun",
    "AppTooOld",
    "EncryptionMissing",
    "EnrolmentRefused",
    "InvalidInput",
    "LetterRefused",
    "NoNetwork",
    "NotConfirmed",
    "NotEnrolled",
    "NotFound",
    "NoticeUnread",
    "ReplicaBusy",
    "ReplicaClosed",
    "ReplicaCorrupt",
    "ReplicaLocked",
    "ReplicaWiped",
    "SaojieError",
    "StorageFailed",
    "StorageFull",
    "WrongThread",
]


class SaojieError(Exception):
    """The root: a stable code, sentences for the person in both languages, what to do next, and a detail for logs."""

    code: str = "saojie"
    en: str = "Something went wrong."
    zh: str = "发生错误。"
    todo: str = "Tell us."
    todo_zh: str = "请告知我们。"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.en} {detail}".strip())
        self.detail = detail


class NotEnrolled(SaojieError):
    """The directory holds no enrolled replica."""

    code = "not_enrolled"
    en = "This phone is not enrolled."
    zh = "本机尚未登记。"
    todo = "Enrol with a code from your manager."
    todo_zh = "请向经理索取登记码并登记。"


class NotConfirmed(SaojieError):
    """Enrolled, and nobody has confirmed the six digits yet."""

    code = "not_confirmed"
    en = "Somebody has to confirm the six digits first."
    zh = "等待经理确认六位数字。"
    todo = "Read the six digits to your manager, then sync."
    todo_zh = "请把六位数字读给经理，然后同步。"


class NoticeUnread(SaojieError):
    """Notices hold the archive until they are acknowledged as they stand now. Nothing was read or stored."""

    code = "notice_unread"
    en = "A notice of the company has to be read before the archive opens."
    zh = "请先阅读公司须知，然后才能打开客户档案。"
    todo = "Show the notices and acknowledge them."
    todo_zh = "请显示须知并确认。"

    def __init__(self, notices: Sequence[Notice] = ()) -> None:
        super().__init__()
        self.notices = tuple(notices)


class ReplicaLocked(SaojieError):
    """The lease is over. What was logged is safe; a sync renews the lease."""

    code = "replica_locked"
    en = "The replica is locked because it has not heard from the server for too long. Your work is safe."
    zh = "副本已锁定：太久没有与服务器联系。您的工作已安全保存。"
    todo = "Connect to a network and sync."
    todo_zh = "请连接网络并同步。"


class ReplicaWiped(SaojieError):
    """The company ended access: nothing on this phone opens the replica again."""

    code = "replica_wiped"
    en = "Access has ended and the replica on this phone is gone. Work that was pending is handed in."
    zh = "访问权限已终止，本机副本已清除。未上传的工作会交回公司。"
    todo = "Keep the phone on a network until the work is handed in; call your manager with questions."
    todo_zh = "请保持手机联网，直到工作全部交回；如有疑问请致电经理。"


class ReplicaCorrupt(SaojieError):
    """A file of the replica was damaged. The outbox is kept; the replica fills again from the master store."""

    code = "replica_corrupt"
    en = "The replica on this phone was damaged. It is filled again at the next sync; your work is kept."
    zh = "本机副本已损坏，将在下次同步时重新下载；您的工作已保留。"
    todo = "Sync."
    todo_zh = "请同步。"


class AppTooOld(SaojieError):
    """A later version of the SDK has brought a file to a form that this one does not know. Nothing was touched."""

    code = "app_too_old"
    en = "A newer version of this app has worked with the data on this phone, and this one leaves it alone."
    zh = "本机数据已由更新版本的应用升级，当前版本不会改动。"
    todo = "Install the newest version of the app over this one; do not remove the app or its data."
    todo_zh = "请直接安装最新版本的应用，切勿卸载应用或清除数据。"


class EncryptionMissing(SaojieError):
    """The SQLite that is installed cannot encrypt, so nothing is opened with it."""

    code = "encryption_missing"
    en = "The storage on this phone cannot encrypt, so the replica is not opened."
    zh = "本机存储不支持加密，无法打开副本。"
    todo = "Install apsw-sqlite3mc in place of apsw."
    todo_zh = "请安装 apsw-sqlite3mc 以代替 apsw。"


class NoNetwork(SaojieError):
    """An act that needs the server did not reach it."""

    code = "no_network"
    en = "The server cannot be reached."
    zh = "无法连接服务器。"
    todo = "Connect to a network and try again."
    todo_zh = "请连接网络后重试。"


class NotFound(SaojieError):
    """No such record on this phone."""

    code = "record_unknown"
    en = "There is no such record on this phone."
    zh = "本机没有该档案。"
    todo = "Sync, then look for it again."
    todo_zh = "请先同步，再查找。"


class StorageFull(SaojieError):
    """The phone has no room. Nothing was stored."""

    code = "storage_full"
    en = "There is no room left on this phone; nothing was saved."
    zh = "手机存储空间不足，内容未保存。"
    todo = "Free some space, then save again."
    todo_zh = "请清理存储空间，然后重新保存。"


class ReplicaBusy(SaojieError):
    """Another process holds the files for longer than a call may wait. Nothing was stored."""

    code = "replica_busy"
    en = "Another process is busy with the replica; nothing was saved."
    zh = "副本正被另一个进程占用，内容未保存。"
    todo = "Try again."
    todo_zh = "请重试。"


class StorageFailed(SaojieError):
    """The phone's storage cannot be read or written. Nothing was stored."""

    code = "storage_failed"
    en = "The storage of this phone cannot be read or written; nothing was saved."
    zh = "手机存储无法读写，内容未保存。"
    todo = "Restart the phone; call your manager if it goes on."
    todo_zh = "请重启手机；如仍无法解决请致电经理。"


class EnrolmentRefused(SaojieError):
    """The server, or a fingerprint in the code, said no. `code` is the server's, or one of those below."""

    own: ClassVar[dict[str, tuple[str, str, str, str]]] = {
        "already_enrolled": (
            "This directory is enrolled already.",
            "该目录已登记。",
            "Open it, or choose another one.",
            "请打开它，或另选目录。",
        ),
        "wrong_server": (
            "The server's keys are not those of the code.",
            "服务器密钥与登记码不符。",
            "Do not go on: tell your manager.",
            "请勿继续，并告知经理。",
        ),
        "bad_code": (
            "This is not an enrolment code.",
            "登记码格式不正确。",
            "Type the 24 characters again.",
            "请重新输入 24 位登记码。",
        ),
    }

    def __init__(self, code: str, detail: str = "") -> None:
        row = problem(code)
        self.code = code
        self.en, self.zh, self.todo, self.todo_zh = self.own.get(code, (row.en, row.zh, row.todo, row.todo_zh))
        super().__init__(detail)


class InvalidInput(SaojieError):
    """A value is not allowed. `field` names it (empty for the whole); nothing was stored."""

    def __init__(self, code: str, field: str, detail: str = "") -> None:
        row = problem(code)
        self.code, self.field = code, field
        self.en, self.zh, self.todo, self.todo_zh = row.en, row.zh, row.todo, row.todo_zh
        super().__init__(f"[{field}] {detail}".strip() if field else detail)


class AlreadyBegun(InvalidInput):
    """A sweep, or a visit, goes on, so another one cannot begin. Nothing was stored."""

    own: ClassVar[dict[str, tuple[str, str, str, str]]] = {
        "sweep": (
            "A sweep is going on already.",
            "已有一次扫街正在进行。",
            "Go on with it, finish it, or abandon it; then begin another.",
            "请继续、结束或放弃正在进行的扫街，然后再开始。",
        ),
        "visit": (
            "A visit is going on already.",
            "已有一次拜访正在进行。",
            "Finish it, or give it up; then begin another.",
            "请结束或放弃正在进行的拜访，然后再开始。",
        ),
    }

    def __init__(self, what: str) -> None:
        SaojieError.__init__(self, f"{what} already begun")
        self.code, self.field = "already_begun", what
        self.en, self.zh, self.todo, self.todo_zh = self.own[what]


class AlikeOutlets(SaojieError):
    """What is to be registered may be there already: `found` are outlets and teasers to show. Nothing was stored."""

    code = "alike_outlets"
    en = "Outlets like this one are known already."
    zh = "已有相似的终端。"
    todo = "Look at them; claim the one, or say that this is another."
    todo_zh = "请核对：是同一家则直接使用或认领，不是则确认后登记。"

    def __init__(self, found: Sequence[Lookalike] = ()) -> None:
        super().__init__(f"{len(found)} alike")
        self.found = tuple(found)


class LetterRefused(SaojieError):
    """A lease by letter that the company signed and that is of no use to this phone any more. Nothing has changed."""

    own: ClassVar[dict[str, tuple[str, str, str, str]]] = {
        "letter_old": (
            "This letter is older than the lease that this phone holds.",
            "该租约信函早于本机现有的租约。",
            "Ask for a new letter.",
            "请索取新的租约信函。",
        ),
        "letter_over": (
            "The lease in this letter is over.",
            "该信函中的租约已到期。",
            "Ask for a new letter, or connect to a network and sync.",
            "请索取新的租约信函，或连接网络并同步。",
        ),
        "letter_sealed": (
            "This phone has no key that opens this letter.",
            "本机没有打开该信函的密钥。",
            "Connect to a network and sync.",
            "请连接网络并同步。",
        ),
    }

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.en, self.zh, self.todo, self.todo_zh = self.own[code]
        super().__init__(detail)


class ReplicaClosed(SaojieError):
    """The replica was closed, or this process was forked from the one that opened it. No file was touched."""

    own: ClassVar[dict[str, tuple[str, str, str, str]]] = {
        "replica_closed": (
            "The replica was closed.",
            "副本已关闭。",
            "Open it again.",
            "请重新打开。",
        ),
        "replica_forked": (
            "The replica was opened by another process, of which this one is a copy.",
            "副本由另一个进程打开，当前进程是它的副本。",
            "Use it where it was opened; a process of its own starts anew and opens the directory itself.",
            "请在打开它的进程中使用；如需另一个进程，请重新启动并自行打开目录。",
        ),
    }

    def __init__(self, code: str = "replica_closed", detail: str = "") -> None:
        self.code = code
        self.en, self.zh, self.todo, self.todo_zh = self.own[code]
        super().__init__(detail)


class WrongThread(SaojieError):
    """A call that would hold up the screen, or wait for itself, was made on a thread where it may not be. Nothing was
    done.
    """

    own: ClassVar[dict[str, tuple[str, str, str, str]]] = {
        "screen_thread": (
            "This call waits for a network, and was made on the thread that draws the screen.",
            "该操作需要等待网络，不能在绘制界面的线程上进行。",
            "Make it on a thread of its own.",
            "请在单独的线程上进行。",
        ),
        "own_thread": (
            "This call was made from what a watch or `live` calls, and would wait for itself.",
            "该操作在监视或同步的回调中进行，会等待自身。",
            "Make it on another thread, or have the watch call through one.",
            "请在另一个线程上进行，或让回调经由其他线程。",
        ),
        "query_thread": (
            "A query that is watched only reads: it is run again after everything that happens.",
            "被监视的查询只能读取：每次变化后都会重新执行。",
            "Watch a query that only reads, and make this call where somebody asks for it.",
            "请监视只读的查询，并在需要时单独进行该操作。",
        ),
    }

    def __init__(self, code: str = "screen_thread", detail: str = "") -> None:
        self.code = code
        self.en, self.zh, self.todo, self.todo_zh = self.own[code]
        super().__init__(detail)
