#!/usr/bin/env bash
# Print the path of a browser for the tests: `browser.sh chromium`, which all need that use one, or
# `browser.sh firefox` for that of the main job in it. Where there is none and the package manager
# is apt, install Debian's first: of Chromium the one without windows, a third faster here.
set -euo pipefail

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
case "${1:-}" in
    chromium)
        title=Chromium given=CHROMIUM packages=(chromium-headless-shell chromium)
        names=(chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
            "/Applications/Chromium.app/Contents/MacOS/Chromium")
        without="The tests need Chromium or Chrome: install one (on Debian and Ubuntu, as root: apt-get install chromium fonts-dejavu), or put its path in CHROMIUM."
        needed=yes
        ;;
    firefox)
        title=Firefox given=FIREFOX packages=(firefox-esr)
        names=(firefox-esr firefox "/Applications/Firefox.app/Contents/MacOS/firefox")
        without="There is no Firefox, so the test of the main job in it (test_page_firefox.py) is left out. Install Firefox, or put its path in FIREFOX."
        needed=${CI:-}
        if [ ${#as_root[@]} -gt 0 ]; then as_root+=(-n); fi  # nobody is asked for a password for it
        ;;
    *)
        echo "Say which browser: $0 chromium, or $0 firefox." >&2
        exit 1
        ;;
esac

find_browser() {
    local name
    for name in "${!given:-}" "${names[@]}"; do
        if [ -n "$name" ] && command -v "$name"; then return; fi
    done
    return 1
}

as_admin() {
    "${as_root[@]+"${as_root[@]}"}" "$@"
}

install_browser() {
    local package
    as_admin apt-get update -qq || return
    for package in "${packages[@]}"; do
        if as_admin env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$package" fonts-dejavu; then return; fi
    done
    return 1
}

if [ -n "${!given:-}" ] && ! command -v "${!given}" >/dev/null; then
    echo "$given names ${!given}, which can't be run. Correct it or unset it." >&2
    exit 1
fi
if find_browser; then exit; fi
if command -v apt-get >/dev/null; then
    echo "Installing $title for the browser tests." >&2
    install_browser >&2 || true
fi
if find_browser; then exit; fi

echo "$without" >&2
if [ -n "$needed" ]; then exit 1; fi
