#!/usr/bin/env bash
# The figures of docs/performance.md: each scenario on a real control plane of its own. Flags: see bench/run.ts.
# The compiled binary is measured where dist/tidekeeper is newer than its sources (`bun run compile`), else the sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"
export TIDEKEEPER_AUDIT_POLICY="$PWD/bench/audit-policy.yaml"
# One that hangs must not hold the others up. Two programs in turn, ten times 10,000 gates each, take above an hour.
longest=1800
case " $* " in
  *" --versus "* | *" --versus="*) longest=9000 ;;
esac

case " $* " in
  *" --list "* | *" --page "*) exec bun bench/run.ts "$@" ;;
  *" --only "* | *" --only="*) exec timeout --kill-after=10 "$longest" bash scripts/cluster.sh run -- bun bench/run.ts "$@" ;;
esac
status=0
for scenario in $(bun bench/run.ts --list "$@"); do
  timeout --kill-after=10 "$longest" bash scripts/cluster.sh run -- bun bench/run.ts --only "$scenario" "$@" || status=1
done
exit "$status"
