#!/usr/bin/env bash
# Runs the official clients against the front door: installs them once, at the versions that are pinned here, and then
# runs the Go test, which starts a server, a flaky way to it and each client. With DANGOL_BINARY it is the whole program
# that answers, without it the gate and the log alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
home=${DANGOL_CLIENTS:-$root/test/.cache/clients}

want=$(cat "$here/package.json" "$here/requirements.txt" | sha256sum)
if [ "$(cat "$home/installed" 2>/dev/null || true)" != "$want" ]; then
  rm -rf "$home" && mkdir -p "$home"
  cp "$here/package.json" "$home/"
  npm --prefix "$home" install --no-audit --no-fund --silent
  python3 -m venv "$home/python" || { echo "clients: python3 -m venv does not work; install python3-venv" >&2; exit 1; }
  "$home/python/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
  echo "$want" > "$home/installed"
fi
cd "$root"
DANGOL_CLIENTS=$home exec go test -count=1 -timeout 10m "$@" ./test/clients/...
