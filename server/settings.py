"""Settings of a deployment: defaults, then `settings.toml` under SAOJIE_HOME, then the environment. Knows of no room.

The file names a setting in lower case (`port = 8443`), the environment as SAOJIE_PORT. No default is a secret; keys
are in files of their own, never here and never in the database.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.times import DEFAULT_ZONE

__all__ = ["PREFIX", "Settings", "SettingsError", "length_of", "read_settings"]

PREFIX = "SAOJIE_"
FILE_NAME = "settings.toml"

_SECOND = 1000
_UNITS = {"ms": 1, "s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND, "d": 24 * 3600 * _SECOND}
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class SettingsError(ValueError):
    """Raised for a setting that cannot be used. `code` is stable: bad_setting, unknown_setting, bad_settings_file."""

    def __init__(self, code: str, name: str, en: str, zh: str) -> None:
        super().__init__(f"{code}: {name}: {en} / {zh}")
        self.code = code
        self.name = name
        self.en = en
        self.zh = zh


class _Unfit(Exception):
    """A value that a setting cannot take, in English and Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


def _text(value: str) -> str:
    if not value.strip():
        raise _Unfit("must not be empty", "不能为空")
    return value.strip()


def _line(most: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if len(value) > most or not value.isprintable():
            raise _Unfit(f"must be one line of at most {most} characters", f"只能是一行，不超过 {most} 个字符")
        return value

    return read


def _among(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in allowed:
            raise _Unfit(f"must be one of {', '.join(allowed)}", f"只能是 {', '.join(allowed)}")
        return value.lower()

    return read


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"\d{1,12}", value) or not low <= int(value) <= high:
            raise _Unfit(f"must be a whole number from {low} to {high}", f"必须是 {low} 到 {high} 之间的整数")
        return int(value)

    return read


def length_of(text: str) -> int | None:
    """A length of time in milliseconds, written like 90s, 15m, 24h or 7d; None for what is none."""
    found = re.fullmatch(r"(\d{1,9})(ms|s|m|h|d)", text.strip().lower())
    return int(found[1]) * _UNITS[found[2]] if found else None


def _duration(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        length = length_of(value)
        if length is None or not low <= length <= high:
            raise _Unfit(
                f"must be a length of time such as 90s, 15m, 24h or 7d, from {low // 1000} s to {high // 1000} s",
                f"必须是时长，例如 90s、15m、24h、7d，范围 {low // 1000} 至 {high // 1000} 秒",
            )
        return length

    return read


def _truth(value: str) -> bool:
    if value.lower() not in _TRUTH:
        raise _Unfit("must be on or off", "只能是 on 或 off")
    return _TRUTH[value.lower()]


def _web(value: str) -> str:
    if not re.fullmatch(r"https?://\S+", value):
        raise _Unfit("must begin with https:// or http://", "必须以 https:// 或 http:// 开头")
    return value


def _region(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise _Unfit("must be two letters, such as CN", "必须是两个字母，例如 CN")
    return value.upper()


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _Unfit("must be a time zone such as Asia/Shanghai", "必须是时区名，例如 Asia/Shanghai") from None


def _database(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or not rest or scheme not in _DRIVERS:
        raise _Unfit("must begin with sqlite:/// or postgresql://", "必须以 sqlite:/// 或 postgresql:// 开头")
    return f"{_DRIVERS[scheme]}://{rest}"


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(one.strip().lower() for one in value.split(",") if one.strip())
    if not all(re.fullmatch(r"https?://[a-z0-9.:-]+", one) for one in origins):
        raise _Unfit(
            "must be addresses such as https://push.example, with commas between them",
            "必须是以逗号分隔的地址，例如 https://push.example",
        )
    return origins


def _address(*schemes: str) -> Callable[[str], str]:
    """An address of a server; what is refused is never repeated, it may hold a password."""

    def read(value: str) -> str:
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            is_good = False
        if not is_good:
            shown = " or ".join(f"{one}://" for one in schemes)
            raise _Unfit(f"must be an address that begins with {shown}", f"必须是以 {shown} 开头的地址")
        return value

    return read


def _mail(value: str) -> str:
    if not re.fullmatch(r"[^\s@,;<>]+@[^\s@,;<>]+", value):
        raise _Unfit("must be a mail address", "必须是邮箱地址")
    return value


def _mails(value: str) -> tuple[str, ...]:
    return tuple(_mail(one.strip()) for one in value.split(",") if one.strip())


def _setting(default: Any, read: Callable[[str], Any], *, hidden: bool = False) -> Any:
    return field(default=default, repr=not hidden, metadata={"read": read})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Lengths of time are milliseconds, sizes are bytes.

    `database_url` is empty for the default, an SQLite file under `home`; it may hold a password, so it is never
    shown. `company_name`, `language` (zh or en), `phone_region` (two letters) and `support_contact` (whom to call)
    matter to what people read and type.
    `time_zone` (an IANA name) is the company's: its days and hours are meant in it.
    `budget_burst` requests may come from one device at once, `budget_per_minute` in the long run;
    `enrolments_per_minute` are tried from one address at most.
    With `mass_change_guard`, a rep's changes of one kind beyond `mass_change_least` in a day, and beyond
    `mass_change_times` their own daily habit, become proposed.
    `whatif_purchases` and `whatif_faces` are how far back `saojie whatif` looks. An outlet whose purchases fell by more
    than `effect_loss` percent against comparable ones is a loss after a departure.
    `syncs_at_once` bounds the exchanges in progress, `streams_at_once` the open live streams. `push_services` are the
    origins of push services at which phones may be woken, `push_contact` how these reach the company (mailto:…).
    `visit_hour_cost` is in minor units, 0 for not stated; `public_registers` are names, by commas.
    An order of a wipe that nobody confirmed is brought up `wipe_reminder_after` it was issued and again
    `wipe_reminder_every`, by mail and webhook too where these are set; their addresses may hold passwords.
    """

    home: Path
    database_url: str = _setting("", _database, hidden=True)
    host: str = _setting("127.0.0.1", _text)
    port: int = _setting(8443, _between(0, 65_535))
    company_name: str = _setting("", _text)
    language: str = _setting("zh", _among("zh", "en"))
    phone_region: str = _setting("CN", _region)
    time_zone: str = _setting(DEFAULT_ZONE, _zone)
    lease_locks_after: int = _setting(24 * _UNITS["h"], _duration(_UNITS["s"], 7 * _UNITS["d"]))
    lease_erases_after: int = _setting(7 * _UNITS["d"], _duration(_UNITS["s"], 90 * _UNITS["d"]))
    lease_under_notice: int = _setting(2 * _UNITS["h"], _duration(_UNITS["s"], 7 * _UNITS["d"]))
    help_lasts: int = _setting(2 * _UNITS["h"], _duration(_UNITS["s"], 24 * _UNITS["h"]))
    support_contact: str = _setting("", _line(120))
    code_lifetime: int = _setting(15 * _UNITS["m"], _duration(_UNITS["s"], 24 * _UNITS["h"]))
    confirm_devices: bool = _setting(True, _truth)
    mass_change_guard: bool = _setting(True, _truth)
    mass_change_least: int = _setting(20, _between(1, 100_000))
    mass_change_times: int = _setting(5, _between(1, 1000))
    whatif_purchases: int = _setting(90 * _UNITS["d"], _duration(_UNITS["d"], 730 * _UNITS["d"]))
    whatif_faces: int = _setting(180 * _UNITS["d"], _duration(_UNITS["d"], 730 * _UNITS["d"]))
    effect_loss: int = _setting(30, _between(1, 100))
    body_limit: int = _setting(4 << 20, _between(64 << 10, 64 << 20))
    budget_burst: int = _setting(240, _between(1, 100_000))
    budget_per_minute: int = _setting(240, _between(1, 1_000_000))
    enrolments_per_minute: int = _setting(60, _between(1, 1_000_000))
    syncs_at_once: int = _setting(64, _between(1, 10_000))
    streams_at_once: int = _setting(5000, _between(1, 100_000))
    stream_length: int = _setting(10 * _UNITS["m"], _duration(_UNITS["s"], _UNITS["h"]))
    checkpoint_every: int = _setting(_UNITS["h"], _duration(_UNITS["s"], 7 * _UNITS["d"]))
    push_services: tuple[str, ...] = _setting((), _origins)
    push_contact: str = _setting("", _text)
    wipe_reminder_after: int = _setting(24 * _UNITS["h"], _duration(_UNITS["s"], 30 * _UNITS["d"]))
    wipe_reminder_every: int = _setting(24 * _UNITS["h"], _duration(_UNITS["s"], 30 * _UNITS["d"]))
    smtp_url: str = _setting("", _address("smtp", "smtps"), hidden=True)
    mail_from: str = _setting("", _mail)
    mail_to: tuple[str, ...] = _setting((), _mails)
    webhook_url: str = _setting("", _address("https", "http"), hidden=True)
    webhook_secret: str = _setting("", _text, hidden=True)
    check_hour: int = _setting(3, _between(0, 23))
    timestamp_url: str = _setting("", _web)
    timestamp_certificate: str = _setting("", _text)
    visit_hour_cost: int = _setting(0, _between(0, 10_000_000))
    public_registers: str = _setting("osm", _text)
    decoys_per_replica: int = _setting(1, _between(0, 3))
    log_level: str = _setting("info", _among("debug", "info", "warning", "error"))

    @property
    def database(self) -> str:
        """The URL of the database, with the driver that this server uses."""
        return self.database_url or f"sqlite+aiosqlite:///{self.home / 'saojie.db'}"

    @property
    def keys(self) -> Path:
        """The folder of the company's keys."""
        return self.home / "keys"

    @property
    def locks(self) -> Path:
        """The folder of the hand-over locks."""
        return self.home / "locks"

    @property
    def photos(self) -> Path:
        """The folder of photos' bytes."""
        return self.home / "photos"

    @property
    def agreements(self) -> Path:
        """The folder of the files that were entered into the register of agreements."""
        return self.home / "agreements"

    @property
    def attestation(self) -> Path:
        """The folder of the roots (*.pem) whose attestations of device keys are believed."""
        return self.home / "attestation"

    @property
    def departures(self) -> Path:
        """The signed file of epochs and departures, outside the database."""
        return self.home / "departures.log"


_READERS: dict[str, Callable[[str], Any]] = {
    one.name: one.metadata["read"] for one in fields(Settings) if "read" in one.metadata
}


def _home(environ: Mapping[str, str]) -> Path:
    named = environ.get(f"{PREFIX}HOME", "").strip()
    if named:
        return Path(named).expanduser().absolute()
    return Path(environ.get("HOME", ".")).absolute() / ".saojie"


def _from_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError("bad_settings_file", path.name, f"cannot be read: {error}", "无法读取") from error
    for name in table.keys() - _READERS.keys():
        raise SettingsError("unknown_setting", name, f"there is no such setting in {path.name}", "没有这个设置项")
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in table.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    named = {name: environ.get(f"{PREFIX}{name.upper()}", "") for name in _READERS}
    return {name: value for name, value in named.items() if value.strip()}


def _read(name: str, value: str) -> Any:
    try:
        return _READERS[name](value.strip())
    except _Unfit as unfit:
        raise SettingsError("bad_setting", f"{PREFIX}{name.upper()}", unfit.en, unfit.zh) from None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of the deployment that `environ` names (usually `os.environ`). Raises SettingsError."""
    home = _home(environ)
    given = _from_file(home / FILE_NAME) | _from_environment(environ)
    return Settings(home, **{name: _read(name, value) for name, value in given.items()})
