"""`python verify_pack.py PACK`: check a pack of evidence, say what was checked, what does not hold, and where."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from server.departure.evidence.verifier.chain import Bodies, checked_journal
from server.departure.evidence.verifier.claims import checked_claims
from server.departure.evidence.verifier.curves import fingerprint
from server.departure.evidence.verifier.files import Fault, NotAPackError, checked_files, opened_pack

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Run with these arguments: 0 where everything holds, 1 where something does not, 2 where there is no pack."""
    parser = argparse.ArgumentParser(description="核验证据包 · Check a pack of evidence.")
    parser.add_argument("pack", nargs="?", type=Path, default=Path(__file__).parent, help="目录或 zip · Folder or zip")
    parser.add_argument(
        "--key",
        default="",
        help="从其他途径得知的（或更早的）公司密钥指纹 · The key's fingerprint, or an earlier one, told by another way",
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON · One JSON object")
    asked = parser.parse_args(arguments)
    try:
        said = _checked(asked.pack, asked.key)
    except NotAPackError as error:
        sys.stderr.write(f"不是证据包 · not a pack of evidence: {error}\n")
        return 2
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n" if asked.json else _told(said))
    return 1 if said["faults"] else 0


def _checked(path: Path, key: str) -> dict[str, Any]:
    pack = opened_pack(path)
    faults: list[Fault] = []
    manifest = checked_files(pack, faults, key)
    keys = _public_keys(manifest)
    bodies = checked_journal(pack, keys, faults)
    try:
        checked_claims(pack, keys, bodies, faults)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        faults.append(Fault("data", "", f"cannot be used ({error!r})", "无法使用"))
    return {
        "keys": [fingerprint(one) for one in keys],
        "files": len(manifest.get("files", [])),
        "entries": len(bodies),
        "without_body": _without(bodies),
        "faults": [fault._asdict() for fault in faults],
    }


def _public_keys(manifest: dict[str, Any]) -> list[bytes]:
    try:
        return [bytes.fromhex(one) for one in manifest.get("keys", [])]
    except (TypeError, ValueError):
        return []


def _without(bodies: Bodies) -> dict[str, int]:
    return dict(Counter(one.why for one in bodies.values() if one.body is None))


def _told(said: dict[str, Any]) -> str:
    without = said["without_body"]
    lines = [
        f"公司密钥指纹 · the company's key: {', '.join(said['keys'])}",
        "  请与从其他途径得知的指纹核对 · compare it with what you were told by another way (--key)",
        f"文件 {said['files']}，日志条目 {said['entries']} · {said['files']} files, {said['entries']} journal entries",
        f"  无正文：未提供 {without.get('withheld', 0)}，依命令移除 {without.get('removed', 0)}",
        f"  without body: {without.get('withheld', 0)} withheld, {without.get('removed', 0)} removed by order",
    ]
    for fault in said["faults"]:
        where = f"{fault['file']} {fault['entry']}".strip()
        lines += [f"不符 {where}：{fault['zh']}", f"  FAULT {where}: {fault['en']}"]
    lines.append("有不符之处 · something does not hold" if said["faults"] else "全部相符 · everything holds")
    return "\n".join(lines) + "\n"
