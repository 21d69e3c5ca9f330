"""What a check looks for: what can be read in a directory, what waits in quarantine, what the receipts say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from server.cli.talk import Failure
from server.cli.trial.search import readable
from server.departure.orders import Order, OrderState
from server.departure.photo_records import PhotoState
from server.departure.quarantine import Quarantined
from sync.changes import read_changes
from sync.records import collection
from sync.statements import ReceiptStage

__all__ = [
    "must_be_all_there",
    "must_be_readable",
    "must_be_unreadable",
    "must_have_photos",
    "must_have_receipts",
]

_JPEG = b"\xff\xd8\xff"


def must_be_readable(directory: Path, words: Sequence[str]) -> dict[str, Any]:
    """Before the order every word is found with the keys that are there, else the search proves nothing.

    Raises Failure where one is not found, or where one lies there without any key.
    """
    found = readable(directory, words)
    if found.without_key:
        raise Failure(
            "readable_without_keys", f"{found.without_key} words lie in the phone's directory in plain text",
            f"手机目录中有 {found.without_key} 个词可直接读取",
        )  # fmt: skip
    if found.with_keys != len(words):
        raise Failure(
            "search_blind", f"the search finds {found.with_keys} of {len(words)} words that are there: it knows "
            "another format than this SDK's, so this check proves nothing", f"搜索只找到 {found.with_keys} 个词"
            f"（应为 {len(words)}），与此 SDK 的格式不符，检查无效",
        )  # fmt: skip
    return {"words": len(words), "readable": found.with_keys}


def must_be_unreadable(directory: Path, words: Sequence[str]) -> dict[str, Any]:
    """After the wipe no word is found, in any file, with any key that is left. Raises Failure."""
    found = readable(directory, words)
    left = found.without_key + found.with_keys
    if left:
        raise Failure(
            "still_readable", f"{left} of {len(words)} words can still be read in {directory.name}: the wipe does not "
            "hold with this version of the SDK; keep the phones' leases short and report it",
            f"{directory.name} 中仍可读取 {left} 个词（共 {len(words)} 个）：此 SDK 版本的擦除无效，请缩短租约并报告",
        )  # fmt: skip
    return {"words": len(words), "readable": 0, "files": found.files, "keys_tried": found.keys}


def must_have_receipts(order: Order, stages: Sequence[str]) -> dict[str, Any]:
    """The order has come to its end, each stage has its receipt, and none came before the one that it follows.

    Returns milliseconds from the order to each. Raises Failure.
    """
    times = [order.told_at, order.locked_at, order.drained_at, order.wiped_at]
    known = [one for one in times if one is not None]
    is_whole = order.state is OrderState.WIPED and list(stages) == [one.value for one in ReceiptStage]
    if not is_whole or len(known) != len(times) or known != sorted(known) or order.contradicted_at is not None:
        raise Failure(
            "receipts_missing", f"the order is {order.state}, with receipts {', '.join(stages) or 'none'}; "
            "see `saojie wipes show`", f"擦除令状态为 {order.state}，回执：{'、'.join(stages) or '无'}；"
            "请查看 saojie wipes show",
        )  # fmt: skip
    names = ("told_ms", "locked_ms", "drained_ms", "wiped_ms")
    return {name: at - order.issued_at for name, at in zip(names, known, strict=True)}


def must_be_all_there(items: Sequence[Quarantined], pending: int, words: Iterable[str]) -> dict[str, Any]:
    """Everything that was pending is in quarantine, each once, readable for the company, every word in it.

    Raises Failure.
    """
    held = " ".join(_text(one) for one in items)
    lost = [word for word in words if word not in held]
    numbers = {(one.outbox, one.number) for one in items}
    if lost or len(items) != pending or len(numbers) != pending:
        raise Failure(
            "work_lost", f"{len(items)} of {pending} pending operations are in quarantine, {len(lost)} words are "
            "missing; see `saojie quarantine list`", f"待上传 {pending} 项，隔离区有 {len(items)} 项，"
            f"缺 {len(lost)} 个词；请查看 saojie quarantine list",
        )  # fmt: skip
    return {"pending": pending, "quarantined": len(items), "committed": sum(one.committed for one in items)}


def must_have_photos(photos: Sequence[tuple[PhotoState, bytes | None]], wanted: int) -> dict[str, Any]:
    """Every pending photo waits with its record, and the company opens it. Raises Failure."""
    whole = [data for state, data in photos if state is PhotoState.WAITING and data and data.startswith(_JPEG)]
    if len(whole) != wanted or len(photos) != wanted:
        told = ", ".join(state for state, _ in photos) or "none"
        raise Failure(
            "photos_lost", f"{len(whole)} of {wanted} pending photos wait ({told}); see `saojie quarantine photos`",
            f"待上传照片 {wanted} 张，完好待审 {len(whole)} 张（{told}）；请查看 saojie quarantine photos",
        )  # fmt: skip
    return {"photos": wanted}


def _text(item: Quarantined) -> str:
    if item.operation is None:
        return ""
    found = collection(item.operation.collection)
    return "" if found is None else str(read_changes(found, bytes(item.operation.changes)))
