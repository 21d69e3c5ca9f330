"""`verify_pack.py`, put together from the verifier's modules: one file that runs on plain Python, without us."""

from __future__ import annotations

import ast
from pathlib import Path

from server.departure.evidence import verifier

__all__ = ["verifier_source"]

_MODULES = ("curves", "packed", "succession", "files", "chain", "claims", "main")
"""In the order in which they build on one another."""
_HEAD = '''#!/usr/bin/env python3
"""核验证据包：python3 verify_pack.py [目录或 zip]。需要 Python 3.11 以上，不需要其他软件。

Check a pack of evidence: python3 verify_pack.py [folder or zip]. It takes Python 3.11 or newer and nothing else.
It checks the manifest's signature, every file, the journal's chains, commitments and checkpoints, wipe orders,
receipts, agreements, and what the data files say against the journal. A receipt is a claim by a key.
"""

from __future__ import annotations
'''
_TAIL = '\n\nif __name__ == "__main__":\n    sys.exit(main(sys.argv[1:]))\n'


def verifier_source() -> str:
    """The text of the one file."""
    folder = Path(verifier.__file__).parent
    imports: set[str] = set()
    bodies = []
    for name in _MODULES:
        text = (folder / f"{name}.py").read_text("utf-8")
        bodies.append(_without_frame(text, imports))
    return f"{_HEAD}\n{chr(10).join(sorted(imports))}\n\n\n" + "\n\n\n".join(bodies) + _TAIL


def _without_frame(text: str, imports: set[str]) -> str:
    """A module's own statements: its imports are collected, its docstring becomes a comment, `__all__` goes."""
    lines, dropped = text.splitlines(), set[int]()
    tree = ast.parse(text)
    for at, node in enumerate(tree.body):
        is_docstring = at == 0 and isinstance(node, ast.Expr)
        if is_docstring or _is_all(node) or isinstance(node, ast.Import | ast.ImportFrom):
            dropped.update(range(node.lineno - 1, node.end_lineno or node.lineno))
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and _is_from_outside(node)):
            imports.add(ast.unparse(node))
    kept = [line for number, line in enumerate(lines) if number not in dropped]
    about = [f"# {line}".rstrip() for line in (ast.get_docstring(tree) or "").splitlines()]
    return "\n".join([*about, *kept]).strip()


def _is_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets
    )


def _is_from_outside(node: ast.ImportFrom) -> bool:
    return node.module != "__future__" and not (node.module or "").startswith("server")
