#!/bin/sh
# Makes .venv/arm64: an ARM64 Python with what the SDK needs, and a QEMU that runs it here (tests/client_sdk/
# test_arm64.py). Everything is downloaded with Debian's own tools by settings of its own and unpacked there, so neither
# root nor a change of the machine's package system is needed. Where it cannot be, it says so: the test is skipped.
set -u
cd "$(dirname "$0")/.."
home=$(pwd)/.venv/arm64
stamp=$home/stamp

wanted() { cksum requirements/sdk.txt tools/arm64.sh; }

# Packages that are installed on the machine count for nothing here: every one that Python needs is unpacked.
settings() {
    host=$(dpkg --print-architecture)
    cat <<EOF
APT::Architecture "$host";
APT::Architectures { "$host"; "arm64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::State "$home/apt/state";
Dir::State::status "$home/apt/status";
Dir::Cache "$home/apt/cache";
Dir::Log "$home/apt/log";
EOF
}

download() {
    mkdir -p "$home/apt/state/lists/partial" "$home/apt/cache/archives/partial" "$home/apt/log"
    : >"$home/apt/status"
    settings >"$home/apt/settings"
    (
        cd "$home/apt/cache/archives" && export APT_CONFIG="$home/apt/settings" &&
            apt-get update -qq &&
            apt-get install -qq -y --download-only --no-install-recommends \
                python3-minimal:arm64 libpython3-stdlib:arm64 libstdc++6:arm64 &&
            apt-get download -qq qemu-user-static
    ) >/dev/null
}

unpack() {
    for package in "$home"/apt/cache/archives/*_arm64.deb; do
        dpkg -x "$package" "$home/root" || return 1
    done
    [ -e "$home/root/lib" ] || ln -s usr/lib "$home/root/lib"
    dpkg -x "$home"/apt/cache/archives/qemu-user-static_*.deb "$home/apt/qemu" &&
        mv "$home/apt/qemu/usr/bin/qemu-aarch64-static" "$home/qemu"
}

packages() {
    python=$(basename "$(ls "$home"/root/usr/bin/python3.* | head -n 1)")
    ln -s "$python" "$home/root/usr/bin/python"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --implementation cp --python-version "${python#python}" --platform manylinux_2_34_aarch64 \
        --platform manylinux_2_28_aarch64 --platform manylinux2014_aarch64 \
        --target "$home/site" --requirement requirements/sdk.txt
}

[ "$(wanted)" = "$(cat "$stamp" 2>/dev/null)" ] && exit 0
[ -x .venv/bin/python ] || exit 0
rm -rf "$home"
if command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 && download && unpack && packages; then
    rm -rf "$home/apt"
    wanted >"$stamp"
else
    rm -rf "$home"
    echo "An ARM64 Python could not be had: the test that runs the SDK under it is skipped." \
        "无法获取 ARM64 版 Python，相关测试将跳过。"
fi
