#!/usr/bin/env bash
# Print the path of a Firefox for the test of the main job in it. Where there is none, install that
# of Debian. Where that can't be, say so: the test is left out then, but not where CI is set.
set -euo pipefail

find_browser() {
    local name
    for name in "${FIREFOX:-}" firefox-esr firefox "/Applications/Firefox.app/Contents/MacOS/firefox"; do
        if [ -n "$name" ] && command -v "$name"; then return; fi
    done
    return 1
}

if [ -n "${FIREFOX:-}" ] && ! command -v "$FIREFOX" >/dev/null; then
    echo "FIREFOX names $FIREFOX, which can't be run. Correct it or unset it." >&2
    exit 1
fi
if find_browser; then exit; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if command -v apt-get >/dev/null; then
    {
        echo "Installing Firefox for the browser tests."
        "${as_root[@]}" apt-get update -qq \
            && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq --no-install-recommends firefox-esr fonts-dejavu || true
    } >&2
fi
if find_browser; then exit; fi

echo "There is no Firefox, so the test of the main job in it (test_page_firefox.py) is left out." \
    "Install Firefox, or put its path in FIREFOX." >&2
if [ -n "${CI:-}" ]; then exit 1; fi
