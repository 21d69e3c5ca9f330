#!/bin/sh
# Makes .venv, an environment of the project's own, from any Python 3.11 or newer, and installs what is pinned:
#     tools/set_up.sh server    what a server and the demo need
#     tools/set_up.sh dev       the same and what the tests need
# A second run finds everything in place and returns at once. Packages come from wherever the user's own pip is
# configured to look; this script names no registry. PYTHON=… chooses the Python. It touches nothing outside .venv.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONPATH PYTHONHOME
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

runs() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Debian's python3 comes without ensurepip, which venv needs; virtualenv does without it.
maker() {
    if "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo venv
    elif "$1" -c 'import virtualenv' >/dev/null 2>&1; then
        echo virtualenv
    fi
}

make_environment() {
    bare=
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        runs "$python" || continue
        module=$(maker "$python")
        if [ -n "$module" ]; then
            rm -rf .venv
            "$python" -m "$module" .venv || fail "Could not make .venv with $python." "无法用 $python 创建 .venv。"
            return
        fi
        bare=$python
    done
    if [ -n "$bare" ]; then
        fail "$bare has neither ensurepip nor virtualenv, so it cannot make an environment." \
            "On Debian or Ubuntu: apt install python3-venv. Elsewhere: $bare -m pip install virtualenv." \
            "$bare 缺少 ensurepip 和 virtualenv，无法创建环境。Debian 或 Ubuntu 请运行 apt install python3-venv。"
    fi
    fail "Python 3.11 or newer is needed and was not found${PYTHON:+ at $PYTHON}." \
        "Install it, or name one: make test PYTHON=/path/to/python3." \
        "需要 Python 3.11 或更新版本。请先安装，或指定：make test PYTHON=/path/to/python3。"
}

# What an environment was made from; a project that was moved needs a new one, since scripts hold its path.
wanted() {
    pwd
    .venv/bin/python -c 'import sys; print(sys.version)'
    cksum pyproject.toml "requirements/$1.txt" hatch_build.py server/console/assets/package-lock.json
}

in_place() { [ -f ".venv/$1.stamp" ] && [ "$(wanted "$1" 2>/dev/null)" = "$(cat ".venv/$1.stamp")" ]; }

install() {
    echo "Setting up .venv from requirements/$1.txt; the first time takes a minute or two."
    .venv/bin/python -m pip install --quiet --require-hashes --requirement "requirements/$1.txt" &&
        .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable . ||
        fail "The packages could not be installed; pip says why above. It looked where your pip is configured to look." \
            "依赖安装失败，原因见上方 pip 的输出。下载来源以本机 pip 配置为准。"
    # pip keeps to itself what a build says.
    .venv/bin/python hatch_build.py || true
    wanted "$1" >".venv/$1.stamp"
}

set=${1:?server or dev}
if in_place "$set" || { [ "$set" = server ] && in_place dev; }; then
    exit 0
fi
made_in=$(cat .venv/*.stamp 2>/dev/null | head -n 1)
if [ "$made_in" != "$(pwd)" ] || ! runs .venv/bin/python; then
    make_environment
fi
install "$set"
