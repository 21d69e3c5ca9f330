"""`docs/permissions.md`, as the tables of the code make it. `python -m tests.permissions_page` writes it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from server.identity.staff import Role
from sync.permissions import FIELDS, PERMISSIONS, Cell, Who
from sync.records import COLLECTIONS, Collection
from sync.rules import Merge, Rule, Writer
from tests.source import ROOT

__all__ = ["PATH", "page"]

PATH = ROOT / "docs" / "permissions.md"

_ROLES = {
    Role.REP: "业务员 rep",
    Role.SERVICE: "客服 service",
    Role.ARCHIVIST: "档案员 archivist",
    Role.MANAGER: "经理 manager",
    Role.DEALER: "经销商 dealer",
}
_WHO = {
    who: ", ".join(words for role, words in _ROLES.items() if role.authority.value == who)
    or "系统规则 the company's rules"
    for who in Who
}
_ACTS = {"create": "新建 make", "edit": "修改 edit", "remove": "删除 remove", "move": "移动 move"}
_CELLS = {
    Cell.ALLOWED: "可 yes",
    Cell.PROPOSED: "提议 proposes",
    Cell.MAKING: "仅新建时 when making it",
    Cell.REFUSED: "不可 no",
}
_WORDS = {
    Writer.REP: "其他字段 all other fields",
    Writer.PROPOSE: "须审批 to be decided",
    Writer.REGISTRAR: "登记时给定 given at registration",
    Writer.MANAGER: "经理决定 a manager's",
    Writer.SERVER: "系统维护 the rules'",
}

_HEAD = """# 权限 · Permissions

The tables are those that the write path reads: `sync/permissions.py`, and the word beside each field's declaration.
This page is made from them by `python -m tests.permissions_page`; `tests/server/exchange/test_permissions.py` tries
every cell on the real write path. 本页由代码中的权限表生成，写入路径读取的就是这些表，测试逐格在真实写入路径上验证。

Where a record stands comes first: nobody reads or writes outside the scopes that roster and role give. The private
part of contacts is in a scope of its own, which a place in a roster has or has not. What is allowed here may still be
refused for what it says. 所见范围由协作小组与角色决定，联系人隐私另有范围；此处允许的操作仍可能因内容不符被拒绝。
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_collections(), *_fields(), *_special()]) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _collections() -> Iterator[str]:
    yield "## 记录 · Records\n"
    yield "A record that is only ever added to (只增不改) is corrected by a new one that names it.\n"
    yield _row(["", *_ACTS.values()])
    yield _row(["---"] * (len(_ACTS) + 1))
    for name, one in COLLECTIONS.items():
        kind = " (只增不改)" if one.append_only else ""
        yield _row([f"`{name}`{kind}", *(_may(name, act) for act in _ACTS)])
    yield ""
    for who, words in _WHO.items():
        yield f"- **{who}**: {words}"
    yield ""


def _may(name: str, act: str) -> str:
    return ", ".join(who for who in Who if PERMISSIONS[name].allows(act, who)) or "—"


def _fields() -> Iterator[str]:
    yield "## 字段 · Fields\n"
    yield _row(["", *(f"**{who}**" for who in Who)])
    yield _row(["---"] * (len(Who) + 1))
    for writer, cells in FIELDS.items():
        yield _row([_WORDS[writer], *(_CELLS[cells[who]] for who in Who)])
    yield ""


def _special() -> Iterator[str]:
    yield "## 特别的字段 · Fields that are not simply a rep's\n"
    yield "Fields that the server works out itself (自动计算) are nobody's to write, and are not listed.\n"
    yield _row(["记录 record", "字段 fields", "规则 rule"])
    yield _row(["---"] * 3)
    for one in COLLECTIONS.values():
        for writer in (Writer.PROPOSE, Writer.REGISTRAR, Writer.MANAGER, Writer.SERVER):
            names = [f"`{name}`" for name, rule in _own(one) if rule.write is writer]
            if names:
                yield _row([f"`{one.name}`", ", ".join(names), _WORDS[writer]])
        for name, rule in _own(one):
            if rule.propose:
                values = ", ".join(f"`{value}`" for value in rule.propose)
                yield _row([f"`{one.name}`", f"`{name}` = {values}", _WORDS[Writer.PROPOSE]])


def _own(one: Collection) -> list[tuple[str, Rule]]:
    return [(name, rule) for name, rule in one.rules.items() if rule.merge is not Merge.DERIVED]


if __name__ == "__main__":
    PATH.write_text(page(), "utf-8")
