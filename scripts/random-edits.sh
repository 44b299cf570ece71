#!/usr/bin/env bash
# Random edits on a real control plane of its own. Flags and what is compared: scripts/random-edits.ts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"

exec bash scripts/cluster.sh run -- bun scripts/random-edits.ts "$@"
