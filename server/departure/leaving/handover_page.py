"""The handover sheet for people: as text, and as one page of HTML to print, in Chinese and English side by side."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from itertools import groupby

from server.departure.leaving.handover import Entry, Handover
from server.departure.leaving.sheet import Line, lines_of
from server.times import local
from sync.records import Grade

__all__ = ["POLICY", "page_of", "text_of"]

_STYLE = """
body { font: 11pt/1.4 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 16mm; color: #222 }
h1 { font-size: 16pt; margin: 0 0 2mm } h2 { font-size: 13pt; margin: 8mm 0 2mm; border-bottom: 1px solid #999 }
h3 { font-size: 11pt; margin: 4mm 0 1mm } .key { color: #c00 }
section { break-inside: avoid } table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: normal; color: #666; width: 34%; vertical-align: top } td, th { padding: 0 2mm 0 0 }
.sign { margin-top: 14mm; display: flex; gap: 12mm } .sign div { flex: 1; border-top: 1px solid #222; padding-top: 1mm }
@media print { body { margin: 0 } @page { margin: 14mm } }
"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load where a server shows it: its own style and nothing else."""
_SIGN = ("移交人 Handed over by", "接收人 Taken over by", "见证人 Witness", "日期 Date")
_NOBODY = "暂无接手人 Nobody yet"


def text_of(handover: Handover, zone: str) -> str:
    """The sheet as lines of text."""
    lines = [_title(handover, zone), ""]
    for name, entries in _by_successor(handover.entries):
        lines.append(f"== {name} ==")
        for one in entries:
            lines.append(f"{'★ ' if one.known.grade == Grade.A else ''}{one.known.grade} {one.known.name}")
            lines += [f"    {line.zh} {line.en}: {line.value}" for line in _lines(one, zone)]
        lines.append("")
    return "\n".join(lines)


def page_of(handover: Handover, zone: str) -> str:
    """The sheet as one HTML page that needs nothing besides itself."""
    title = escape(_title(handover, zone))
    body = "".join(_group(name, entries, zone) for name, entries in _by_successor(handover.entries))
    sign = "".join(f"<div>{one}</div>" for one in _SIGN)
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>"
        f'<body><h1>{title}</h1>{body}<div class="sign">{sign}</div></body></html>\n'
    )


def _title(handover: Handover, zone: str) -> str:
    hour = "" if handover.at is None else f"，{local(handover.at, zone)}"
    count = len(handover.entries)
    return f"客户移交清单 Handover list: {handover.leaver.name}{hour}，{count} 家终端 outlets"


def _by_successor(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    for name, group in groupby(entries, key=lambda one: one.successor):
        yield f"接手人 Who follows: {name}" if name else _NOBODY, list(group)


def _lines(entry: Entry, zone: str) -> list[Line]:
    return lines_of(entry.known, zone, with_care=entry.with_care)


def _group(name: str, entries: Iterable[Entry], zone: str) -> str:
    return f"<h2>{escape(name)}</h2>{''.join(_outlet(one, zone) for one in entries)}"


def _outlet(entry: Entry, zone: str) -> str:
    kind = ' class="key"' if entry.known.grade == Grade.A else ""
    rows = "".join(f"<tr><th>{one.zh} {one.en}</th><td>{escape(one.value)}</td></tr>" for one in _lines(entry, zone))
    head = f"{escape(entry.known.grade)} {escape(entry.known.name)}"
    return f"<section><h3{kind}>{head}</h3><table>{rows}</table></section>"
