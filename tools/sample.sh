#!/bin/sh
# The sample app on this desk: a sandbox in a process of its own, a phone that is enrolled with a code of it, and the
# app in a browser. All of it is gone with Ctrl-C. What comes after the name goes to the app: `--language en`.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
tidy() {
    kill "$sandbox" 2>/dev/null && wait "$sandbox" 2>/dev/null || true
    rm -rf "$folder"
}
trap tidy EXIT
trap 'exit 0' INT TERM

.venv/bin/saojie serve --sandbox --home "$folder/company" --port 0 --json >"$folder/told" &
sandbox=$!
until [ -s "$folder/told" ]; do
    kill -0 "$sandbox" 2>/dev/null || exit 1
    sleep 0.2
done
told() { .venv/bin/python -c "import json, sys; print(json.load(open('$folder/told'))$1)"; }

echo "Bad days, from another terminal (\`saojie sandbox --help\` lists them) · 另开一个终端可制造“坏日子”："
echo "    .venv/bin/saojie sandbox lock 周海波 --home $folder/company"
.venv/bin/python -m client_sdk.sample "$folder/phone" --sandbox "$(told "['url']")" \
    --code "$(told "['codes'][0]['payload']")" --open "$@"
