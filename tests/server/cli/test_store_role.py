"""`saojie store-role` as the owner of a schema types it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from tests.server.cli.conftest import Command
from tests.server.conftest import _for_asyncpg, _in_a_loop_of_its_own, _run


@pytest.fixture
def role(postgres: str) -> Iterator[str]:
    """A role that can do nothing yet."""
    name, url = f"server_{uuid4().hex}", _for_asyncpg(postgres, "postgres")
    _in_a_loop_of_its_own(_run(url, f"CREATE ROLE {name}"))
    yield name
    _in_a_loop_of_its_own(_run(url, f"DROP ROLE {name}"))


@pytest.fixture
def home(postgres: str, tmp_path: Path, role: str) -> Iterator[Command]:
    """A deployment on PostgreSQL, as its owner; what `role` was given there goes before the role does."""
    assert role
    name = f"home_{uuid4().hex}"
    _in_a_loop_of_its_own(_run(_for_asyncpg(postgres, "postgres"), f"CREATE DATABASE {name}"))
    command = Command(tmp_path / "home")
    command.env["SAOJIE_DATABASE_URL"] = _for_asyncpg(postgres, name)
    command.json("init", "--company", "云澜商贸", "--manager", "刘经理")
    yield command
    _in_a_loop_of_its_own(_run(_for_asyncpg(postgres, "postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


def test_it_shows_the_statements_and_gives_the_rights(home: Command, role: str) -> None:
    """As SQL for whoever wants to read it first, one a line; with `--apply` at once."""
    shown = home("store-role", role)
    assert f"GRANT SELECT, INSERT ON public.journal TO {role};" in shown.out.splitlines()
    given = home.json("store-role", role, "--apply")
    assert given["is_applied"]
    assert [f"{one};" for one in given["statements"]] == shown.out.splitlines()


def test_a_store_that_moved_is_served_under_that_role(postgres: str, tmp_path: Path, role: str) -> None:
    """The owner moves it and gives the rights; from then on commands and servers need no more."""
    name, command = f"moved_{uuid4().hex}", Command(tmp_path / "small")
    admin = _for_asyncpg(postgres, "postgres")
    _in_a_loop_of_its_own(_run(admin, f"CREATE DATABASE {name}", f"ALTER ROLE {role} LOGIN PASSWORD 'of tests'"))
    try:
        command.json("init", "--company", "云澜商贸", "--manager", "刘经理")
        owner = _for_asyncpg(postgres, name)
        command.json("migrate-store", "--to", owner, "--yes")
        command.env["SAOJIE_DATABASE_URL"] = owner
        command.json("store-role", role, "--apply")
        server = make_url(owner).set(username=role, password="of tests")
        command.env["SAOJIE_DATABASE_URL"] = server.render_as_string(hide_password=False)
        command.json("staff", "add", "周海波")
        command.json("offboard", "周海波", "--reason", "resigned", "--yes")
        assert command.json("audit")["faults"] == []
        assert command("journal", "verify").code == 0
        assert command("init").code == 0
    finally:
        _in_a_loop_of_its_own(_run(admin, f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_role_that_is_not_there_is_said_to_be_missing(home: Command) -> None:
    """And nothing is half given."""
    ran = home("store-role", "nobody_at_all", "--apply")
    assert ran.code == 1
    assert "nobody_at_all" in ran.err


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    """It says so."""
    command = Command(tmp_path / "home")
    command.json("init", "--company", "云澜商贸")
    ran = command("store-role", "saojie_server")
    assert (ran.code, "SQLite has no roles" in ran.err) == (1, True)
