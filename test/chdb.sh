#!/usr/bin/env bash
# Fetches ClickHouse as a library (from npm) into test/.cache/chdb, for the tests that ask every engine the same.
# It does nothing where the library is there, and only says so where there is none for the platform.
set -euo pipefail
cd "$(dirname "$0")"

version=26.5.3
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=@chdb/lib-linux-x64-gnu ;;
  Linux-aarch64) package=@chdb/lib-linux-arm64-gnu ;;
  *) echo "chdb: no ClickHouse library for $(uname -s) on $(uname -m); those tests will be skipped" >&2; exit 0 ;;
esac

folder=.cache/chdb
if [ -f "$folder/libchdb.so" ] && [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ]; then exit 0; fi
mkdir -p "$folder"
scratch=$(mktemp -d "$folder/fetch-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
echo "chdb: fetching $package@$version"
npm pack --silent --pack-destination "$scratch" "$package@$version" >/dev/null
tar -xzf "$scratch"/*.tgz -C "$scratch" package/libchdb.so
mv "$scratch/package/libchdb.so" "$folder/libchdb.so"
echo "$version" >"$folder/version"
