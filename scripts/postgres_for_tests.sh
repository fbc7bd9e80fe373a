#!/usr/bin/env bash
# Run a command with a throw-away PostgreSQL server and QBSYNC_TEST_DSN pointing at it.
#
#   scripts/postgres_for_tests.sh COMMAND [ARGUMENT...]
#
# The server listens on a Unix socket in a temporary folder only, keeps nothing (fsync off), and is stopped
# and removed when the command ends. Run as root it works as the user postgres, because initdb refuses root.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: scripts/postgres_for_tests.sh COMMAND [ARGUMENT...]" >&2
    exit 2
fi

programs=$(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$programs" ] && command -v initdb >/dev/null; then
    programs=$(dirname "$(command -v initdb)")
fi
if [ -z "$programs" ]; then
    echo "no PostgreSQL programs found (Debian, Ubuntu: apt-get install postgresql)" >&2
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
"$@"
