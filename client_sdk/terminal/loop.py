"""The loop: read a line, do it, write a line. It ends with the input, or with the command `close`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TextIO

import msgspec

from client_sdk.errors import SaojieError
from sync.codec import plain

__all__ = ["Driven", "Unknown", "run"]


class Unknown(Exception):
    """Raised for a command that there is none of."""


class Driven(Protocol):
    """What a line drives: one phone, or many."""

    is_closed: bool

    def do(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do one command."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


def _answer(driven: Driven, line: str) -> dict[str, Any]:
    """The answer to one line."""
    try:
        command = msgspec.json.decode(line, type=dict[str, Any])
        return {"ok": True, **driven.do(str(command.pop("do", "")), command)}
    except SaojieError as error:
        field = {"field": field} if (field := getattr(error, "field", "")) else {}
        said = {"en": error.en, "zh": error.zh, "todo": error.todo, "todo_zh": error.todo_zh}
        return {"error": error.code, "detail": error.detail} | said | field
    except (Unknown, msgspec.DecodeError, TypeError, ValueError, KeyError) as error:
        return {"error": "bad_command", "detail": f"{type(error).__name__}: {error}"}


def _serve(driven: Driven, lines: TextIO, out: TextIO) -> None:
    """Answer every line, until the input ends or what is driven is closed."""
    for line in lines:
        if line.strip():
            out.write(msgspec.json.encode(plain(_answer(driven, line))).decode() + "\n")
            out.flush()
        if driven.is_closed:
            return


def run(make: Callable[[Path], Driven]) -> int:
    """Drive what `make` makes in the directory that the command line names."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m client_sdk.terminal DIRECTORY\n用法：python -m client_sdk.terminal 目录\n")
        return 2
    driven = make(Path(sys.argv[1]))
    try:
        _serve(driven, sys.stdin, sys.stdout)
    finally:
        driven.close()
    return 0
