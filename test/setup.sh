#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: a C++ compiler (DuckDB is linked in), PostgreSQL's programs,
# Chromium and fonts for the three languages. It changes nothing where all is there, and without root it only says
# what is missing.
set -euo pipefail

packages=()
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3 python3-venv) # one of the official clients is Python's
command -v g++ >/dev/null || packages+=(build-essential)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || packages+=(postgresql)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || packages+=(chromium)
command -v fc-list >/dev/null || packages+=(fontconfig)
if ! command -v fc-list >/dev/null || [ -z "$(fc-list :lang=ko family 2>/dev/null)" ]; then packages+=(fonts-noto-cjk); fi
if ! command -v fc-list >/dev/null || [ -z "$(fc-list :lang=th family 2>/dev/null)" ]; then packages+=(fonts-thai-tlwg); fi

for tool in go node npm; do
  command -v "$tool" >/dev/null || { echo "setup: $tool is missing; install Go 1.26 and Node 20.19 or newer first" >&2; exit 1; }
done

if [ ${#packages[@]} -eq 0 ]; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "setup: please install: ${packages[*]}" >&2
  exit 1
fi
echo "setup: installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"
