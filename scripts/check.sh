#!/usr/bin/env bash
# All of CI in one command: format, lint with types, tsc, tests. `scripts/check.sh static` leaves the tests out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"

oxfmt --check || {
  echo "check: not formatted: run: npx --yes bun@1.4.5 run format" >&2
  exit 1
}
oxlint --type-aware --deny-warnings
tsc --noEmit
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
[ "${1:-}" = static ] || bash scripts/test.sh
