#!/bin/sh
# Makes .venv/sqlite3mc: a Python 3.12 or newer with what the SDK needs but APSW, and SQLite3MultipleCiphers as a plain
# SQLite library, from the one C file in the source distribution of apsw-sqlite3mc. Loaded first, the library makes
# Python's own sqlite3 encrypt, as in an app of python-for-android (tests/client_sdk/test_drivers.py). Where it cannot be
# made, it says so: those tests are skipped.
#     tools/sqlite3mc.sh source FOLDER    unpacks the source distribution, for the recipes in docs/phones
set -u
cd "$(dirname "$0")/.."
home=$(pwd)/.venv/sqlite3mc
stamp=$home/stamp

wanted() { cksum requirements/sdk.txt requirements/dev.txt tools/sqlite3mc.sh; }

# The pins of a file whose names are these, or with 0 in place of 1 the others.
pinned() { awk -v mine="$1" -v names="^($2)==" '/^[a-z]/ { shown = ($0 ~ names) == mine } shown' "$3"; }

# pip asks the builder of a source distribution for its metadata, and this one's would fetch a second SQLite for that.
# What stands in for it tells the name and the version, and builds nothing.
download() {
    mkdir -p "$home/builder/setuptools"
    : >"$home/builder/setuptools/__init__.py"
    cat >"$home/builder/setuptools/build_meta.py" <<'EOF'
import os
from pathlib import Path


def prepare_metadata_for_build_wheel(directory, settings=None):
    folder = Path(directory, f"apsw_sqlite3mc-{os.environ['PINNED']}.dist-info")
    folder.mkdir()
    said = {"Metadata-Version": "2.1", "Name": "apsw-sqlite3mc", "Version": os.environ["PINNED"]}
    (folder / "METADATA").write_text("".join(f"{name}: {value}\n" for name, value in said.items()))
    return folder.name
EOF
    pinned 1 apsw-sqlite3mc requirements/sdk.txt >"$home/pinned.txt"
    PINNED=$(sed -n 's/^apsw-sqlite3mc==\([0-9.]*\).*/\1/p' "$home/pinned.txt") PYTHONPATH="$home/builder" \
        .venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-build-isolation \
        --no-binary=:all: --require-hashes --dest "$home" --requirement "$home/pinned.txt" &&
        mkdir "$home/source" && tar -xzf "$home"/apsw_sqlite3mc-*.tar.gz -C "$home/source" --strip-components=1
}

newer() {
    for python in .venv/bin/python python3 python3.14 python3.13 python3.12 \
        "$(pyenv root 2>/dev/null)"/versions/3.1[2-9].*/bin/python; do
        if "$python" -c 'import sqlite3; sqlite3.Connection.setconfig' >/dev/null 2>&1; then
            "$python" -c 'import os, sys; print(os.path.realpath(sys.executable))'
            return
        fi
    done
    return 1
}

packages() {
    python=$(newer) || return 1
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    {
        pinned 0 apsw-sqlite3mc requirements/sdk.txt
        pinned 1 'pytest|pytest-asyncio|pytest-timeout|iniconfig|packaging|pluggy|pygments' requirements/dev.txt
    } >"$home/others.txt"
    ln -s "$python" "$home/python"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes \
        --only-binary=:all: --implementation cp --python-version "$version" \
        --target "$home/site" --requirement "$home/others.txt"
}

build() {
    cc -O0 -shared -fPIC -o "$home/libsqlite3.so.0" "$home/source/sqlite3/sqlite3.c" \
        -DSQLITE_THREADSAFE=1 -DSQLITE_ENABLE_COLUMN_METADATA -lm -lpthread -ldl
}

if [ "${1:-}" = source ]; then
    folder=${2:?a folder}
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    download >/dev/null && mkdir -p "$folder" && cp -r "$home/source/." "$folder"
    exit
fi

[ "$(wanted)" = "$(cat "$stamp" 2>/dev/null)" ] && exit 0
[ -x .venv/bin/python ] || exit 0
rm -rf "$home"
echo "Compiling SQLite3MultipleCiphers for the tests."
if command -v cc >/dev/null 2>&1 && newer >/dev/null && download && build && packages; then
    find "$home" -mindepth 1 -maxdepth 1 ! -name libsqlite3.so.0 ! -name python ! -name site -exec rm -rf {} +
    wanted >"$stamp"
else
    rm -rf "$home"
    echo "SQLite3MultipleCiphers could not be compiled: the tests of Python's own sqlite3 over it are skipped." \
        "SQLite3MultipleCiphers 编译失败，相关测试将跳过。"
fi
