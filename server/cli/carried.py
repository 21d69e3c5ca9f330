"""Signed bytes that people carry to a phone: shown as a code to scan, and on one line to paste into a message."""

from __future__ import annotations

import base64

from server.cli.talk import Talk

__all__ = ["scannable", "show"]


def scannable(signed: bytes) -> str:
    """What the code to scan says: `saojie:accept?b=` and the bytes in base64url, without padding."""
    return f"saojie:accept?b={base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def show(talk: Talk, signed: bytes) -> dict[str, object]:
    """Show signed bytes, and say how programs are told of them."""
    if not talk.is_json:
        from server.identity.qr import as_terminal

        talk.raw(as_terminal(scannable(signed), error="l"))
    line = base64.b64encode(signed).decode()
    talk.say(
        "用手机扫描上面的二维码，或把下一行发给手机：", "Scan the code with the phone, or send it the following line:"
    )
    talk.say(line, line)
    return {"hex": signed.hex(), "base64": line, "payload": scannable(signed), "bytes": len(signed)}
