#!/usr/bin/env bash
# Builds dist/tidekeeper for this machine, or dist/tidekeeper-TARGET for each target named.
# DIST names another folder than dist. Two builds of one commit are the same file, byte by byte.
# usage: scripts/compile.sh [linux-x64|linux-x64-baseline|linux-x64-musl|linux-arm64|linux-arm64-musl|darwin-x64|darwin-arm64|all]...
# Runtimes of other targets are fetched by bun from the npm registry, pinned to bun's own version.
# Programs for Linux with glibc are linked statically (docs/design/0019-one-static-file.md) where gcc and libc.a for the
# target are; what bun made stays beside them as .dynamic. REQUIRE_STATIC=1: for this machine, that must come about.
set -euo pipefail
cd "$(dirname "$0")/.."

all="linux-x64 linux-x64-baseline linux-x64-musl linux-arm64 linux-arm64-musl darwin-x64 darwin-arm64"
bun=node_modules/.bin/bun
dist="${DIST:-dist}"
[ -x "$bun" ] || { echo "compile: node_modules: got none, want the pinned packages. Run bun install --frozen-lockfile" >&2; exit 1; }

version=$("$bun" -p 'require("./package.json").version')
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null)" ] || commit="$commit-dirty"

# Without the two autoload flags the binary would read .env and bunfig.toml, preload scripts included, from wherever it is started.
# Without --splitting every import() is part of the first module: each start pays for all commands. So it would without
# `sideEffects: false` in package.json, where the door of a room brings all of the room along: `version` took twice the CPU.
build() { # OUTFILE [extra arguments]
  local out=$1
  shift
  "$bun" build --compile --splitting --format=esm --minify --sourcemap \
    --no-compile-autoload-dotenv --no-compile-autoload-bunfig \
    --no-compile-autoload-tsconfig --no-compile-autoload-package-json \
    --define "BUILD_VERSION=\"$version\"" --define "BUILD_COMMIT=\"$commit\"" \
    "$@" --outfile "$made/tidekeeper" src/cli/main.ts
  rm -f "$out" "$out.dynamic"
  mv "$made/tidekeeper" "$out"
}

link() { # OUTFILE: makes it static and starts it; where that cannot be done here, it says so and stays as it is
  local out=$1 status=0
  mv "$out" "$out.dynamic"
  "$bun" scripts/static-link/main.ts "$out.dynamic" "$out" || status=$?
  [ "$status" != 0 ] || { start "$out"; return; }
  [ "$status" = 3 ] || exit 1
  mv "$out.dynamic" "$out"
  echo "compile: $out: left dynamic: it needs the loader and the libraries of glibc beside it" >&2
  [ "${REQUIRE_STATIC:-0}" != 1 ] || [ "$out" != "$dist/tidekeeper" ] || {
    echo "compile: REQUIRE_STATIC=1 is set, where that is a failure" >&2
    exit 1
  }
}

start() { # OUTFILE: proves that it starts
  local via=()
  case "$1" in
    *-arm64) [ "$(uname -m)" = aarch64 ] || via=(qemu-aarch64-static) ;;
    *-x64*) [ "$(uname -m)" = x86_64 ] || via=(qemu-x86_64-static) ;;
  esac
  if [ ${#via[@]} -gt 0 ] && ! command -v "${via[0]}" >/dev/null; then
    echo "compile: $1: not proven to start: no ${via[0]} here (apt-get install qemu-user-static)" >&2
    return
  fi
  ${via[@]+"${via[@]}"} "$1" version
}

[ "${1:-}" != all ] || set -- $all
mkdir -p "$dist"
# Beside the program a build leaves the source map of every chunk, which the program has in itself.
made=$(mktemp -d "$(cd "$dist" && pwd)/building.XXXXXX")
trap 'rm -rf "$made"' EXIT
if [ $# = 0 ]; then
  build "$dist/tidekeeper"
  [ "$(uname -s)" != Linux ] || link "$dist/tidekeeper"
fi
for target in "$@"; do
  case " $all " in
    *" $target "*) ;;
    *) echo "compile: target: got \"$target\", want one of: $all" >&2; exit 2 ;;
  esac
  build "$dist/tidekeeper-$target" --target="bun-$target"
  case "$target" in
    linux-x64 | linux-x64-baseline | linux-arm64) link "$dist/tidekeeper-$target" ;;
  esac
done
