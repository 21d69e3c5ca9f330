"""Settings: defaults, the file under SAOJIE_HOME, the environment; clear errors, and no secret anywhere."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from server.settings import Settings, SettingsError, read_settings

HOUR, DAY = 3_600_000, 24 * 3_600_000


def environ(home: Path, **named: str) -> dict[str, str]:
    """An environment with settings."""
    return {"SAOJIE_HOME": str(home)} | {f"SAOJIE_{name.upper()}": value for name, value in named.items()}


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    """An embedded database under the home, loopback alone, confirmation on, a lease of a day."""
    settings = read_settings(environ(tmp_path))
    assert settings == Settings(tmp_path)
    assert settings.database == f"sqlite+aiosqlite:///{tmp_path}/saojie.db"
    assert (settings.host, settings.confirm_devices) == ("127.0.0.1", True)
    assert (settings.lease_locks_after, settings.lease_erases_after) == (24 * HOUR, 7 * DAY)


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    """What both name is the environment's; what only the file names is the file's."""
    (tmp_path / "settings.toml").write_text('port = 9000\nlanguage = "en"\nconfirm_devices = false\n', "utf-8")
    settings = read_settings(environ(tmp_path, port="9001"))
    assert (settings.port, settings.language, settings.confirm_devices) == (9001, "en", False)


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("lease_locks_after", "90s", "lease_locks_after", 90_000),
        ("lease_erases_after", "7d", "lease_erases_after", 7 * DAY),
        ("stream_length", "2m", "stream_length", 120_000),
        ("lease_under_notice", "90m", "lease_under_notice", 90 * 60_000),
        ("help_lasts", "24h", "help_lasts", DAY),
        ("support_contact", " 王经理 0532-8888000 ", "support_contact", "王经理 0532-8888000"),
        ("phone_region", "hk", "phone_region", "HK"),
        ("database_url", "postgresql://u:p@h/d", "database", "postgresql+asyncpg://u:p@h/d"),
        ("database_url", "sqlite:////var/x.db", "database", "sqlite+aiosqlite:////var/x.db"),
        ("log_level", "WARNING", "log_level", "warning"),
        ("company_name", " 泰山烟酒 ", "company_name", "泰山烟酒"),
        ("port", "", "port", 8443),
    ],
)
def test_values_are_read_as_people_write_them(tmp_path: Path, name: str, value: str, field: str, read: object) -> None:
    """Lengths of time with a unit, regions in either case, addresses of databases without a driver."""
    assert getattr(read_settings(environ(tmp_path, **{name: value})), field) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "70000"),
        ("port", "-1"),
        ("language", "fr"),
        ("support_contact", "x" * 121),
        ("help_lasts", "25h"),
        ("lease_locks_after", "24"),
        ("lease_locks_after", "8d"),
        ("lease_locks_after", "0s"),
        ("confirm_devices", "maybe"),
        ("phone_region", "China"),
        ("database_url", "mysql://h/d"),
        ("database_url", "postgresql"),
        ("log_level", "loud"),
        ("body_limit", "1e9"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(tmp_path: Path, name: str, value: str) -> None:
    """A stable code, the setting's name, and a sentence in both languages."""
    with pytest.raises(SettingsError) as caught:
        read_settings(environ(tmp_path, **{name: value}))
    assert (caught.value.code, caught.value.name) == ("bad_setting", f"SAOJIE_{name.upper()}")
    assert caught.value.en
    assert caught.value.zh


def test_a_bad_address_of_the_database_is_not_repeated(tmp_path: Path) -> None:
    """It may hold a password."""
    with pytest.raises(SettingsError) as caught:
        read_settings(environ(tmp_path, database_url="mysql://root:hunter2@h/d"))
    assert "hunter2" not in str(caught.value)


def test_a_setting_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A misspelt name in the file is not passed over."""
    (tmp_path / "settings.toml").write_text("prot = 9000\n", "utf-8")
    with pytest.raises(SettingsError, match=r"unknown_setting.*prot"):
        read_settings(environ(tmp_path))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """By name."""
    (tmp_path / "settings.toml").write_text("port = ", "utf-8")
    with pytest.raises(SettingsError, match="bad_settings_file"):
        read_settings(environ(tmp_path))


def test_settings_are_shown_without_the_databases_password(tmp_path: Path) -> None:
    """Printing them, as a log or a traceback might, shows no secret; and no default is one."""
    settings = read_settings(environ(tmp_path, database_url="postgresql://saojie:hunter2@h/d"))
    assert "hunter2" not in repr(settings)
    assert "hunter2" in settings.database


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("smtp_url", "smtp://u:p@mail.example:587", "smtp://u:p@mail.example:587"),
        ("mail_to", " a@x.example, b@x.example", ("a@x.example", "b@x.example")),
        ("webhook_url", "https://hooks.example/x", "https://hooks.example/x"),
    ],
)
def test_ways_out_are_read(tmp_path: Path, name: str, value: str, read: object) -> None:
    """As they are written; several people with commas."""
    assert getattr(read_settings(environ(tmp_path, **{name: value})), name) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_url", "mail.example hunter2"),
        ("smtp_url", "https://u:hunter2@mail.example"),
        ("smtp_url", "smtp://u:hunter2@:99999"),
        ("webhook_url", "ftp://u:hunter2@x.example"),
        ("mail_to", "nobody"),
        ("mail_from", "a@b@c"),
    ],
)
def test_a_bad_way_out_is_refused_without_being_repeated(tmp_path: Path, name: str, value: str) -> None:
    """It may hold a password."""
    with pytest.raises(SettingsError) as caught:
        read_settings(environ(tmp_path, **{name: value}))
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(Settings(tmp_path, smtp_url="smtp://u:hunter2@x", webhook_secret="hunter2"))


SECRETS = ("database_url", "broker_url", "smtp_url", "webhook_url", "webhook_secret")
FITTING = {
    "database_url": "postgresql://saojie:hunter2@h/d",
    "broker_url": "redis://:hunter2@h:6379/0",
    "smtp_url": "smtp://u:hunter2@h:587",
    "webhook_url": "https://h.example/hunter2",
    "webhook_secret": "hunter2",
}


def secret(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """A file with a secret."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_no_default_is_a_secret(tmp_path: Path) -> None:
    """What may hold one is empty until somebody gives it."""
    hidden = [one.name for one in dataclasses.fields(Settings) if not one.repr]
    assert set(hidden) == set(SECRETS)
    assert [getattr(Settings(tmp_path), name) for name in hidden] == [""] * len(hidden)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path, name: str) -> None:
    """Named by the environment with its whole path, or by the settings' file under the home; it is never shown."""
    path = secret(tmp_path / "a.secret", FITTING[name] + "\n", 0o640)
    settings = read_settings(environ(tmp_path, **{f"{name}_file": str(path)}))
    assert settings == read_settings(environ(tmp_path, **{name: FITTING[name]}))
    assert "hunter2" not in repr(settings)
    (tmp_path / "settings.toml").write_text(f'{name}_file = "a.secret"\n', "utf-8")
    assert read_settings(environ(tmp_path)) == settings


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o777])
def test_a_secret_that_everybody_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """In a word that says what to run, and without the secret."""
    path = secret(tmp_path / "a.secret", "hunter2", mode)
    with pytest.raises(SettingsError) as caught:
        read_settings(environ(tmp_path, webhook_secret_file=str(path)))
    assert (caught.value.code, caught.value.name) == ("bad_setting", "SAOJIE_WEBHOOK_SECRET_FILE")
    assert f"chmod o-rwx {path}" in caught.value.en
    assert f"chmod o-rwx {path}" in caught.value.zh
    assert "hunter2" not in str(caught.value)


def test_a_settings_file_with_a_secret_in_it_is_held_to_the_same(tmp_path: Path) -> None:
    """One without may be read by everybody."""
    path = secret(tmp_path / "settings.toml", 'webhook_secret = "hunter2"\n', 0o644)
    with pytest.raises(SettingsError, match="settings_exposed") as caught:
        read_settings(environ(tmp_path))
    assert "hunter2" not in str(caught.value)
    path.chmod(0o640)
    assert read_settings(environ(tmp_path)).webhook_secret == "hunter2"
    secret(path, "port = 9000\n", 0o644)
    assert read_settings(environ(tmp_path)).port == 9000


@pytest.mark.parametrize("data", [b"", b" \n", b"\xff\xfe", b"x" * 70_000, None])
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, data: bytes | None) -> None:
    """Empty, no text, far too large, or not there at all."""
    if data is not None:
        secret(tmp_path / "a.secret", data)
    with pytest.raises(SettingsError, match="bad_setting"):
        read_settings(environ(tmp_path, webhook_secret_file="a.secret"))


def test_a_secret_in_two_ways_is_refused_and_the_environments_way_stands_over_the_files(tmp_path: Path) -> None:
    """Nobody could say which of two holds."""
    secret(tmp_path / "a.secret", "from a file")
    with pytest.raises(SettingsError, match="webhook_secret is given as well"):
        read_settings(environ(tmp_path, webhook_secret_file="a.secret", webhook_secret="x"))
    secret(tmp_path / "settings.toml", 'webhook_secret_file = "a.secret"\n')
    assert read_settings(environ(tmp_path)).webhook_secret == "from a file"
    assert read_settings(environ(tmp_path, webhook_secret="x")).webhook_secret == "x"
    secret(tmp_path / "settings.toml", 'webhook_secret = "y"\n')
    assert read_settings(environ(tmp_path, webhook_secret_file="a.secret")).webhook_secret == "from a file"


@pytest.mark.parametrize("value", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", "::1,x"])
def test_trusted_proxies_are_addresses_and_networks(tmp_path: Path, value: str) -> None:
    """A network is written by its first address: one that is not is a mistake, and may be a wide one."""
    with pytest.raises(SettingsError, match="bad_setting"):
        read_settings(environ(tmp_path, trusted_proxies=value))
    found = read_settings(environ(tmp_path, trusted_proxies="10.0.0.5, 10.1.0.0/16,::1")).trusted_proxies
    assert [str(one) for one in found] == ["10.0.0.5/32", "10.1.0.0/16", "::1/128"]
