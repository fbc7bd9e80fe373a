#!/usr/bin/env bash
# Run a command with a throw-away PostgreSQL server and QBSYNC_TEST_DSN pointing at it.
#
#   scripts/postgres_for_tests.sh COMMAND [ARGUMENT...]
#
# With CI set, and as root on Debian or Ubuntu, PostgreSQL is installed where it is missing.
# QBSYNC_TEST_FSYNC=on makes the server wait for the disk, for benchmarks.
# The server listens on a Unix socket in a temporary folder only, keeps nothing (fsync off), and is stopped
# and removed when the command ends. Run as root it works as the user postgres, because initdb refuses root.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: scripts/postgres_for_tests.sh COMMAND [ARGUMENT...]" >&2
    exit 2
fi

# Prints the folder of the newest server programs, or nothing.
find_programs() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql/bin 2>/dev/null | sort -V | tail -n 1 || true)
    if [ -z "$found" ] && command -v initdb >/dev/null; then
        found=$(dirname "$(command -v initdb)")
    fi
    echo "$found"
}

programs=$(find_programs)
if [ -z "$programs" ] && [ -n "${CI:-}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "== installing PostgreSQL (CI only)"
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    apt-get update -q >/dev/null
    apt-get install -q -y postgresql >/dev/null
    programs=$(find_programs)
fi
if [ -z "$programs" ]; then
    echo "no PostgreSQL programs (initdb, pg_ctl, postgres) found; without them nothing was run: $*" >&2
    echo "install them (Debian, Ubuntu: apt-get install postgresql) or put initdb's folder on PATH" >&2
    exit 1
fi

folder=$(mktemp -d)
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$folder"
    chmod 755 "$folder"
    as_owner=(runuser -u postgres --)
fi

run() {
    (cd "$folder" && "${as_owner[@]+"${as_owner[@]}"}" "$@")
}

stop() {
    run "$programs/pg_ctl" --pgdata "$folder/data" --mode immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT

echo "== starting PostgreSQL ($("$programs/postgres" --version)) for the tests"
run "$programs/initdb" --pgdata "$folder/data" --username postgres --auth trust --encoding UTF8 \
    --locale C --no-sync >/dev/null
run "$programs/pg_ctl" --pgdata "$folder/data" --log "$folder/log" --wait start \
    --options "-k $folder -c listen_addresses='' -c fsync=${QBSYNC_TEST_FSYNC:-off} -c full_page_writes=off -c max_connections=50" \
    >/dev/null

export QBSYNC_TEST_DSN="postgresql://postgres@/postgres?host=$folder"
# What restarts the server at once, as after a crash; for tests that need that.
export QBSYNC_TEST_PG_RESTART="${as_owner[*]-} $programs/pg_ctl --pgdata $folder/data --log $folder/log --mode immediate --wait restart"
"$@"
