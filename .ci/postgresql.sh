#!/bin/sh
# Installs and starts a PostgreSQL server for the tests where none answers, from Debian's packages; needs root and apt.
# Prints nothing but its URL on standard output. Its data is thrown away: fsync is off.
set -eu

folder=${SWATH_POSTGRESQL_FOLDER:-/tmp/swath-postgresql}
port=${SWATH_POSTGRESQL_PORT:-54329}
url="postgresql://swath:swath@127.0.0.1:$port/swath"

newest() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
answers() { PGPASSWORD=swath PGCONNECT_TIMEOUT=5 "$1/psql" -qAt "$url" -c 'SELECT 1' >/dev/null 2>&1; }

if [ -z "$(newest)" ] || [ ! -x "$(newest)/initdb" ]; then
    echo "postgresql: installing it" >&2
    apt-get -qq update >&2
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends postgresql postgresql-client >/dev/null
fi
bin=$(newest)

if ! answers "$bin"; then
    # A server never runs as root. The package makes the user postgres.
    rm -rf "$folder"
    install -d -o postgres -g postgres -m 700 "$folder"
    as() { runuser -u postgres -- "$@"; }
    echo postgres >"$folder/password" && chown postgres "$folder/password"
    as "$bin/initdb" -D "$folder/data" -A scram-sha-256 -U postgres --pwfile="$folder/password" --no-sync >/dev/null
    as "$bin/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/log" start >/dev/null </dev/null \
        -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c fsync=off" || {
        tail -n 20 "$folder/log" >&2
        exit 3
    }
    admin="postgresql://postgres:postgres@127.0.0.1:$port/postgres"
    "$bin/psql" -q "$admin" -c "CREATE ROLE swath LOGIN PASSWORD 'swath' CREATEDB" -c "CREATE DATABASE swath OWNER swath" >&2
fi
echo "$url"
