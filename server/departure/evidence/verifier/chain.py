"""The journal's segments: chains, commitments, and the signed checkpoints that cover them.

A chain holds BLAKE2b-32 of (salt, body). A body that is not in the pack was withheld or removed by order; its
commitment stands all the same, so that the chain can be followed without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from server.departure.evidence.verifier.curves import fingerprint, is_signed_by_company
from server.departure.evidence.verifier.files import Fault, Pack
from server.departure.evidence.verifier.packed import BadBytesError, unpacked

__all__ = ["Bodies", "Shown", "checked_journal"]

_SCOPES, _CHECKPOINTS = "journal/scopes.jsonl", "journal/checkpoints.jsonl"
WITHHELD, REMOVED = "withheld", "removed"


class Shown(NamedTuple):
    """An entry of the journal as the pack shows it: when, and its body, or None with the reason why it is not here."""

    at: int
    body: Any
    why: str


Bodies = dict[tuple[str, int], Shown]
"""What the journal says, by scope and position."""


def _blake(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


def checked_journal(pack: Pack, keys: list[bytes], faults: list[Fault]) -> Bodies:
    """Every segment and checkpoint checked; what the entries say."""
    bodies: Bodies = {}
    roots = _checked_checkpoints(pack, keys, faults)
    for number, one in pack.lines(_SCOPES):
        try:
            _check_scope(pack, one, roots, faults, bodies)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            faults.append(_fault(_SCOPES, f"line {number}", f"cannot be used ({error!r})", "无法使用"))
    return bodies


def _fault(file: str, entry: str, en: str, zh: str) -> Fault:
    return Fault(file, entry, en, zh)


def _check_scope(pack: Pack, one: Any, roots: dict[int, bytes], faults: list[Fault], bodies: Bodies) -> None:
    scope, file = one["scope"], one["file"]
    heads = {}
    link, position = bytes(32), 0
    for position, entry in enumerate(_entries(pack, file, faults), 1):
        where = f"{scope} #{position}"
        if entry["p"] != position:
            faults.append(_fault(file, where, "an entry is missing or too many", "条目缺失或多余"))
            return
        link = _blake(link + position.to_bytes(8, "big") + entry["at"].to_bytes(8, "big") + bytes.fromhex(entry["c"]))
        if link.hex() != entry["l"]:
            faults.append(_fault(file, where, "does not follow the entry before it", "与前一条目不衔接"))
            return
        heads[position] = link
        bodies[scope, position] = _shown(entry, file, where, faults)
    if (position, link.hex()) != (one["entries"], one["link"]):
        faults.append(_fault(file, f"{scope} #{position}", "the chain ends elsewhere", "链的末端不符"))
    for proof in one["proofs"]:
        if not _is_proved(scope, proof, heads, roots):
            what = f"is not what checkpoint {proof['checkpoint']} covers"
            faults.append(_fault(file, f"{scope} #{proof['entries']}", what, f"与检查点 {proof['checkpoint']} 不符"))


def _entries(pack: Pack, file: str, faults: list[Fault]) -> Iterator[dict[str, Any]]:
    for number, entry in pack.lines(file):
        if not isinstance(entry, dict):
            faults.append(_fault(file, f"line {number}", "cannot be read", "无法读取"))
            return
        yield entry


def _shown(entry: dict[str, Any], file: str, where: str, faults: list[Fault]) -> Shown:
    if entry["b"] is None:
        if entry["w"] not in {WITHHELD, REMOVED}:
            faults.append(_fault(file, where, "has no body and no reason", "没有正文也没有说明"))
        return Shown(entry["at"], None, str(entry["w"]))
    body = bytes.fromhex(entry["b"])
    if _blake(bytes.fromhex(entry["s"]) + body).hex() != entry["c"]:
        faults.append(_fault(file, where, "its body is not what was committed to", "正文与承诺值不符"))
        return Shown(entry["at"], None, "altered")
    try:
        return Shown(entry["at"], unpacked(body), "")
    except BadBytesError:
        faults.append(_fault(file, where, "its body cannot be read", "正文无法读取"))
        return Shown(entry["at"], None, "unreadable")


def _checked_checkpoints(pack: Pack, keys: list[bytes], faults: list[Fault]) -> dict[int, bytes]:
    """The roots of the checkpoints in the pack, by number. Each is signed, and names the one before it."""
    roots: dict[int, bytes] = {}
    before: tuple[int, bytes] | None = None
    for number, one in pack.lines(_CHECKPOINTS):
        where = f"line {number}"
        try:
            body = bytes.fromhex(one["body"])
            said = unpacked(body)
            counted, previous, root = int(said[1]), said[3], bytes(said[4])
            is_ours = any(
                fingerprint(key) == one["key"]
                and is_signed_by_company("checkpoint", body, bytes.fromhex(one["signature"]), key)
                for key in keys
            )
        except (KeyError, TypeError, ValueError, IndexError):
            faults.append(_fault(_CHECKPOINTS, where, "cannot be read", "无法读取"))
            continue
        if not is_ours:
            faults.append(_fault(_CHECKPOINTS, f"#{counted}", "is not signed by the company", "不是公司签名"))
        elif before is not None and (counted, previous) != (before[0] + 1, before[1]):
            faults.append(_fault(_CHECKPOINTS, f"#{counted}", "does not name the one before it", "未指向前一检查点"))
        else:
            roots[counted] = root
        before = (counted, _blake(body))
        _check_anchor(pack, counted, body, faults)
    return roots


def _check_anchor(pack: Pack, number: int, body: bytes, faults: list[Fault]) -> None:
    """Where an authority attested a checkpoint, its token has to be about these bytes. Whether the authority signed it,
    `openssl ts -verify -data N.body -in N.tsr -CAfile …` says, with the authority's certificate.
    """
    token, said = (pack.read(f"journal/anchors/{number}.{kind}") for kind in ("tsr", "body"))
    if token is not None and (said != body or hashlib.sha256(body).digest() not in token):
        file = f"journal/anchors/{number}.tsr"
        faults.append(_fault(file, f"#{number}", "is about another checkpoint", "不是该检查点的时间戳"))


def _is_proved(scope: str, proof: dict[str, Any], heads: dict[int, bytes], roots: dict[int, bytes]) -> bool:
    """Whether the chain's head at that length is a leaf under the checkpoint's root."""
    entries = proof["entries"]
    head = heads.get(entries) if entries else bytes(32)
    if head is None or proof["checkpoint"] not in roots:
        return False
    leaf = _blake(b"\x00" + entries.to_bytes(8, "big") + head + scope.encode())
    beside = [bytes.fromhex(one) for one in proof["path"]]
    return _climbed(leaf, proof["index"], proof["size"], beside) == roots[proof["checkpoint"]]


def _climbed(own: bytes, index: int, size: int, beside: list[bytes]) -> bytes | None:
    """The root that a leaf comes to: as in RFC 6962, a tree splits at the largest power of two below its size."""
    if not 0 <= index < size or (size == 1) is not (not beside):
        return None
    if size == 1:
        return own
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        left = _climbed(own, index, split, beside[:-1])
        return None if left is None else _blake(b"\x01" + left + beside[-1])
    right = _climbed(own, index - split, size - split, beside[:-1])
    return None if right is None else _blake(b"\x01" + beside[-1] + right)
