"""A phone's directory copied and put back: the phone is then a copy of what it was, as after a restored backup.

It works on files alone, knows nothing of what is in them, and asks no server.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from server.cli.talk import Failure

__all__ = ["copy_phone", "put_back"]


def copy_phone(phone: Path) -> Path:
    """Copy a phone's directory beside it, in place of an earlier copy; where the copy is. Raises Failure, OSError."""
    if not (phone / "keys.db").is_file():
        raise Failure("no_phone_there", f"{phone} is no directory of a phone", f"{phone} 不是手机目录")
    copy = _copy_of(phone)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(phone, copy)
    return copy


def put_back(phone: Path) -> Path:
    """Put the copy in the place of the directory; where the copy is, which stays. Raises Failure, OSError."""
    copy = _copy_of(phone)
    if not copy.is_dir():
        raise Failure(
            "no_copy",
            f"there is no copy of {phone}; make one without --back first",
            f"没有 {phone} 的副本，请先不带 --back 运行",
        )
    shutil.rmtree(phone, ignore_errors=True)
    shutil.copytree(copy, phone)
    return copy


def _copy_of(phone: Path) -> Path:
    return phone.with_name(f"{phone.name}.copy")
