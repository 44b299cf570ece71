#!/usr/bin/env bash
# What every command of the project runs first: the packages of bun.lock, installed once, without a word when they are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stamp=node_modules/.installed-from
lock="$(cat package.json bun.lock | cksum)"
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ] && exit 0

command -v bun >/dev/null || {
  echo "setup: bun is not on the PATH. Run: npx --yes bun@1.4.5 run <command>, or install Bun 1.4.5 (https://bun.sh)" >&2
  exit 1
}
echo "setup: installing the packages of bun.lock into node_modules, once" >&2
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! bun install --frozen-lockfile >"$log" 2>&1; then
  cat "$log" >&2
  echo "setup: bun install failed: want the packages of bun.lock from the npm registry. Is it reachable?" >&2
  exit 1
fi
printf '%s\n' "$lock" >"$stamp"
