#!/bin/sh
# Make a virtual environment with qbsync in it, installed so that changes to the source show at once.
#
#   sh scripts/setup_venv.sh FOLDER run|develop
#
# "run" installs the command line, "develop" everything that tests and checks need.
# A Python >= 3.11 is taken from $PYTHON, else the newest that is found.
set -eu

folder=$1
purpose=$2

usable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "qbsync needs Python 3.11 or newer (with venv and ensurepip); none was found." >&2
    echo "Install one, or say where it is: PYTHON=/path/to/python3.11 make ..." >&2
    exit 1
}

if [ ! -x "$folder/bin/python" ]; then
    python=$(find_python)
    echo "== making $folder with $("$python" --version 2>&1) (once)"
    "$python" -m venv "$folder"
fi

pip() {
    "$folder/bin/python" -m pip --disable-pip-version-check "$@"
}

if ! pip install --help | grep -q -- --group; then
    echo "== updating pip in $folder (dependency groups need pip 25.1)"
    pip install --quiet --upgrade pip
fi

case $purpose in
    run)
        echo "== installing qbsync with the command line into $folder (once, a minute or less)"
        pip install --quiet --editable '.[cli,serve]'
        ;;
    develop)
        echo "== installing qbsync with everything for tests and checks into $folder (once, a few minutes)"
        pip install --quiet --editable '.[all]' --group dev
        touch "$folder/.ready-to-run"
        ;;
    *)
        echo "usage: sh scripts/setup_venv.sh FOLDER run|develop" >&2
        exit 2
        ;;
esac
touch "$folder/.ready-to-$purpose"
