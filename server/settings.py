"""Settings of a deployment: defaults, then `settings.toml` under SAOJIE_HOME, then the environment. Knows of no room.

The file names a setting in lower case (`port = 8443`), the environment as SAOJIE_PORT. What may hold a secret may
stand in a file of its own instead, which SAOJIE_WEBHOOK_SECRET_FILE or `webhook_secret_file` names. No default is a
secret; keys are never here and never in the database.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from server import values
from server.secret_files import check_closed, read_secret
from server.times import DEFAULT_ZONE

__all__ = ["FILE_NAME", "PREFIX", "Settings", "SettingsError", "read_settings"]

PREFIX = "SAOJIE_"
FILE_NAME = "settings.toml"

_SECOND, _MINUTE, _HOUR, _DAY = (values.UNITS[unit] for unit in "smhd")


class SettingsError(ValueError):
    """Raised for a setting that cannot be used. `code` is stable: bad_setting, unknown_setting, bad_settings_file,
    settings_exposed.
    """

    def __init__(self, code: str, name: str, en: str, zh: str) -> None:
        super().__init__(f"{code}: {name}: {en} / {zh}")
        self.code = code
        self.name = name
        self.en = en
        self.zh = zh


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
    `enrolments_per_minute` are tried from one address at most, and `unsigned_per_minute` requests refused there for
    want of a signature. `trusted_proxies` are believed when they say for which address they speak.
    With `mass_change_guard`, a rep's changes of one kind beyond `mass_change_least` in a day, and beyond
    `mass_change_times` their own daily habit, become proposed.
    `whatif_purchases` and `whatif_faces` are how far back `saojie whatif` looks. An outlet whose purchases fell by more
    than `effect_loss` percent against comparable ones is a loss after a departure.
    A body of at most `body_limit` may stand still for `body_wait`, and takes ten times that in all.
    `syncs_at_once` bounds the exchanges in progress, `streams_at_once` the open live streams. `push_services` are the
    origins of push services at which phones may be woken, `push_contact` how these reach the company (mailto:…).
    `visit_hour_cost` is in minor units, 0 for not stated; `public_registers` are names, by commas.
    Under the outlets on the console's map lies what `basemap_url` names, in `basemap_datum`; nothing for none.
    `broker_url` is a Redis through which nodes tell one another that something changed; without one PostgreSQL does.
    An order of a wipe that nobody confirmed is brought up `wipe_reminder_after` it was issued and again
    `wipe_reminder_every`, by mail and webhook too where these are set; their addresses may hold passwords.
    """

    home: Path
    database_url: str = _setting("", values.database, hidden=True)
    host: str = _setting("127.0.0.1", values.text)
    port: int = _setting(8443, values.between(0, 65_535))
    company_name: str = _setting("", values.text)
    language: str = _setting("zh", values.among("zh", "en"))
    phone_region: str = _setting("CN", values.region)
    time_zone: str = _setting(DEFAULT_ZONE, values.zone)
    lease_locks_after: int = _setting(24 * _HOUR, values.duration(_SECOND, 7 * _DAY))
    lease_erases_after: int = _setting(7 * _DAY, values.duration(_SECOND, 90 * _DAY))
    lease_under_notice: int = _setting(2 * _HOUR, values.duration(_SECOND, 7 * _DAY))
    help_lasts: int = _setting(2 * _HOUR, values.duration(_SECOND, 24 * _HOUR))
    support_contact: str = _setting("", values.line(120))
    code_lifetime: int = _setting(15 * _MINUTE, values.duration(_SECOND, 24 * _HOUR))
    confirm_devices: bool = _setting(True, values.truth)
    mass_change_guard: bool = _setting(True, values.truth)
    mass_change_least: int = _setting(20, values.between(1, 100_000))
    mass_change_times: int = _setting(5, values.between(1, 1000))
    whatif_purchases: int = _setting(90 * _DAY, values.duration(_DAY, 730 * _DAY))
    whatif_faces: int = _setting(180 * _DAY, values.duration(_DAY, 730 * _DAY))
    effect_loss: int = _setting(30, values.between(1, 100))
    body_limit: int = _setting(4 << 20, values.between(64 << 10, 64 << 20))
    body_wait: int = _setting(30 * _SECOND, values.duration(_SECOND, 10 * _MINUTE))
    budget_burst: int = _setting(240, values.between(1, 100_000))
    budget_per_minute: int = _setting(240, values.between(1, 1_000_000))
    enrolments_per_minute: int = _setting(60, values.between(1, 1_000_000))
    unsigned_per_minute: int = _setting(120, values.between(1, 1_000_000))
    trusted_proxies: tuple[values.Network, ...] = _setting((), values.networks)
    syncs_at_once: int = _setting(64, values.between(1, 10_000))
    streams_at_once: int = _setting(5000, values.between(1, 100_000))
    stream_length: int = _setting(10 * _MINUTE, values.duration(_SECOND, _HOUR))
    checkpoint_every: int = _setting(_HOUR, values.duration(_SECOND, 7 * _DAY))
    push_services: tuple[str, ...] = _setting((), values.origins)
    push_contact: str = _setting("", values.text)
    wipe_reminder_after: int = _setting(24 * _HOUR, values.duration(_SECOND, 30 * _DAY))
    wipe_reminder_every: int = _setting(24 * _HOUR, values.duration(_SECOND, 30 * _DAY))
    smtp_url: str = _setting("", values.address("smtp", "smtps"), hidden=True)
    mail_from: str = _setting("", values.mail)
    mail_to: tuple[str, ...] = _setting((), values.mails)
    broker_url: str = _setting("", values.address("redis", "rediss"), hidden=True)
    webhook_url: str = _setting("", values.address("https", "http"), hidden=True)
    webhook_secret: str = _setting("", values.text, hidden=True)
    check_hour: int = _setting(3, values.between(0, 23))
    timestamp_url: str = _setting("", values.web)
    timestamp_certificate: str = _setting("", values.text)
    visit_hour_cost: int = _setting(0, values.between(0, 10_000_000))
    public_registers: str = _setting("osm", values.text)
    basemap_url: str = _setting("", values.basemap)
    basemap_datum: str = _setting("wgs84", values.among("wgs84", "gcj02"))
    basemap_attribution: str = _setting("", values.line(120))
    decoys_per_replica: int = _setting(1, values.between(0, 3))
    log_level: str = _setting("info", values.among("debug", "info", "warning", "error"))

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

_SECRETS = tuple(one.name for one in fields(Settings) if "read" in one.metadata and not one.repr)
_FILED = {f"{name}_file": name for name in _SECRETS}
"""Settings that name the file of a secret, and which secret."""


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
    if table.keys() & set(_SECRETS):
        _check_exposed(path)
    for name in table.keys() - _READERS.keys() - _FILED.keys():
        raise SettingsError("unknown_setting", name, f"there is no such setting in {path.name}", "没有这个设置项")
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in table.items()}


def _check_exposed(path: Path) -> None:
    try:
        check_closed(path)
    except values.Unfit as unfit:
        raise SettingsError("settings_exposed", path.name, unfit.en, unfit.zh) from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    named = {name: environ.get(f"{PREFIX}{name.upper()}", "") for name in (*_READERS, *_FILED)}
    return {name: value for name, value in named.items() if value.strip()}


def _merged(file: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """The environment over the file: a secret that it names in either way takes the place of the file's."""
    over = {other for one, two in _FILED.items() for other in (one, two) if {one, two} & environment.keys()}
    return {name: value for name, value in file.items() if name not in over} | environment


def _filed(given: dict[str, str], home: Path) -> dict[str, str]:
    """What was given, with the secrets that stand in files of their own. Raises SettingsError."""
    plain = {name: value for name, value in given.items() if name not in _FILED}
    for named, name in _FILED.items():
        if named not in given:
            continue
        if name in given:
            raise SettingsError(
                "bad_setting", f"{PREFIX}{named.upper()}", f"{name} is given as well", f"不能同时给出 {name}"
            )
        try:
            plain[name] = read_secret(home / given[named].strip())
        except values.Unfit as unfit:
            raise SettingsError("bad_setting", f"{PREFIX}{named.upper()}", unfit.en, unfit.zh) from None
    return plain


def _read(name: str, value: str) -> Any:
    try:
        return _READERS[name](value.strip())
    except values.Unfit as unfit:
        raise SettingsError("bad_setting", f"{PREFIX}{name.upper()}", unfit.en, unfit.zh) from None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of the deployment that `environ` names (usually `os.environ`). Raises SettingsError."""
    home = _home(environ)
    given = _filed(_merged(_from_file(home / FILE_NAME), _from_environment(environ)), home)
    return Settings(home, **{name: _read(name, value) for name, value in given.items()})
