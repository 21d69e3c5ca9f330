"""The pages of a pack: plain HTML with styles for the screen and for paper, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from server.departure.evidence.articles import ARTICLES, Article, Figures, Statement, statements_of
from server.departure.evidence.formats import FILES, RULES, Described

__all__ = ["article_page", "format_page", "index_page"]

_STYLE = """
body { font-family: "Noto Serif CJK SC", "Source Han Serif SC", SimSun, Georgia, serif; line-height: 1.6;
  max-width: 46em; margin: 2em auto; padding: 0 1em; color: #111; background: #fff; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 1.6em; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #888; padding: .3em .5em; text-align: left;
  vertical-align: top; } .en { color: #333; font-size: .92em; } .files { font-family: monospace; font-size: .85em; }
.limits { border-left: 3px solid #888; padding-left: .8em; } ol > li { margin: .8em 0; }
@media print { @page { size: A4; margin: 20mm 18mm; } body { margin: 0; max-width: none; font-size: 11pt; }
  a { color: inherit; text-decoration: none; } li, tr, .limits { break-inside: avoid; } nav { display: none; } }
"""


def _page(title_zh: str, title_en: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(title_zh)} · {escape(title_en)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{escape(title_zh)}<br><span class="en" lang="en">{escape(title_en)}</span></h1>\n'
        f"{body}\n</body>\n</html>\n"
    )


def _both(zh: str, en: str, kind: str = "p") -> str:
    return f'<{kind}>{escape(zh)}<br><span class="en" lang="en">{escape(en)}</span></{kind}>\n'


def _files(names: Iterable[str]) -> str:
    links = "、".join(f'<a href="{escape(name)}">{escape(name)}</a>' for name in names)
    return f'<span class="files">{links}</span>'


def article_page(article: Article, of: Figures) -> str:
    """The page of one article."""
    shown = "".join(_statement(one) for one in statements_of(article.number, of))
    title_zh = f"法释〔2020〕7号 第{article.number}条：{article.title_zh}"
    title_en = f"Judicial Interpretation [2020] No. 7, article {article.number}: {article.title_en}"
    return _page(
        title_zh,
        title_en,
        '<nav><a href="index.html">目录 · Contents</a></nav>\n'
        + _both("本条所问（概述）", "What the article asks, in our words", "h2")
        + _both(article.asks_zh, article.asks_en)
        + _both("本包所示", "What this pack shows", "h2")
        + f"<ol>\n{shown}</ol>\n"
        + _both("本包未能说明的", "What it does not show", "h2")
        + f'<div class="limits">{_both(article.not_zh, article.not_en)}</div>',
    )


def _statement(one: Statement) -> str:
    return f'<li>{escape(one.zh)}<br><span class="en" lang="en">{escape(one.en)}</span><br>{_files(one.files)}</li>\n'


def format_page() -> str:
    """The page that says what is in each file and how everything is computed."""
    return _page(
        "证据包的格式",
        "The format of the pack",
        '<nav><a href="index.html">目录 · Contents</a></nav>\n'
        + _both("文件（每行一个 JSON 对象）", "Files (one JSON object a line)", "h2")
        + _described(FILES)
        + _both("如何计算", "How everything is computed", "h2")
        + _described(RULES),
    )


def _described(rows: Iterable[Described]) -> str:
    lines = "".join(
        f'<tr><td class="files">{escape(one.name)}</td><td>{escape(one.zh)}<br>'
        f'<span class="en" lang="en">{escape(one.en)}</span></td></tr>\n'
        for one in rows
    )
    return f"<table>\n{lines}</table>\n"


def index_page(
    about: Sequence[tuple[str, str, str]], files: Mapping[str, int], left_out: Sequence[tuple[str, str]]
) -> str:
    """The first page: what the pack is about (Chinese, English, value), its data files with their lines, what is not in
    it, and how it is checked.
    """
    facts = "".join(
        f'<tr><th>{escape(zh)}<br><span class="en">{escape(en)}</span></th><td>{escape(value)}</td></tr>\n'
        for zh, en, value in about
    )
    articles = "".join(
        f'<li><a href="{one.file}">第{one.number}条 {escape(one.title_zh)}</a> '
        f'<span class="en">article {one.number}: {escape(one.title_en)}</span></li>\n'
        for one in ARTICLES
    )
    listed = "".join(f"<tr><td>{_files([name])}</td><td>{count}</td></tr>\n" for name, count in files.items())
    without = "".join(_both(zh, en, "li") for zh, en in left_out)
    return _page(
        "证据包",
        "A pack of evidence",
        f"<table>\n{facts}</table>\n"
        + _both("按条文说明", "Article by article", "h2")
        + f"<ul>\n{articles}</ul>\n"
        + _both("如何核验", "How to check it", "h2")
        + _both(
            "用 Python 3.11 以上运行 python3 verify_pack.py，不需要安装其他软件；请将其显示的公司密钥指纹与从其他途"
            "径得知的指纹核对。"
            "核验程序本身也列在清单中，可先比对其哈希，或自行编写程序按 manifest.json 核验。",
            "Run python3 verify_pack.py with Python 3.11 or newer; nothing else has to be installed. Compare "
            "the fingerprint "
            "of the company's key that it shows with what you were told by another way. The verifier itself "
            "is listed in "
            "the manifest; check its hash first, or write your own from manifest.json.",
        )
        + '<p><a href="format.html">文件格式与计算方法 · The files\' format and how everything is computed</a></p>\n'
        + _both("数据文件及行数", "Data files and their lines", "h2")
        + f"<table>\n{listed}</table>\n"
        + _both("未放入的内容", "What was left out", "h2")
        + f"<ul>\n{without}</ul>\n",
    )
