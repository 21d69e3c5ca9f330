"""From what was raised to one line with a code that says what to do."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from server.cli.talk import Failure
from server.departure.cutoff import LineMissing
from server.departure.departures_file import DeparturesFileError
from server.field.intake.reasons import IntakeError
from server.files import is_full
from server.identity.attestation import RootError
from server.identity.keys import KeyFileError
from server.master.faults import StoreBroken
from server.master.meta import StoreMoved
from server.master.schema import StoreError
from server.settings import SettingsError
from sync.errors import Refusal

__all__ = ["failure_of"]


def failure_of(error: Exception) -> Failure:
    """The failure to tell."""
    match error:
        case Failure():
            return error
        case Refusal() if not isinstance(error, StoreMoved | StoreBroken):
            detail = f" ({error.detail})" if error.detail else ""
            return Failure(error.code, f"{error.problem.en}{detail}", f"{error.problem.zh}{detail}")
        case SettingsError():
            return Failure(error.code, f"{error.name} {error.en}", f"{error.name}{error.zh}")
        case KeyFileError():
            return Failure(error.code, f"{error.path}: {error.en}", f"{error.path}：{error.zh}")
        case IntakeError():
            return Failure(error.code, error.reason.en, error.reason.zh)
        case _:
            return _of_stores(error)


def _of_stores(error: Exception) -> Failure:
    """What is wrong with the store as a whole."""
    match error:
        case StoreMoved():
            return Failure("store_moved", *error.told)
        case StoreError():
            return Failure(error.code, error.en, error.zh)
        case StoreBroken():
            why = _said(error.__cause__)
            en = f"the database's files are damaged, or their disk is ({why}): mend the disk or restore a backup"
            return Failure("store_broken", en, f"数据库文件或磁盘已损坏（{why}），请修复磁盘或恢复备份")
        case SQLAlchemyError():
            why = _said(error)
            return Failure("store_unavailable", f"the database cannot be used: {why}", f"无法使用数据库：{why}")
        case _:
            return _of_departures(error)


def _said(error: BaseException | None) -> str:
    """What the database itself said, in one line."""
    return str(getattr(error, "orig", error)).partition("\n")[0]


def _of_departures(error: Exception) -> Failure:
    """What is wrong with the departures file."""
    match error:
        case DeparturesFileError():
            en, zh = f"{error}; put its backup back", f"离职文件被改动或不属于本公司（{error}），请恢复其备份"
            return Failure("departures_altered", en, zh)
        case LineMissing():
            en = f"the devices are cut off; the departure's line is not written yet ({error}): make room, say it again"
            zh = f"设备已切断，但离职记录尚未写入（{error}），请腾出空间后重新执行"
            return Failure("departure_unwritten", en, zh)
        case _:
            return _of_files(error)


def _of_files(error: Exception) -> Failure:
    """What is wrong with the disk; what nobody expected, by its type."""
    match error:
        case RootError():
            en, zh = (
                f"{error.path}: no certificate in PEM form; mend it or take it away",
                f"{error.path}：不是 PEM 证书，请修复或移走",
            )
            return Failure("attestation_root", en, zh)
        case OSError() if is_full(error):
            en, zh = (
                "the disk is full; nothing was half done: make room, then say the same again",
                "磁盘已满，没有留下半成品；请腾出空间后重试",
            )
            return Failure("disk_full", en, zh)
        case OSError():
            where = f"{error.filename or ''} {error.strerror or error}".strip()
            return Failure("file_unusable", where, f"文件无法使用：{where}")
        case _:
            what = f"{type(error).__name__}: {error}"
            en, zh = f"{what}; SAOJIE_DEBUG=1 shows where", f"程序内部错误 {what}；设置 SAOJIE_DEBUG=1 可查看位置"
            return Failure("internal", en, zh)
