"""`deploy/`: every file can be read by what it is for, and says what `saojie serve` and its settings know."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from server.cli.founding import serve
from server.settings import PREFIX, Settings, read_settings
from tests.end_to_end.failover.services import PATRONI, postgres_programs
from tests.source import ROOT

DEPLOY = ROOT / "deploy"
UNITS = ("saojie.service", "patroni.service")
DROP_INS = sorted(path.relative_to(DEPLOY).as_posix() for path in DEPLOY.glob("systemd/*.d/*.conf"))
CONFINED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "RestrictSUIDSGID": "yes",
    "CapabilityBoundingSet": "",
}


def unit(name: str) -> dict[str, str]:
    """What stands under [Service], the last of each."""
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string((DEPLOY / name).read_text("utf-8"))
    return dict(read["Service"])


def environment(name: str) -> dict[str, str]:
    """The variables of a file for systemd."""
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def program(name: str) -> str:
    """Where a program is; skips where it is not."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def said(*command: str, **variables: str) -> tuple[int, str]:
    """What a program says, and its exit code."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **variables}
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_confined_and_not_root(name: str) -> None:
    """A user of its own, limits, and a file system that it cannot write to."""
    service = unit(f"systemd/{name}")
    assert service["User"] not in {"", "root"}
    assert {key: service.get(key) for key in CONFINED} == CONFINED
    assert {"LimitNOFILE", "TasksMax", "Restart"} <= set(service)


def test_the_node_has_a_limit_of_memory() -> None:
    """A node that leaks is started again before it takes the machine with it."""
    assert {"MemoryHigh", "MemoryMax"} <= set(unit("systemd/saojie.service"))


@pytest.mark.parametrize("name", DROP_INS)
def test_what_is_added_to_other_units_limits_them(name: str) -> None:
    """Debian's units get limits of memory and tasks."""
    assert {"MemoryMax", "TasksMax"} <= set(unit(name))


@pytest.mark.parametrize("name", UNITS)
def test_systemd_knows_every_line_of_a_unit(name: str, tmp_path: Path) -> None:
    """Nothing is misspelt: only the program that is not on this machine is missed."""
    analyze = program("systemd-analyze")
    text = (DEPLOY / "systemd" / name).read_text("utf-8")
    (tmp_path / name).write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE), "utf-8")
    _, words = said(analyze, "verify", str(tmp_path / name))
    assert [line for line in words.splitlines() if str(tmp_path) in line or line.startswith(name)] == []


def test_the_node_is_started_with_options_that_serve_knows() -> None:
    """`saojie serve`, with no option that it does not have."""
    program_, command, *options = shlex.split(unit("systemd/saojie.service")["ExecStart"])
    known = {word for option in serve.params for word in option.opts}
    assert (Path(program_).name, command) == ("saojie", "serve")
    assert {word for word in options if word.startswith("--")} <= known


def test_the_node_ends_before_systemd_loses_patience() -> None:
    """An open stream ends within the server's own grace; systemd waits longer than that."""
    from server.cli.founding import _GRACE_S  # noqa: PLC0415 -- private, and only this test compares it

    assert int(unit("systemd/saojie.service")["TimeoutStopSec"]) > 2 * _GRACE_S


def test_the_settings_of_a_node_are_settings() -> None:
    """Each variable is one that the server knows, with a value that it takes; the database is behind HAProxy."""
    variables = environment("saojie/saojie.env")
    assert {name.removeprefix(PREFIX).lower() for name in variables} <= {one.name for one in fields(Settings)}
    settings = read_settings(variables)
    assert environment("saojie/haproxy.env")["POSTGRESQL_BIND"] in settings.database
    machines = {value for name, value in environment("saojie/haproxy.env").items() if name.startswith("NODE")}
    assert {str(one.network_address) for one in settings.trusted_proxies} == machines
    assert variables["SAOJIE_HOME"] == "/var/lib/saojie"


def test_haproxy_takes_its_files(tmp_path: Path) -> None:
    """All three together, with a certificate in place."""
    haproxy, openssl = program("haproxy"), program("openssl")
    for path in (DEPLOY / "haproxy").glob("*.cfg"):
        text = path.read_text("utf-8").replace("/etc/saojie/tls/", f"{tmp_path}/site.pem")
        (tmp_path / path.name).write_text(text, "utf-8")
    pair = [tmp_path / "key.pem", tmp_path / "certificate.pem"]
    said(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout",
         str(pair[0]), "-out", str(pair[1]))  # fmt: skip
    (tmp_path / "site.pem").write_bytes(b"".join(path.read_bytes() for path in pair))
    files = [word for path in sorted(tmp_path.glob("*.cfg")) for word in ("-f", str(path))]
    code, words = said(haproxy, "-c", *files, **environment("saojie/haproxy.env"))
    assert code == 0, words
    assert "WARNING" not in words


def test_patroni_takes_its_file(tmp_path: Path) -> None:
    """Nothing in it is unknown to Patroni, or of the wrong kind."""
    programs = postgres_programs()
    if programs is None or not (PATRONI / "patroni").exists():
        pytest.skip("PostgreSQL or Patroni is not installed: see tools/services.sh")
    here = environment("patroni/patroni.env") | {
        "PATRONI_RESTAPI_LISTEN": "127.0.0.1:8008",
        "PATRONI_POSTGRESQL_LISTEN": "127.0.0.1:5432",
        "PATRONI_POSTGRESQL_DATA_DIR": str(tmp_path / "data"),
        "PATRONI_POSTGRESQL_BIN_DIR": str(programs),
        "PATRONI_POSTGRESQL_PGPASS": str(tmp_path / "pgpass"),
        "PYTHONPATH": str(PATRONI),
    }
    config = str(DEPLOY / "patroni" / "config.yml")
    _, words = said(sys.executable, "-m", "patroni", "--validate-config", config, **here)
    # That something on this machine listens on a port says nothing of the file.
    assert [line for line in words.splitlines() if "already in use" not in line] == []


def test_a_commit_waits_for_a_second_disk() -> None:
    """Strictly synchronous, and nothing in the file weakens it."""
    text = (DEPLOY / "patroni" / "config.yml").read_text("utf-8")
    assert re.search(r"^ +synchronous_mode: true$", text, re.MULTILINE)
    assert re.search(r"^ +synchronous_mode_strict: true$", text, re.MULTILINE)
    assert re.findall(r"synchronous_commit: (.*)", text) == ['"on"']
    assert "fsync" not in text


def test_redis_takes_its_file(tmp_path: Path) -> None:
    """It starts with it, and the account may publish and read nothing else."""
    server, client = program("redis-server"), program("redis-cli")
    text = (DEPLOY / "redis" / "saojie.conf").read_text("utf-8")
    socket = tmp_path / "redis.sock"
    for line, here in (("bind", ""), ("port", "port 0"), ("dir", f"dir {tmp_path}\nunixsocket {socket}")):
        text = re.sub(rf"^{line} .*$", here, text, flags=re.MULTILINE)
    (tmp_path / "redis.conf").write_text(text, "utf-8")
    running = subprocess.Popen([server, str(tmp_path / "redis.conf")], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        next(line for line in running.stdout if "ready to accept connections" in line.lower())
        ask = (client, "-s", str(socket), "--no-auth-warning", "--user", "saojie", "--pass", "CHANGE-ME")
        assert said(*ask, "PUBLISH", "channel", "word")[1].strip() == "0"
        assert "NOPERM" in said(*ask, "SET", "key", "value")[1]
        assert "NOAUTH" in said(client, "-s", str(socket), "PING")[1]
    finally:
        running.kill()
        running.communicate(timeout=30)


def test_no_secret_is_given() -> None:
    """What has to be secret is to be changed, and nothing else looks like one."""
    for path in (one for one in DEPLOY.rglob("*") if one.is_file()):
        for line in path.read_text("utf-8").splitlines():
            if re.match(r"\w*PASSWORD=", line) or re.search(r"://saojie\w*:", line):
                assert re.search(r"CHANGE-ME|:password@", line), f"{path.name}: {line}"


def test_the_walk_through_names_every_file() -> None:
    """Whatever lies in the folder has its place in the table."""
    text = (DEPLOY / "README.md").read_text("utf-8")
    folders = {path.relative_to(DEPLOY).parts[0] for path in DEPLOY.rglob("*") if path.is_file()} - {"README.md"}
    assert [folder for folder in sorted(folders) if f"`{folder}/" not in text] == []
