"""The pages of `docs/errors/`: their heads, the index and the tables of codes, as the code has them.

`python -m tests.client_sdk.error_pages` writes them again and leaves alone what people wrote below each head. A new
error has a page as soon as somebody has written what stands below its head.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from client_sdk import errors
from client_sdk.errors import SaojieError
from client_sdk.exchange.report import Ended, sentences
from client_sdk.saying import _SENTENCES
from sync.errors import ERRORS, Fault, problem
from tests.source import ROOT

__all__ = ["FOLDER", "KINDS", "Row", "below", "head", "made", "page_of", "rows"]

FOLDER = ROOT / "docs" / "errors"
KINDS: tuple[type[SaojieError], ...] = tuple(
    getattr(errors, name) for name in errors.__all__ if name != SaojieError.__name__
)
"""Every error that is raised: the root is only caught."""
_MARK = "<!-- The head is made by `python -m tests.client_sdk.error_pages`; what follows is written by hand. -->"
_OF_OPERATIONS = 422
_OF_PHOTOS = frozenset({"wrong_digest"})
_BY_ENROLLING = ("code_wrong", "code_used", "departed", "protocol_too_old", "protocol_too_new", "busy", "unavailable")
_BY_INPUT = ("bad_signature", "too_large")
_FAULTS = {
    Fault.APP: ("应用", "the app"),
    Fault.PERSON: ("本人", "the person"),
    Fault.NETWORK: ("网络", "the network"),
    Fault.SERVER: ("公司服务器", "the company's server"),
}


class Row(msgspec.Struct, frozen=True):
    """A code with its sentence and what to do, in both languages."""

    code: str
    zh: str
    en: str
    todo_zh: str
    todo: str


def rows(kind: type[SaojieError]) -> list[Row]:
    """What an error may say: one row, or one for each code that it comes with."""
    own: dict[str, tuple[str, str, str, str]] = getattr(kind, "own", {})
    found = [Row(code, zh, en, todo_zh, todo) for code, (en, zh, todo, todo_zh) in own.items()]
    if kind is errors.EnrolmentRefused:
        return found + [_row(code) for code in _BY_ENROLLING]
    if kind is errors.InvalidInput:
        return [_row(code) for code in (*_operation_codes(), *_BY_INPUT)]
    return found or [Row(kind.code, kind.zh, kind.en, kind.todo_zh, kind.todo)]


def page_of(kind: type[SaojieError]) -> Path:
    """Where the page of an error is: its name with underscores."""
    return FOLDER / f"{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', kind.__name__).lower()}.md"


def head(kind: type[SaojieError]) -> str:
    """What stands above what people wrote: name, rule, sentences."""
    found = rows(kind)
    named = f" · `{found[0].code}`" if len(found) == 1 else ""
    return "\n".join([f"# {kind.__name__}{named}", "", _MARK, "", _rule(kind), "", *_said(found, by=_by(kind))]) + "\n"


def below(page: str) -> str:
    """What people wrote on a page."""
    return page[page.find("\n## ") :]


def made() -> dict[Path, str]:
    """Every page that there is to be, whole."""
    pages = {page_of(kind): head(kind) + below(page_of(kind).read_text("utf-8")) for kind in KINDS}
    return pages | {FOLDER / "README.md": _index(), FOLDER / "codes.md": _codes()}


# ---- inside --------------------------------------------------------


def _row(code: str) -> Row:
    one = problem(code)
    return Row(code, one.zh, one.en, one.todo_zh, one.todo)


def _operation_codes() -> list[str]:
    return [code for code, one in ERRORS.items() if one.status == _OF_OPERATIONS and code not in _OF_PHOTOS]


def _by(kind: type[SaojieError]) -> str:
    return "`field`" if kind is errors.AlreadyBegun else "`code`"


def _rule(kind: type[SaojieError]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _said(found: Iterable[Row], by: str) -> Iterator[str]:
    yield f"| {by} | 说明 | 该怎么办 | what the person reads | what to do |"
    yield "|---|---|---|---|---|"
    for one in found:
        yield f"| `{one.code}` | {one.zh} | {one.todo_zh} | {one.en} | {one.todo} |"


def _index() -> str:
    return "\n".join([_INDEX, *(line for kind in sorted(KINDS, key=_name) for line in _entries(kind)), ""])


def _name(kind: type[SaojieError]) -> str:
    return kind.__name__


def _entries(kind: type[SaojieError]) -> Iterator[str]:
    page = page_of(kind).name
    codes = "the codes of its page" if kind is errors.InvalidInput else ", ".join(f"`{one}`" for one in _codes_of(kind))
    yield f"| [{kind.__name__}]({page}) | {codes} | {_rule(kind)} |"


def _codes_of(kind: type[SaojieError]) -> list[str]:
    return ["already_begun"] if kind is errors.AlreadyBegun else [one.code for one in rows(kind)]


def _codes() -> str:
    own = [value for name, value in vars(Ended).items() if name.isupper()]
    whole = [code for code, one in ERRORS.items() if one.status != _OF_OPERATIONS]
    refused = [*_operation_codes(), *sorted(_OF_PHOTOS)]
    parts = [_CODES_HEAD, *_ended(own), _CODES_OF_ERRORS, *_ended(one.code for one in _HINDRANCES)]
    parts += [_CODES_OF_SERVER, *_problems(whole), _CODES_OF_REFUSALS, *_problems(refused)]
    parts += [_CODES_OF_STATUS, *_whys(), ""]
    return "\n".join(parts)


def _ended(codes: Iterable[str]) -> Iterator[str]:
    yield "| code | 说明 | what the person reads |"
    yield "|---|---|---|"
    for code in codes:
        en, zh = sentences(code)
        yield f"| `{code}` | {zh} | {en} |"


def _problems(codes: Iterable[str]) -> Iterator[str]:
    yield "| code | 说明 | 该怎么办 | what the person reads | what to do | whose turn | tried again by itself |"
    yield "|---|---|---|---|---|---|---|"
    for code in codes:
        one, row = problem(code), _row(code)
        zh, en = _FAULTS[one.fault]
        again = "否 no" if one.repeats else "是 yes"
        yield f"| `{code}` | {row.zh} | {row.todo_zh} | {row.en} | {row.todo} | {zh} {en} | {again} |"


def _whys() -> Iterator[str]:
    """Each `why` with what the status says then; days and numbers are left out."""
    yield "| why | 说明 | 该怎么办 | what the person reads | what to do |"
    yield "|---|---|---|---|---|"
    for why, sentences_of in _SENTENCES.items():
        en, zh, todo, todo_zh = (re.sub(r"\{\w+\}", "…", one) for one in sentences_of)
        yield f"| `{why}` | {zh} | {todo_zh} | {en} | {todo} |"


_INDEX = """# Errors of the SDK

<!-- Made by `python -m tests.client_sdk.error_pages`. -->

Every error is a `SaojieError` with a stable `code`, a sentence for the person in Chinese and English (`zh`, `en`),
what to do next (`todo_zh`, `todo`) and a `detail` for logs. So an app needs one handler that shows these, and those of
the pages below where it can do more than show. Whatever is raised: nothing was stored by the call that raised it, and
nothing that an earlier call stored is lost.

```python
def tell(error: SaojieError) -> None:
    show(error.zh, error.todo_zh)  # or error.en, error.todo


try:
    replica.visits.log(shop.id, purpose=7)
except SaojieError as error:
    tell(error)
```

Having no network is no error: `sync()` answers with a report, whose `ended` is one of the [codes](codes.md). Reasons
of refused work are there too.

| error | code | when |
|---|---|---|"""

_HINDRANCES = (
    errors.AppTooOld,
    errors.ReplicaBusy,
    errors.ReplicaCorrupt,
    errors.StorageFailed,
    errors.StorageFull,
)
"""What a sync meets on the phone itself and tells, in place of raising it."""

_CODES_HEAD = """# Codes that are answers

<!-- Made by `python -m tests.client_sdk.error_pages`. -->

## How a sync ended

`replica.sync()` raises nothing for what can happen on the way: `report.ended` says it, `report.zh` and
`report.en` in words.
"""

_CODES_OF_ERRORS = """
A hindrance on the phone itself ends a sync with the code of its error; the error's page says what helps.
"""

_CODES_OF_SERVER = """
## What the server may say to a whole request

`report.ended` is one of these where the server refused the request. What may pass by itself
is tried again by `replica.live()`, later each time.
"""

_CODES_OF_REFUSALS = """
## Why work is refused

The `reason` of `replica.refusals.list()`, and the `code` of `InvalidInput` where the phone knows it beforehand.
"""

_CODES_OF_STATUS = """
## Why a replica is as it is

`status().why`, with the days and numbers left out that the sentences hold. Whom to call follows what to do.
"""


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, "utf-8")
