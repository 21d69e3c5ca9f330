"""What an import of the SDK takes: few modules, nothing of the server, and what is heavy only when it is used."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions

from tests.source import PACKAGES, ROOT, declared, is_standard, modules, providers

_APART = ("client_sdk.sample", "client_sdk.testing")
"""Parts that need more than the SDK: a screen, a test runner."""

_BARE = """
import sys

class Bare:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {forbidden!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Bare())
import importlib
for name in {names!r}:
    importlib.import_module(name)
print("loaded", len(sys.modules))
"""


def _loaded(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after a statement."""
    script = f"import sys; {statement}; print(*sys.modules)"
    program = [sys.executable, "-S", "-c", script]
    run = subprocess.run(program, cwd=ROOT, env=_path(), capture_output=True, text=True, check=False)
    assert run.stderr == ""
    return set(run.stdout.split())


def _path() -> dict[str, str]:
    """Where packages are, without what their .pth files load."""
    return {"PYTHONPATH": ":".join(one for one in sys.path if one)}


def test_the_import_loads_no_package_but_three() -> None:
    """Encryption, SQLite and the codec. HTTP, pictures and pinyin are loaded when they are first used."""
    tops = {name.partition(".")[0] for name in _loaded("import client_sdk")}
    ours = {"cryptography", "apsw", "msgspec", *PACKAGES}
    helping = {"typing_extensions", "_cffi_backend", "_openssl", "backports"}
    assert {top for top in tops if not is_standard(top) and not top.startswith("__")} - ours - helping == set()
    assert {"client_sdk", "sync"} <= tops


def test_the_import_loads_nothing_heavy_of_the_standard_library() -> None:
    """No TLS, no network protocol, no reader of installations: each takes longer than all of the SDK's errors."""
    heavy = {
        "asyncio",
        "concurrent.futures",
        "email",
        "http",
        "importlib.metadata",
        "json",
        "logging",
        "lzma",
        "shutil",
        "sqlite3",
        "ssl",
    }
    assert heavy & (_loaded("import client_sdk") - _loaded("pass")) == set()


def test_every_module_of_the_sdk_loads_without_the_server() -> None:
    """As on a phone: neither `server` nor any package that only a server installs is there to be found."""
    server_only = declared("server", "postgres", "redis") - declared()
    forbidden = {"server", *(top for top in packages_distributions() if providers(top) & server_only)}
    names = [".".join(one.path.relative_to(ROOT).with_suffix("").parts) for one in modules("client_sdk")]
    names = [name.removesuffix(".__init__") for name in names if not name.startswith(_APART)]
    names = [name for name in names if not name.endswith("__main__")]
    assert {"server", "litestar", "sqlalchemy"} <= forbidden
    script = _BARE.format(forbidden=forbidden, names=names)
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stderr, run.stdout.split()[:1]) == ("", ["loaded"])
    assert len(names) > 90
