#!/bin/sh
# Make .venv with the locked requirements: `sh requirements/set-up.sh run`, or `test` for everything tests need too.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

apt_install() {  # apt_install PACKAGE…: install Debian packages, or say the one line to run and give up
    if ! may_install; then
        say "Allpoints needs these packages of the system: $*. Install them, then run the same command again:"
        say "    sudo apt-get update && sudo apt-get install -y $*"
        exit 1
    fi
    say "Installing $* …"
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends"
    # A fresh machine has old package lists or none; the first try is for all the others.
    # shellcheck disable=SC2086  # words on purpose
    $install "$@" >.apt.log 2>&1 || { $as_root apt-get -q update >.apt.log 2>&1 && $install "$@" >.apt.log 2>&1; } || {
        cat .apt.log >&2
        say "The packages could not be installed; the lines above say why."
        exit 1
    }
    rm -f .apt.log
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "Allpoints needs Python 3.11 or later; $python is $("$python" --version 2>&1). Name another: make PYTHON=python3.12 …"
    exit 1
}

if [ "$wanted" = test ]; then
    missing=
    for pair in chromium:chromium ffmpeg:ffmpeg ffprobe:ffmpeg node:nodejs npm:npm Xvfb:xvfb \
        mkfs.ext4:e2fsprogs ip:iproute2 firefox-esr:firefox-esr pulseaudio:pulseaudio openssl:openssl; do
        command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
    done
    command -v WebKitWebDriver >/dev/null ||  # WebKitGTK decodes with what GStreamer has
        missing="$missing webkit2gtk-driver gstreamer1.0-libav gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
    [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ] ||  # a receiver for the simulcast
        missing="$missing nginx libnginx-mod-rtmp"
    command -v systemd-analyze >/dev/null || missing="$missing systemd"  # it reads the unit that we write
    command -v faketime >/dev/null || missing="$missing faketime"  # another hour for what is compared with
    # shellcheck disable=SC2086
    [ -z "$missing" ] || apt_install $missing
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    # Debian keeps ensurepip out of python3; the versioned package fits whichever python3 this is.
    "$python" -c 'import ensurepip' 2>/dev/null ||
        apt_install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    say "Making .venv …"
    "$python" -m venv --clear .venv
fi

pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

# uv installs the same lock in a third of pip's time. It does not read pip's configuration, so a machine with an index
# of its own is honoured here; where uv does not come through, pip does.
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(pip config get global.index-url 2>/dev/null || true)}}
install_with_uv() {
    pip install --quiet --require-hashes --only-binary :all: -r requirements/tool.txt 2>/dev/null &&
        UV_SYSTEM_CERTS=1 .venv/bin/uv pip install --python .venv/bin/python --no-config --require-hashes \
            --only-binary :all: ${index:+--default-index "$index"} -r "requirements/$wanted.txt"
}
say "Installing the locked requirements …"
install_with_uv || {
    say "uv could not install them; trying pip, which is slower …"
    pip install --require-hashes --only-binary :all: -r "requirements/$wanted.txt"
}

# The package itself runs from src/: nothing to build, nothing more to fetch.
.venv/bin/python - <<'PYTHON'
import os
import site
from pathlib import Path

packages = Path(site.getsitepackages()[0])
(packages / "allpoints.pth").write_text(os.path.relpath("src", packages) + "\n")  # relative: the checkout may move
command = Path(".venv/bin/allpoints")
command.write_text(f"#!{Path('.venv/bin/python').absolute()}\nfrom allpoints.app.command_line import main\n\nmain()\n")
command.chmod(0o755)
PYTHON

if [ "$wanted" = test ] && [ -f frontend/package-lock.json ]; then
    say "Installing the front end's tools …"
    npm ci --prefix frontend --no-audit --no-fund --loglevel=error
fi
touch .venv/run.stamp ".venv/$wanted.stamp"  # what tests need holds all that running needs
