"""Pages that stand alone: one file of HTML without a script, a font or an address elsewhere, to be printed on A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["list_page", "page"]

_STYLE = """
@page { size: A4 %s; margin: 12mm }
body { font: 9pt/1.4 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; color: #111; margin: 0 }
h1 { font-size: 14pt; margin: 0 0 2mm } h2 { font-size: 11pt; margin: 0 0 1mm }
table { border-collapse: collapse; width: 100%% } thead { display: table-header-group }
th, td { border: .2mm solid #999; padding: .6mm 1mm; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee; font-weight: 600 } tr { break-inside: avoid }
.sheet { break-after: page } .card { break-inside: avoid; margin: 0 0 5mm } .note { color: #555; margin: 0 0 2mm }
.key { color: #c00000 } svg { width: 100%%; height: auto }
"""


def page(title: str, body: str, *, landscape: bool = False) -> str:
    """A whole page around a body that is HTML already."""
    style = _STYLE % ("landscape" if landscape else "portrait")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>{escape(title)}</title>'
        f"<style>{style}</style></head><body>\n{body}\n</body></html>\n"
    )


def list_page(title: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A list as a page: a table whose headings are repeated on each sheet."""
    head = "".join(f"<th>{escape(one)}</th>" for one in headings)
    rows = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>"
    return page(title, f"<h1>{escape(title)}</h1>\n{table}", landscape=True)
