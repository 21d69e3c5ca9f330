"""Secrets that stand in files of their own. Knows of no setting and of no room.

A file that anybody on the machine may read is refused: whoever reads it has the secret, and nobody would notice.
"""

from __future__ import annotations

import stat
from pathlib import Path

from server.values import Unfit

__all__ = ["check_closed", "read_secret"]

_MOST_BYTES = 64 << 10


def check_closed(path: Path) -> None:
    """Refuse a file that everybody may read or change. Raises Unfit, OSError."""
    if stat.S_IMODE(path.stat().st_mode) & 0o007:
        raise Unfit(
            f"everybody on this machine may read {path}; run chmod o-rwx {path}",
            f"本机所有用户都可读取 {path}，请运行 chmod o-rwx {path}",
        )


def read_secret(path: Path) -> str:
    """The secret in a file, without white space at its ends. Raises Unfit; no message holds any of it."""
    try:
        check_closed(path)
        data = path.read_bytes()
        if len(data) > _MOST_BYTES:
            raise Unfit(f"{path} is too large for a secret", f"{path} 过大，不像是密钥")
        secret = data.decode().strip()
    except OSError as error:
        raise Unfit(f"{path} cannot be read ({error.strerror})", f"无法读取 {path}（{error.strerror}）") from error
    except UnicodeDecodeError:
        raise Unfit(f"{path} is not a text", f"{path} 不是文本文件") from None
    if not secret:
        raise Unfit(f"{path} is empty", f"{path} 是空的")
    return secret
