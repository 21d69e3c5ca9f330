"""What a setting may say: reading its text into a checked value. Knows of no setting and of no room.

A value that cannot be used raises `Unfit` with what it has to be, in both languages, and never repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = [
    "UNITS",
    "Network",
    "Unfit",
    "address",
    "among",
    "basemap",
    "between",
    "database",
    "duration",
    "lasting",
    "length_of",
    "line",
    "mail",
    "mails",
    "networks",
    "origins",
    "region",
    "text",
    "truth",
    "web",
    "zone",
]

Network = IPv4Network | IPv6Network
_SECOND = 1000
UNITS = {"ms": 1, "s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND, "d": 24 * 3600 * _SECOND}
"""Units of a length of time as it is written, in milliseconds."""

_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class Unfit(Exception):
    """A value that a setting cannot take, in English and Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


def text(value: str) -> str:
    """Any text that is not empty. Raises Unfit."""
    if not value.strip():
        raise Unfit("must not be empty", "不能为空")
    return value.strip()


def line(most: int) -> Callable[[str], str]:
    """One printable line of at most `most` characters. Raises Unfit."""

    def read(value: str) -> str:
        if len(value) > most or not value.isprintable():
            raise Unfit(f"must be one line of at most {most} characters", f"只能是一行，不超过 {most} 个字符")
        return value

    return read


def among(*allowed: str) -> Callable[[str], str]:
    """One of some words, in lower case. Raises Unfit."""

    def read(value: str) -> str:
        if value.lower() not in allowed:
            raise Unfit(f"must be one of {', '.join(allowed)}", f"只能是 {', '.join(allowed)}")
        return value.lower()

    return read


def between(low: int, high: int) -> Callable[[str], int]:
    """A whole number in these bounds, both included. Raises Unfit."""

    def read(value: str) -> int:
        if not re.fullmatch(r"\d{1,12}", value) or not low <= int(value) <= high:
            raise Unfit(f"must be a whole number from {low} to {high}", f"必须是 {low} 到 {high} 之间的整数")
        return int(value)

    return read


def length_of(text: str) -> int | None:
    """A length of time in milliseconds, written like 90s, 15m, 24h or 7d; None for what is none."""
    found = re.fullmatch(r"(\d{1,9})(ms|s|m|h|d)", text.strip().lower())
    return int(found[1]) * UNITS[found[2]] if found else None


def lasting(ms: int | None) -> str:
    """A length of time for people, in the largest unit that fits: 90s, 15m, 24h, 7d; a dash where there is none."""
    if ms is None:
        return "—"
    unit, size = next((name, size) for name, size in reversed(UNITS.items()) if ms % size == 0)
    return f"{ms // size}{unit}"


def duration(low: int, high: int) -> Callable[[str], int]:
    """A length of time in milliseconds within these bounds, both included. Raises Unfit."""

    def read(value: str) -> int:
        length = length_of(value)
        if length is None or not low <= length <= high:
            raise Unfit(
                f"must be a length of time such as 90s, 15m, 24h or 7d, from {low // 1000} s to {high // 1000} s",
                f"必须是时长，例如 90s、15m、24h、7d，范围 {low // 1000} 至 {high // 1000} 秒",
            )
        return length

    return read


def truth(value: str) -> bool:
    """On or off. Raises Unfit."""
    if value.lower() not in _TRUTH:
        raise Unfit("must be on or off", "只能是 on 或 off")
    return _TRUTH[value.lower()]


def web(value: str) -> str:
    """An address of the web. Raises Unfit."""
    if not re.fullmatch(r"https?://\S+", value):
        raise Unfit("must begin with https:// or http://", "必须以 https:// 或 http:// 开头")
    return value


def basemap(value: str) -> str:
    """An address of the web that names tiles ({z}, {x}, {y}) or an archive of them (.pmtiles). Raises Unfit."""
    web(value)
    if not (urlsplit(value).path.endswith(".pmtiles") or all(part in value for part in ("{z}", "{x}", "{y}"))):
        raise Unfit(
            "must have {z}, {x} and {y} in it, or end with .pmtiles", "必须含有 {z}、{x}、{y}，或以 .pmtiles 结尾"
        )
    return value


def region(value: str) -> str:
    """Two letters, in upper case. Raises Unfit."""
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise Unfit("must be two letters, such as CN", "必须是两个字母，例如 CN")
    return value.upper()


def zone(value: str) -> str:
    """An IANA time zone. Raises Unfit."""
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unfit("must be a time zone such as Asia/Shanghai", "必须是时区名，例如 Asia/Shanghai") from None


def database(value: str) -> str:
    """The URL of a database, with the driver that this server uses. Raises Unfit."""
    scheme, separator, rest = value.partition("://")
    if not separator or not rest or scheme not in _DRIVERS:
        raise Unfit("must begin with sqlite:/// or postgresql://", "必须以 sqlite:/// 或 postgresql:// 开头")
    return f"{_DRIVERS[scheme]}://{rest}"


def origins(value: str) -> tuple[str, ...]:
    """Addresses of servers without a path, with commas between them. Raises Unfit."""
    origins = tuple(one.strip().lower() for one in value.split(",") if one.strip())
    if not all(re.fullmatch(r"https?://[a-z0-9.:-]+", one) for one in origins):
        raise Unfit(
            "must be addresses such as https://push.example, with commas between them",
            "必须是以逗号分隔的地址，例如 https://push.example",
        )
    return origins


def address(*schemes: str) -> Callable[[str], str]:
    """An address of a server; what is refused is never repeated, it may hold a password."""

    def read(value: str) -> str:
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            is_good = False
        if not is_good:
            shown = " or ".join(f"{one}://" for one in schemes)
            raise Unfit(f"must be an address that begins with {shown}", f"必须是以 {shown} 开头的地址")
        return value

    return read


def mail(value: str) -> str:
    """One mail address. Raises Unfit."""
    if not re.fullmatch(r"[^\s@,;<>]+@[^\s@,;<>]+", value):
        raise Unfit("must be a mail address", "必须是邮箱地址")
    return value


def mails(value: str) -> tuple[str, ...]:
    """Mail addresses, with commas between them. Raises Unfit."""
    return tuple(mail(one.strip()) for one in value.split(",") if one.strip())


def networks(value: str) -> tuple[Network, ...]:
    """Addresses and networks of machines, with commas between them. Raises Unfit."""
    try:
        return tuple(ip_network(one.strip()) for one in value.split(",") if one.strip())
    except ValueError as error:
        raise Unfit(
            "must be addresses or networks such as 10.0.0.5 or 10.0.0.0/24, with commas between them",
            "必须是以逗号分隔的地址或网段，例如 10.0.0.5 或 10.0.0.0/24",
        ) from error
