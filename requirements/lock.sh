#!/bin/sh
# Lock what pyproject.toml asks for, with hashes, for every Python from 3.11 on, naming no registry host.
# Packages stay at the versions of the present locks; `requirements/lock.sh --upgrade` takes the newest.
set -eu
cd "$(dirname "$0")/.."

lock() {  # lock FILE ARGUMENTS…
    file=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file "$file" "$@"
}

[ -x .venv/bin/uv ] || sh requirements/set-up.sh run
lock requirements/run.txt pyproject.toml "$@"
lock requirements/test.txt pyproject.toml --group test --constraints requirements/run.txt "$@"
lock requirements/tool.txt --group tool "$@"
