#!/bin/sh
# Asks whether a pinned package has a known vulnerability. One that is found fails, unless requirements/accepted.txt
# names it with a reason. Where the service that knows is not reached, that is said, and nothing is known.
set -eu
cd "$(dirname "$0")/.."
sh tools/set_up.sh dev

accepted=$(sed -n 's/^\([A-Za-z0-9-]*\)[[:space:]].*/--ignore-vuln \1/p' requirements/accepted.txt)
said=$(mktemp)
trap 'rm -f "$said"' EXIT
# shellcheck disable=SC2086  # each accepted one is two words
if .venv/bin/pip-audit --disable-pip --require-hashes --progress-spinner off --timeout 15 $accepted \
    --requirement requirements/dev.txt --requirement requirements/server.txt >"$said" 2>&1; then
    unknown=$(grep -c 'could not be audited' "$said" || true)
    grep -v 'could not be audited' "$said" || true
    if [ "$unknown" -gt 0 ]; then
        echo "NOT AUDITED: the vulnerability service knows nothing of $unknown pinned packages, as behind a mirror."
        echo "未审计：漏洞库没有其中 $unknown 个依赖包的信息（例如经由镜像访问时）。"
    fi
elif grep -Eq 'ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Max retries exceeded|ServiceError|[Cc]ould not connect' "$said"; then
    echo "NOT AUDITED: the vulnerability service cannot be reached from here. Nothing is known of the pinned packages."
    echo "未审计：此处无法访问漏洞库，依赖包的状况未知。"
else
    cat "$said"
    echo "A pinned package has a known vulnerability: take a newer one (tools/pin.sh --upgrade), or accept it in" \
        "requirements/accepted.txt with a reason."
    exit 1
fi
