#!/usr/bin/env bash
# Print the path of a Chromium or Chrome for the browser tests. Where there is none and the package
# manager is apt, install Debian's first: the one without windows, which is a third faster here.
set -euo pipefail

find_browser() {
    local name
    for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if [ -n "$name" ] && command -v "$name"; then return; fi
    done
    return 1
}

if [ -n "${CHROMIUM:-}" ] && ! command -v "$CHROMIUM" >/dev/null; then
    echo "CHROMIUM names $CHROMIUM, which can't be run. Correct it or unset it." >&2
    exit 1
fi
if find_browser; then exit; fi
if ! command -v apt-get >/dev/null; then
    echo "The tests need a browser: install Chromium or Chrome, or put its path in CHROMIUM." >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "The tests need Chromium: as root, run apt-get install chromium fonts-dejavu." >&2
        exit 1
    fi
    as_root=(sudo)
fi
{
    echo "Installing Chromium for the browser tests."
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-dejavu \
        || "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fonts-dejavu
} >&2
if ! find_browser; then
    echo "Chromium was installed but is not on the PATH: put its path in CHROMIUM." >&2
    exit 1
fi
