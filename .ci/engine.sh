#!/bin/sh
# Installs and starts a container engine where none answers: Debian's docker.io, dockerd in the background.
# Needs root and apt. Leaves a running engine alone: a second dockerd beside it would take its bridge away.
set -eu

log=${SWATH_ENGINE_LOG:-/tmp/dockerd.log}

answers() {
    for client in /usr/bin/docker docker; do
        if command -v "$client" >/dev/null 2>&1 && timeout 5 "$client" info >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

if answers; then
    echo "engine: one answers already"
    exit 0
fi

if [ ! -x /usr/bin/dockerd ] && [ ! -x /usr/sbin/dockerd ]; then
    echo "engine: installing docker.io"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends docker.io iptables ca-certificates >/dev/null
fi

if pgrep -x dockerd >/dev/null 2>&1; then
    echo "engine: a dockerd runs already; waiting for it"
else
    # A descriptor that dockerd inherits would keep the caller's pipe open for ever: all three are given away.
    setsid dockerd >"$log" 2>&1 </dev/null &
fi

tries=0
until answers; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ]; then
        echo "engine: dockerd did not answer within a minute; its last lines:" >&2
        tail -n 20 "$log" >&2 || true
        exit 3
    fi
    sleep 0.5
done
echo "engine: ready"
