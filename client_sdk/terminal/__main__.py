"""The loop: read a line, do it, write a line. It ends with the input, or with the command `close`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TextIO

import msgspec

from client_sdk.errors import SaojieError
from client_sdk.terminal.phone import Phone, Unknown
from sync.codec import plain

__all__ = ["main", "serve"]


def answer(phone: Phone, line: str) -> dict[str, Any]:
    """The answer to one line."""
    try:
        command = msgspec.json.decode(line, type=dict[str, Any])
        return {"ok": True, **phone.do(str(command.pop("do", "")), command)}
    except SaojieError as error:
        field = {"field": field} if (field := getattr(error, "field", "")) else {}
        said = {"en": error.en, "zh": error.zh, "todo": error.todo, "todo_zh": error.todo_zh}
        return {"error": error.code, "detail": error.detail} | said | field
    except (Unknown, msgspec.DecodeError, TypeError, ValueError, KeyError) as error:
        return {"error": "bad_command", "detail": f"{type(error).__name__}: {error}"}


def serve(phone: Phone, lines: TextIO, out: TextIO) -> None:
    """Answer every line, until the input ends or the phone is closed."""
    for line in lines:
        if line.strip():
            out.write(msgspec.json.encode(plain(answer(phone, line))).decode() + "\n")
            out.flush()
        if phone.is_closed:
            return


def main() -> int:
    """Run a phone in the directory that the command line names."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m client_sdk.terminal DIRECTORY\n用法：python -m client_sdk.terminal 目录\n")
        return 2
    phone = Phone(Path(sys.argv[1]))
    try:
        serve(phone, sys.stdin, sys.stdout)
    finally:
        phone.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
