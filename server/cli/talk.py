"""What a command says, and in which language: lines for people, one JSON object for programs, one line for an error.

With `--json` everything for people goes to standard error, and the last line on standard output is one object.
"""

from __future__ import annotations

import locale
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

__all__ = ["Failure", "Steps", "Talk", "language_of", "when"]


def language_of(environ: Mapping[str, str]) -> str:
    """Zh or en: what SAOJIE_LANGUAGE or the locale's variables say; English where they say neither."""
    for name in ("SAOJIE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "").lower()
        if value:
            return "zh" if value.startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def when(ms: int | None) -> str:
    """A server time for people: local date and time to the second, a dash where there is none."""
    return "—" if ms is None else f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


class Failure(Exception):
    """Raised by a command that cannot go on. `code` is stable; `en` and `zh` say what is wrong and what to do."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(f"{code}: {en} / {zh}")
        self.code = code
        self.en = en
        self.zh = zh


class Steps:
    """A bar of progress that a command moves."""

    def __init__(self, bar: Progress, task: Any) -> None:
        self._bar = bar
        self._task = task

    def __call__(self, done: int) -> None:
        """So many are done."""
        self._bar.update(self._task, completed=done)


@dataclass
class Talk:
    """How this run of the command speaks. A quiet one says nothing to people."""

    language: str = "en"
    is_json: bool = False
    is_quiet: bool = False
    _people: Console = field(init=False)

    def __post_init__(self) -> None:
        self.speak_json(is_json=self.is_json)

    def speak_json(self, *, is_json: bool) -> None:
        """Turn lines for people to standard error, or back."""
        self.is_json = is_json
        self._people = Console(stderr=is_json, highlight=False, soft_wrap=True, quiet=self.is_quiet)

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can be asked."""
        return not self.is_json and sys.stdin.isatty()

    def either(self, zh: str, en: str) -> str:
        """The one of two sentences that is in this run's language."""
        return zh if self.language == "zh" else en

    def say(self, zh: str, en: str) -> None:
        """One line for people, in their language."""
        self._people.print(Text(self.either(zh, en)))

    def both(self, zh: str, en: str) -> None:
        """One line for people in each language."""
        first, second = (zh, en) if self.language == "zh" else (en, zh)
        self._people.print(Text(first))
        self._people.print(Text(f"  {second}", style="dim"))

    def raw(self, text: str) -> None:
        """Text for people as it is."""
        self._people.print(Text.from_ansi(text), end="")

    def table(self, headings: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]) -> None:
        """A table for people; headings are Chinese and English."""
        made = Table(box=None, pad_edge=False)
        for zh, en in headings:
            made.add_column(self.either(zh, en), overflow="fold")
        for row in rows:
            made.add_row(*(Text("—" if cell is None or cell == "" else str(cell)) for cell in row))
        self._people.print(made)

    def result(self, value: object) -> None:
        """With `--json`: the one object, on the last line."""
        if self.is_json:
            import msgspec

            from sync.codec import plain

            sys.stdout.write(msgspec.json.encode(plain(value)).decode() + "\n")
            sys.stdout.flush()

    def fail(self, failure: Failure) -> None:
        """One line on standard error, and with `--json` the object of an error."""
        sys.stderr.write(f"saojie: {failure.code}: {self.either(failure.zh, failure.en)}\n")
        self.result({"error": failure.code, "en": failure.en, "zh": failure.zh})

    def confirm(self, zh: str, en: str) -> None:
        """Ask before something that cannot be taken back. Raises Failure where nobody agrees."""
        if not self.is_interactive:
            raise Failure("not_confirmed", "nobody can be asked here; say --yes", "无法询问，请加 --yes")
        if not click.confirm(self.either(zh, en)):
            raise Failure("not_confirmed", "nothing was done", "未执行任何操作")

    @contextmanager
    def progress(self, zh: str, en: str, total: int | None) -> Iterator[Steps]:
        """A bar while something long runs; nothing where nobody watches."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        hidden = self.is_quiet or not console.is_terminal
        with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
            yield Steps(bar, bar.add_task(self.either(zh, en), total=total))
