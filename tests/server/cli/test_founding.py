"""Setting a deployment up, and what is said where it cannot be used."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import msgspec
import pytest

from tests.server.cli.conftest import Command
from tests.source import ROOT

BLOCKED = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"rich_click", "litestar", "sqlalchemy"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
sys.argv = ["saojie", "serve"]
from server.cli import main
main()
"""


def test_all_state_is_under_the_home(empty: Command) -> None:
    """One folder holds keys, database and the departures file, closed to others."""
    made = empty.json("init", "--company", "云澜商贸")
    assert (made["company_name"], made["is_new"], made["home"]) == ("云澜商贸", True, str(empty.home))
    names = {path.name for path in empty.home.iterdir()}
    assert {"keys", "saojie.db", "departures.log"} <= names
    assert empty.home.stat().st_mode & 0o077 == 0


def test_a_second_init_keeps_everything(command: Command) -> None:
    """Running it again is how a database is brought to a newer version; company and keys stay."""
    before = (command.home / "keys" / "signing.key").read_text()
    first = command.json("staff", "list")
    again = command.json("init", "--company", "别家")
    assert (again["company_name"], again["is_new"]) == ("云澜商贸", False)
    assert (command.home / "keys" / "signing.key").read_text() == before
    assert command.json("staff", "list") == first


def test_the_first_manager_is_there(command: Command) -> None:
    """`--manager` adds somebody who can decide."""
    assert [(one["name"], one["role"]) for one in command.json("staff", "list")["staff"]] == [("刘经理", "manager")]


def test_a_company_has_a_name(empty: Command) -> None:
    """Where nobody can be asked the name has to be given."""
    ran = empty("init", "--json")
    assert (ran.code, ran.result["error"]) == (1, "option_missing")


def test_a_database_that_is_gone_is_not_silently_begun_anew(command: Command) -> None:
    """A departures file without its database means that the database was lost."""
    for path in command.home.glob("saojie.db*"):
        path.unlink()
    ran = command("init", "--company", "云澜商贸", "--json")
    assert (ran.code, ran.result["error"]) == (1, "store_lost")


def test_a_company_never_gets_keys_that_its_phones_do_not_know(command: Command) -> None:
    """On a further machine, or after a loss, `init` says to copy the keys; it makes none for a database in use."""
    shutil.rmtree(command.home / "keys")
    ran = command("init", "--company", "云澜商贸", "--json")
    assert (ran.code, ran.result["error"]) == (1, "keys_missing")
    assert not (command.home / "keys").exists()


@pytest.mark.parametrize("arguments", [["staff", "list"], ["serve"], ["wipes", "list"], ["offboard", "x", "--yes"]])
def test_without_a_deployment_every_command_says_to_set_one_up(empty: Command, arguments: list[str]) -> None:
    """One line with a code and what to do, and an exit code that is not 0."""
    ran = empty(*arguments)
    assert ran.code == 1
    assert ran.err.startswith("saojie: keys_missing: ")
    assert "saojie init" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_messages_come_in_the_language_that_was_asked_for(empty: Command) -> None:
    """`--lang`, or the environment."""
    assert "请运行 saojie init" in empty("staff", "list", "--lang", "zh").err
    empty.env["SAOJIE_LANGUAGE"] = "zh"
    assert "请运行 saojie init" in empty("staff", "list").err


def test_an_old_schema_is_named(command: Command) -> None:
    """A database of another version is not touched."""
    (command.home / "saojie.db").unlink()
    for path in command.home.glob("saojie.db-*"):
        path.unlink()
    assert command("staff", "list", "--json").result["error"] == "schema_old"


def test_keys_that_others_may_read_are_refused(command: Command) -> None:
    """A key file with loose modes stops every command."""
    (command.home / "keys" / "signing.key").chmod(0o644)
    assert command("staff", "list", "--json").result["error"] == "keys_exposed"


def test_without_the_servers_packages_the_command_says_what_to_install() -> None:
    """`saojie` alone is the SDK; a server command without the extra names the extra."""
    ran = subprocess.run([sys.executable, "-c", BLOCKED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "pip install 'saojie[server]'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_list_of_commands_loads_no_part() -> None:
    """`saojie --help` is quick: no database, no framework."""
    script = (
        "import sys; from click.testing import CliRunner; from server.cli.root import saojie;"
        "assert CliRunner().invoke(saojie, ['--help']).exit_code == 0;"
        "print({'sqlalchemy', 'litestar', 'alembic', 'msgspec'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


@pytest.mark.parametrize("runner", ["granian", "uvicorn"])
def test_a_server_says_where_it_is_and_ends_when_it_is_told(command: Command, runner: str) -> None:
    """`serve --port 0 --json` names its address on one line, answers there, and ends on SIGTERM."""
    with serving(command, runner, "0") as server:
        url = address_of(server)
        try:
            assert healthy(url)
            assert (command.home / "address").read_text() == url
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(20) in {0, -signal.SIGTERM}


@pytest.mark.parametrize("runner", ["granian", "uvicorn"])
def test_a_server_that_was_killed_leaves_nothing_behind(command: Command, runner: str) -> None:
    """After SIGKILL nobody answers any more, and the next server has the same port."""
    with serving(command, runner, "0") as server:
        url = address_of(server)
        assert healthy(url)
        server.kill()
    port = url.rpartition(":")[2]
    with serving(command, runner, port) as server:
        assert address_of(server) == url
        assert healthy(url)
        server.kill()
    assert silent(url)


def serving(command: Command, runner: str, port: str) -> subprocess.Popen[bytes]:
    """A server that is starting."""
    script = "from server.cli import main; main()"
    line = [sys.executable, "-c", script, "serve", "--port", port, "--runner", runner, "--json"]
    env = {**os.environ, **{name: value or "" for name, value in command.env.items()}}
    return subprocess.Popen(line, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def address_of(server: subprocess.Popen[bytes]) -> str:
    """Where a server says that it is."""
    assert server.stdout is not None
    return str(msgspec.json.decode(server.stdout.readline())["url"])


def healthy(url: str) -> bool:
    """Whether the server answers within some seconds."""
    for _ in range(200):
        try:
            with urlopen(f"{url}/healthz") as answer:  # noqa: S310  # a server that this test started
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.05)
    return False


def silent(url: str) -> bool:
    """Whether nobody answers any more within some seconds; whatever a killed server has started may take a moment."""
    for _ in range(200):
        try:
            with urlopen(f"{url}/healthz"):  # noqa: S310  # a server that this test started
                time.sleep(0.05)
        except OSError:
            return True
    return False


def test_a_port_that_is_taken_is_named(command: Command) -> None:
    """A clear line instead of a trace."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ran = command("serve", "--port", str(other.getsockname()[1]), "--json")
    assert (ran.code, ran.result["error"]) == (1, "address_taken")


def test_a_certificate_without_its_key_is_refused(command: Command, tmp_path: Path) -> None:
    """The two go together."""
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("")
    ran = command("serve", "--tls-certificate", certificate, "--json")
    assert (ran.code, ran.result["error"]) == (1, "option_missing")
