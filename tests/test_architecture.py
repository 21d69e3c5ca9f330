"""Who may import whom, and what the engine may never touch.

A rule that bends is bent here, in its table, with the reason beside it.
`server → sync ← client_sdk`, and inside `server/` data moves one way:
routes → (exchange | field | departure | identity | console) → master → live.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import threading
from graphlib import TopologicalSorter

import pytest

from tests.source import PACKAGES, ROOT, Module, declared, is_standard, modules, parse, providers

# ---- the engine ------------------------------------------------------------------------------------------------

# Modules of the standard library, by what they reach for.
IMPURE = {
    "sockets": {"select", "selectors", "socket", "socketserver", "ssl"},
    "protocols": {"ftplib", "http", "imaplib", "poplib", "smtplib", "urllib", "wsgiref", "xmlrpc"},
    "databases": {"dbm", "shelve", "sqlite3"},
    "clocks": {"sched", "time"},
    "randomness": {"random", "secrets"},
    "files": {"fcntl", "glob", "mmap", "os", "pathlib", "posix", "shutil", "tempfile"},
    "processes": {"multiprocessing", "pty", "signal", "subprocess"},
    "threads": {"asyncio", "concurrent", "contextvars", "queue"},
    "the machine": {"ctypes", "getpass", "logging", "platform"},
    "imports that nobody sees": {"importlib"},
}
# Packages of the SDK that open a database or a connection; the engine takes any other that it needs.
IMPURE_PACKAGES = frozenset({"apsw-sqlite3mc", "httpx2"})
# Names that read the clock, draw randomness or begin a thread in modules that are otherwise values in, values out.
IMPURE_NAMES = {
    "datetime": frozenset({"now", "today", "utcnow"}),
    "io": frozenset({"FileIO", "open"}),
    "threading": frozenset(threading.__all__) - {"Lock"},
    "uuid": frozenset({"getnode", "uuid1", "uuid4", "uuid6", "uuid7"}),
}
IMPURE_BUILTINS = frozenset({"__import__", "breakpoint", "eval", "exec", "input", "open", "print"})

# ---- the rooms of server/ ----------------------------------------------------------------------------------------

# What a room may import of the others, besides the leaves. Rooms of the middle know the ones below them in this
# table and never the other way, so no two know each other.
ROOMS: dict[str, frozenset[str]] = {
    # tells devices that something is there: knows nothing of what it is
    "live": frozenset(),
    # the store and its one write path: announces what it committed
    "master": frozenset({"live"}),
    # who asks: everything above it needs to know
    "identity": frozenset({"live", "master"}),
    # a departure ends devices and tokens, which identity keeps
    "departure": frozenset({"identity", "live", "master"}),
    # the business of the archive, on what staff and rosters say
    "field": frozenset({"identity", "live", "master"}),
    # a sync admits whom identity knows, carries departure's orders in front of every answer, and lets field ask
    # about the outlets that it brings in
    "exchange": frozenset({"departure", "field", "identity", "live", "master"}),
    # a manager's pages show all of the business, and take no part in a sync
    "console": frozenset({"departure", "field", "identity", "live", "master"}),
    # decode, call, encode: any room may be called
    "routes": frozenset({"console", "departure", "exchange", "field", "identity", "live", "master"}),
}
# Folders of the SDK with dependencies of their own, each with its extra: they are no part of what a phone carries, so
# nothing else in `client_sdk` imports them.
APART = {"client_sdk/testing": "testing", "client_sdk/sample": "sample"}
# The same of folders for which an app of a phone brings what they import; no environment here has it.
BROUGHT = {"client_sdk/platforms": frozenset({"jnius", "rubicon"})}

# Composition roots put rooms together: they import any room, and nothing but another root imports them.
ROOTS = frozenset({"__main__", "app", "cli"})
# Every other module that stands directly in server/ is a leaf, such as `settings`: plain values that all may read,
# and that know of no room.


def violations(module: Module) -> list[str]:
    """What one module of the engine does that a pure module must not."""
    found = [str(each) for each in module.imports() if _is_impure(each.top)]
    named = {each.top for each in module.imports()} & IMPURE_NAMES.keys()
    forbidden = frozenset[str]().union(*(IMPURE_NAMES[top] for top in named))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in forbidden:
            found.append(f"{module.name}:{node.lineno} uses .{node.attr}")
        elif isinstance(node, ast.ImportFrom) and node.module in IMPURE_NAMES:
            bad = forbidden.intersection(alias.name for alias in node.names)
            found += [f"{module.name}:{node.lineno} imports {name}" for name in sorted(bad)]
        elif isinstance(node, ast.Name) and node.id in IMPURE_BUILTINS:
            found.append(f"{module.name}:{node.lineno} uses {node.id}")
    return found


def _is_impure(top: str) -> bool:
    if top == "sync":
        return False
    if is_standard(top):
        return any(top in group for group in IMPURE.values())
    return not providers(top) & (declared() - IMPURE_PACKAGES)


def wrong_turns(module: Module) -> list[str]:
    """Imports of a module in `server` that run against the way that data moves."""
    if module.room == "__init__":
        return [str(each) for each in module.imports() if each.top == "server"]
    inside = [each for each in module.imports() if each.top == "server" and each.room != module.room]
    return [str(each) for each in inside if not _may_import(module.room, each.room)]


def _may_import(room: str, other: str) -> bool:
    if room in ROOTS:
        return True
    return other not in ROOTS and (other not in ROOMS or other in ROOMS.get(room, frozenset()))


def made_up(path: str, text: str) -> Module:
    """A module that is not in the project, to try a rule on."""
    return parse(ROOT / path, text)


def test_the_engine_is_pure() -> None:
    """`sync` touches no network, database, clock, randomness, file or process; what is impure is an argument."""
    assert [found for module in modules("sync") for found in violations(module)] == []


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "import os.path",
        "from urllib import request",
        "import httpx2",
        "import apsw",
        "import sqlalchemy",
        "import server.master",
        "from client_sdk import Replica",
        "from datetime import datetime\n\nnow = datetime.now()",
        "import datetime as d\n\nday = d.date.today()",
        "from uuid import uuid4",
        "import uuid\n\nid = uuid.uuid7()",
        "def read():\n    from secrets import token_bytes",
        "text = open('file').read()",
        "from threading import Thread",
        "import threading\n\nlocal = threading.local()",
    ],
)
def test_an_impure_module_is_found(text: str) -> None:
    """Each way out of purity is seen, wherever in a module it stands."""
    assert violations(made_up("sync/made_up.py", text))


def test_pure_modules_are_let_through() -> None:
    """Arithmetic on days and ids that came in as arguments is no impurity."""
    text = "import hashlib\nimport msgspec\nfrom datetime import date\nfrom uuid import UUID\n\ndate.fromisoformat('')"
    assert violations(made_up("sync/made_up.py", text)) == []


@pytest.mark.parametrize(("side", "other"), [("server", "client_sdk"), ("client_sdk", "server")])
def test_the_two_sides_do_not_know_each_other(side: str, other: str) -> None:
    """The server and the phone share the engine and nothing else."""
    assert [str(each) for module in modules(side) for each in module.imports() if each.top == other] == []


def undeclared(module: Module) -> list[str]:
    """What a module imports that comes neither with Python nor with the project nor with what it may depend on."""
    if module.name.startswith("server/"):
        known = declared("server", "postgres", "redis")
    else:
        known = declared(*(extra for folder, extra in APART.items() if module.name.startswith(f"{folder}/")))
    foreign = [each for each in module.imports() if each.top not in PACKAGES and not is_standard(each.top)]
    brought = frozenset[str]().union(
        *(tops for folder, tops in BROUGHT.items() if module.name.startswith(f"{folder}/"))
    )
    return [str(each) for each in foreign if each.top not in brought and not providers(each.top) & known]


def intrusions(module: Module) -> list[str]:
    """Imports of a folder that stands apart, by a module outside it; an app brings its platform."""
    is_app = module.name.startswith("client_sdk/sample/")
    apart = APART if is_app else APART | BROUGHT
    names = [folder.replace("/", ".") for folder in apart if not module.name.startswith(f"{folder}/")]
    return [str(each) for each in module.imports() if any(f"{each.name}.".startswith(f"{name}.") for name in names)]


@pytest.mark.parametrize("package", ["client_sdk", "server"])
def test_a_package_imports_only_what_it_declares(package: str) -> None:
    """What a package imports comes with Python, with the project or with the dependencies that it declares; those of a
    folder that stands apart are its own.
    """
    assert [found for module in modules(package) for found in undeclared(module)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_imports_a_folder_that_stands_apart(package: str) -> None:
    """A phone works without pytest, and carries no company in memory; any machine works without a phone's platform."""
    assert [found for module in modules(package) for found in intrusions(module)] == []


@pytest.mark.parametrize(
    "text", ["import client_sdk.testing", "from client_sdk.testing import World", "import client_sdk.platforms.ios"]
)
def test_an_import_of_what_stands_apart_is_found(text: str) -> None:
    """Outside the folder; within it, it is its own."""
    assert intrusions(made_up("client_sdk/made_up.py", text))
    folder = "platforms" if "platforms" in text else "testing"
    assert intrusions(made_up(f"client_sdk/{folder}/made_up.py", text)) == []


def test_a_dependency_of_what_stands_apart_is_found_elsewhere() -> None:
    """`client_sdk.testing` may import pytest, the rest of the SDK and the server may not."""
    found = {path: undeclared(made_up(f"{path}/made_up.py", "import pytest")) for path in ("client_sdk", "server")}
    assert all(found.values())
    assert undeclared(made_up("client_sdk/testing/made_up.py", "import pytest")) == []
    assert undeclared(made_up("client_sdk/made_up.py", "import jnius"))
    assert undeclared(made_up("client_sdk/platforms/made_up.py", "import jnius")) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_are_written_out(package: str) -> None:
    """No module is imported by a string, where no rule and no reader would see it."""
    names = {"__import__", "import_module"}
    dynamic = [
        f"{module.name}:{node.lineno}"
        for module in modules(package)
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr in names)
    ]
    assert dynamic == []


def test_data_moves_one_way_through_the_rooms() -> None:
    """A room imports only rooms below it; leaves know no room, and nothing imports a composition root."""
    assert [turn for module in modules("server") for turn in wrong_turns(module)] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("server/live/made_up.py", "from server.master import feed"),
        ("server/master/made_up.py", "from server import exchange"),
        ("server/identity/made_up.py", "from ..departure import orders"),
        ("server/exchange/made_up.py", "from server.routes.sync import handler"),
        ("server/routes/made_up.py", "from server.app import create"),
        ("server/settings.py", "import server.master.store"),
        ("server/__init__.py", "from server.settings import Settings"),
    ],
)
def test_a_wrong_turn_is_found(path: str, text: str) -> None:
    """Each kind of import against the way is seen, relative ones included."""
    assert wrong_turns(made_up(path, text))


def test_the_table_of_rooms_has_no_circle() -> None:
    """The rooms can be put in an order in which each knows only earlier ones."""
    assert set(TopologicalSorter(ROOMS).static_order()) == ROOMS.keys()


def test_every_room_stands_in_the_table() -> None:
    """A new folder in `server/` says in the table what it may know."""
    folders = {module.room for module in modules("server") if len(module.path.relative_to(ROOT).parts) > 2}
    assert folders - ROOMS.keys() - ROOTS == set()


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_files_stay_small(package: str) -> None:
    """No file has more than 400 lines."""
    assert [module.name for module in modules(package) if module.text.count("\n") > 400] == []


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_every_module_says_what_it_is_for(package: str) -> None:
    """Each module opens with a docstring."""
    assert [module.name for module in modules(package) if not ast.get_docstring(module.tree)] == []


def test_every_folder_of_tests_is_a_package() -> None:
    """Two files of the same name in two folders of tests never stand in each other's way."""
    folders = {module.path.parent for module in modules("tests")}
    assert [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()] == []


def loaded(module: str) -> set[str]:
    """The top-level modules in a process that has imported this one."""
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_sdk_loads_nothing_of_the_server() -> None:
    """A phone that imports `client_sdk` loads neither `server` nor a package that only a server needs."""
    found = loaded("client_sdk")
    server_only = declared("server", "postgres", "redis") - declared()
    assert "client_sdk" in found
    assert [top for top in sorted(found) if top == "server" or providers(top) & server_only] == []


def test_a_company_in_memory_needs_no_pytest() -> None:
    """Whoever tests with something else takes the world without the fixtures."""
    found = loaded("client_sdk.testing")
    assert "client_sdk" in found
    assert found & {"pytest", "_pytest", "server"} == set()
