#!/usr/bin/env bash
# The figures of docs/performance.md, on a real control plane of its own. Flags: see bench/run.ts.
# The compiled binary is measured where dist/tidekeeper is newer than its sources (`bun run compile`), else the sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"

exec bash scripts/cluster.sh run -- bun bench/run.ts "$@"
