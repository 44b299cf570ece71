#!/usr/bin/env bash
# Builds dist/tidekeeper for this machine, or dist/tidekeeper-TARGET for each target named.
# usage: scripts/compile.sh [linux-x64|linux-x64-baseline|linux-x64-musl|linux-arm64|linux-arm64-musl|darwin-x64|darwin-arm64|all]...
# Runtimes of other targets are fetched by bun from the npm registry, pinned to bun's own version.
set -euo pipefail
cd "$(dirname "$0")/.."

all="linux-x64 linux-x64-baseline linux-x64-musl linux-arm64 linux-arm64-musl darwin-x64 darwin-arm64"
bun=node_modules/.bin/bun
[ -x "$bun" ] || { echo "compile: node_modules: got none, want the pinned packages. Run bun install --frozen-lockfile" >&2; exit 1; }

version=$("$bun" -p 'require("./package.json").version')
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null)" ] || commit="$commit-dirty"

# Without the two autoload flags the binary would read .env and bunfig.toml, preload scripts included, from wherever it is started.
# Without --splitting every import() is part of the first module: each start pays for all commands.
build() { # OUTFILE [extra arguments]
  local out=$1
  shift
  "$bun" build --compile --splitting --format=esm --minify --sourcemap \
    --no-compile-autoload-dotenv --no-compile-autoload-bunfig \
    --no-compile-autoload-tsconfig --no-compile-autoload-package-json \
    --define "BUILD_VERSION=\"$version\"" --define "BUILD_COMMIT=\"$commit\"" \
    "$@" --outfile "$made/tidekeeper" src/cli/main.ts
  mv "$made/tidekeeper" "$out"
}

[ "${1:-}" != all ] || set -- $all
mkdir -p dist
# Beside the program a build leaves the source map of every chunk, which the program has in itself.
made=$(mktemp -d "$PWD/dist/building.XXXXXX")
trap 'rm -rf "$made"' EXIT
[ $# -gt 0 ] || build dist/tidekeeper
for target in "$@"; do
  case " $all " in
    *" $target "*) build "dist/tidekeeper-$target" --target="bun-$target" ;;
    *) echo "compile: target: got \"$target\", want one of: $all" >&2; exit 2 ;;
  esac
done
