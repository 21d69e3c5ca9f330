"""What the data files say, against what shows it: the journal's entries, signed orders and receipts, the files.

Any line with `ref` names an entry of the journal (scope, position) and says when the server took it in. Where that
entry's body is in the pack, what the line says has to be in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from server.departure.evidence.verifier.chain import REMOVED, Bodies
from server.departure.evidence.verifier.curves import fingerprint, is_signed_by_company, is_signed_by_device
from server.departure.evidence.verifier.files import Fault, Pack
from server.departure.evidence.verifier.packed import unpacked

__all__ = ["checked_claims"]

_UNUSABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError)
Check = Callable[[Any], str]
ERASED = "erased"
"""The kind of an order of the journal that removed personal data."""


def checked_claims(pack: Pack, keys: list[bytes], bodies: Bodies, faults: list[Fault]) -> None:
    """Check every line of every data file."""
    devices = {one["id"]: bytes.fromhex(one["public_key"]) for one in _usable(pack, "data/devices.jsonl")}
    ordered = {one["id"]: one for one in _usable(pack, "data/orders.jsonl")}
    checks: dict[str, Check] = {
        "data/agreements.jsonl": lambda one: _agreement(pack, one, bodies),
        "data/fields.jsonl": lambda one: _field(one, bodies),
        "data/devices.jsonl": lambda one: _device(one, bodies),
        "data/orders.jsonl": lambda one: _order(one, keys),
        "data/receipts.jsonl": lambda one: _receipt(one, devices, ordered),
        "data/evictions.jsonl": lambda one: _eviction(one, devices),
        "data/decoys_seen.jsonl": lambda one: _decoy(one, bodies),
        "data/removed.jsonl": lambda one: _removed(one, bodies),
    }
    for name in pack.names():
        if name.startswith("data/"):
            _check(pack, name, checks.get(name, lambda _: ""), bodies, faults)
    _check_removed(pack, bodies, faults)


def _usable(pack: Pack, name: str) -> list[dict[str, Any]]:
    return [one for _, one in pack.lines(name) if isinstance(one, dict) and "id" in one]


def _check(pack: Pack, name: str, check: Check, bodies: Bodies, faults: list[Fault]) -> None:
    for number, one in pack.lines(name):
        try:
            wrong = _reference(one, bodies) or check(one)
        except _UNUSABLE as error:
            wrong = f"cannot be used ({error!r})"
        if wrong:
            faults.append(Fault(name, f"line {number}", wrong, f"与所依据的内容不符（{wrong}）"))


def _reference(one: Any, bodies: Bodies) -> str:
    if not isinstance(one, dict):
        return "cannot be read"
    if one.get("ref") is None:
        return ""
    scope, position = one["ref"]
    shown = bodies.get((scope, position))
    if shown is None:
        return f"names an entry that is not in the pack: {scope} #{position}"
    return "" if shown.at == one["at"] else f"says another time than {scope} #{position}"


def _said(one: dict[str, Any], bodies: Bodies) -> Any:
    return bodies[one["ref"][0], one["ref"][1]].body


def plain(value: Any) -> Any:
    """A value as the data files write it: bytes in hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _field(one: dict[str, Any], bodies: Bodies) -> str:
    """A field's value, author and date are those of the operation in the journal."""
    body = _said(one, bodies) if one["ref"] is not None else None
    if body is None:
        return ""
    operation = body[1]
    changes = operation[7]
    if UUID(bytes=operation[3]) != UUID(one["record"]) or one["field"] not in changes:
        return "the entry does not write this field of this record"
    if one["author"] != (str(UUID(bytes=body[3])) if body[3] is not None else None):
        return "the entry has another author"
    if one["value"] is not None and plain(changes[one["field"]]) != one["value"]:
        return "the entry has another value"
    return ""


def _device(one: dict[str, Any], bodies: Bodies) -> str:
    """A device's key is the one that the journal noted when it was enrolled."""
    name = fingerprint(bytes.fromhex(one["public_key"]))
    if name != one["key"]:
        return "the key has another fingerprint"
    body = _said(one, bodies) if one["ref"] is not None else None
    return "" if body is None or body[1]["key"] == name else "another key was enrolled"


def _agreement(pack: Pack, one: dict[str, Any], bodies: Bodies) -> str:
    """A file has the hashes of the register, and the register's are those in the journal."""
    body = _said(one, bodies) if one["ref"] is not None else None
    said = {} if body is None else {name: plain(body[1].get(name)) for name in ("sha256", "blake2b")}
    if any(one[name] != value for name, value in said.items()):
        return "the journal has other hashes"
    if one["path"] is None:
        return ""
    data = pack.read(one["path"])
    if data is None:
        return "the file is missing"
    hashes = {hashlib.sha256(data).hexdigest(), hashlib.blake2b(data, digest_size=32).hexdigest()}
    return "" if hashes == {one["sha256"], one["blake2b"]} else "the file has other hashes"


def _signed(one: dict[str, Any], kind: str) -> tuple[Any, bytes, str, bytes]:
    """What a signed statement says, its body, the key's fingerprint and the signature."""
    said, body, key, signature = unpacked(bytes.fromhex(one["signed"]))
    if said != kind:
        raise ValueError(said)
    return unpacked(body), body, key, signature


def _order(one: dict[str, Any], keys: list[bytes]) -> str:
    said, body, name, signature = _signed(one, "wipe_order")
    if not any(fingerprint(key) == name and is_signed_by_company("wipe_order", body, signature, key) for key in keys):
        return "is not signed by the company"
    told = (str(UUID(bytes=said[0])), str(UUID(bytes=said[2])), said[3], said[4])
    return "" if told == (one["id"], one["device"], one["reason"], one["issued_at"]) else "the signed order says else"


def _receipt(one: dict[str, Any], devices: dict[str, bytes], ordered: dict[str, dict[str, Any]]) -> str:
    said, body, name, signature = _signed(one, "receipt")
    order, device = str(UUID(bytes=said[0])), str(UUID(bytes=said[1]))
    public = devices.get(device, b"")
    if name != fingerprint(public) or not is_signed_by_device("receipt", body, signature, public):
        return "is not signed by the device's key"
    if (order, device, said[2]) != (one["order"], one["device"], one["stage"]):
        return "the signed receipt says else"
    return "" if ordered.get(order, {}).get("device") == device else "is about no order of this device"


def _decoy(one: dict[str, Any], bodies: Bodies) -> str:
    """What a decoy was, and for which device, is what the journal's commitment hides."""
    body = bytes.fromhex(one["body"])
    commitment = hashlib.blake2b(bytes.fromhex(one["salt"]) + body, digest_size=32).hexdigest()
    if commitment != one["commitment"]:
        return "its content is not what was committed to"
    if str(UUID(bytes=unpacked(body)[0])) != one["device"]:
        return "it was made for another device"
    said = _said(one, bodies)
    return (
        "" if said is not None and plain(said[1]["commitment"]) == commitment else "the journal has no such commitment"
    )


def _removed(one: dict[str, Any], bodies: Bodies) -> str:
    shown = bodies[one["scope"], one["position"]]
    if shown.why != REMOVED:
        return "the entry was not removed"
    order = bodies.get((one["by"][0], one["by"][1])) if one["by"] else None
    if order is None or order.body is None or order.body[0] != ERASED:
        return "no order in the journal removed it"
    return "" if [one["scope"], one["position"]] in order.body[1]["entries"] else "the order does not name it"


def _eviction(one: dict[str, Any], devices: dict[str, bytes]) -> str:
    said, body, name, signature = _signed(one, "eviction")
    device = str(UUID(bytes=said[1]))
    public = devices.get(device, b"")
    if name != fingerprint(public) or not is_signed_by_device("eviction", body, signature, public):
        return "is not signed by the device's key"
    told = (str(UUID(bytes=said[0])), device, said[2], said[3], said[4])
    stated = (one["id"], one["device"], one["scope"], one["version"], one["rows"])
    return "" if told == stated else "the signed receipt says else"


def _check_removed(pack: Pack, bodies: Bodies, faults: list[Fault]) -> None:
    """Every entry without a body that is called removed is in the list of what was removed."""
    listed = {(one.get("scope"), one.get("position")) for _, one in pack.lines("data/removed.jsonl") if one}
    for (scope, position), shown in bodies.items():
        if shown.why == REMOVED and (scope, position) not in listed:
            what = "was removed, and no order is named"
            faults.append(Fault("data/removed.jsonl", f"{scope} #{position}", what, "已移除但未注明命令"))
