#!/usr/bin/env bash
# All tests that can run here, those that need nothing first. What is skipped is named, with the command that brings it.
# REQUIRE_CLUSTER=1 and REQUIRE_TOOLS=1 (helm, kubectl, Prometheus) build what is missing, and a skip is a failure. The last line is: N passed, N failed, N skipped
# `scripts/test.sh plan` only tells what would be run and for how long.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"

required="${REQUIRE_CLUSTER:-0}"
binary=dist/tidekeeper
# A busy machine is no failure: only a test that hangs runs into its limit. Bun's own is 5 s.
bun_test=(bun test --timeout 60000)
passed=0 failed=0 skipped=0
logs="$(mktemp -d)"
trap 'rm -rf "$logs"' EXIT

count() { # LOG WORD: the number before it in the summaries of bun test
  awk -v word="$2" '$2 == word && NF == 2 && $1 ~ /^[0-9]+$/ { sum += $1 } END { print sum + 0 }' "$1"
}

tally() { # LOG STATUS: adds up what bun test said, and keeps what led to each failure
  local failures
  failures="$(count "$1" fail)"
  # Nothing said to have failed and yet not well: it did not get as far as counting.
  [ "$2" = 0 ] || [ "$failures" -gt 0 ] || failures=1
  passed=$((passed + $(count "$1" pass)))
  failed=$((failed + failures))
  skipped=$((skipped + $(count "$1" skip)))
  awk '/^[0-9]+ tests? failed:/ { exit }
    /^\(fail\)/ { for (i = n > 40 ? n - 40 : 0; i < n; i++) print kept[i]; print; n = 0; next }
    /^\(pass\)/ { n = 0; next }
    { kept[n++] = $0 }' "$1" >>"$logs/failures"
}

# --- what is run, and what is left of it --------------------------------------------------------

stages=()
tools="${REQUIRE_TOOLS:-$required}"
[ "$tools" != 1 ] || bash scripts/deploy-tools.sh find >/dev/null || stages+=(tools)
stages+=(plain)
[ "$required" = 1 ] && stages+=(seeds compile)
[ "${COMPILE_ALL:-0}" = 1 ] && stages+=(targets)
if bash scripts/cluster.sh can-run 2>/dev/null; then
  stages+=(clusters)
elif [ "$required" = 1 ]; then
  stages+=(build clusters)
fi

minutes_of() { # STAGE...: on two cores that nobody else uses
  local sum=0 stage
  for stage in "$@"; do
    case "$stage" in
      tools) sum=$((sum + 5)) ;;
      plain) sum=$((sum + 5)) ;;
      seeds) sum=$((sum + 2)) ;;
      compile) sum=$((sum + 1)) ;;
      targets) sum=$((sum + 5)) ;;
      build) sum=$((sum + 10)) ;;
      clusters) sum=$((sum + 27)) ;;
    esac
  done
  printf '%s\n' "$sum"
}

plan() {
  local stage
  printf 'tests: about %d min on two quiet cores:' "$(minutes_of "${stages[@]}")"
  for stage in "${stages[@]}"; do printf ' %s %d' "$stage" "$(minutes_of "$stage")"; done
  printf '\n'
}

began=$SECONDS
begin() { # STAGE TITLE: says how long it takes, and how much comes after it
  local left=() stage found=0
  for stage in "${stages[@]}"; do
    [ "$found" = 0 ] || left+=("$stage")
    [ "$stage" != "$1" ] || found=1
  done
  printf '\n== %s (about %d min, then %d min more; %d min so far)\n' "$2" "$(minutes_of "$1")" \
    "$(minutes_of ${left[@]+"${left[@]}"})" $(((SECONDS - began) / 60))
}

if [ "${1:-}" = plan ]; then
  plan
  exit
fi

# --- running ----------------------------------------------------------------------------------

tests() { # CMD...: runs bun test
  "$@" 2>&1 | tee "$logs/one"
  tally "$logs/one" "${PIPESTATUS[0]}"
}

# Every other file each, beside a cluster of its own: most of the time a test waits for Kubernetes.
two_clusters() { # FILE...
  case " ${stages[*]} " in *" build "*) begin build "build etcd and Kubernetes" && bash scripts/cluster.sh binaries >/dev/null ;; esac
  begin clusters "tests on two real control planes, side by side"
  local lane at=0 file first=() second=()
  for file in "$@"; do
    if [ $((at++ % 2)) = 0 ]; then first+=("$file"); else second+=("$file"); fi
  done
  on_cluster 1 "${first[@]}" &
  on_cluster 2 "${second[@]}"
  wait
  for lane in 1 2; do tally "$logs/$lane" "$(cat "$logs/$lane.status")"; done
}

on_cluster() { # LANE FILE...
  local lane="$1"
  shift
  bash scripts/cluster.sh run -- "${bun_test[@]}" "$@" 2>&1 | tee "$logs/$lane" | sed -u "s/^/$lane| /"
  printf '%s\n' "${PIPESTATUS[0]}" >"$logs/$lane.status"
}

skip() { # DIR WHY: every test file of it by name
  local file
  for file in $(find "$1" -name '*.test.ts' | sort); do
    printf '(skip) %s (%s)\n' "$file" "$2"
    skipped=$((skipped + 1))
  done
}

plan
# What tests of an install need, among them some of those that need nothing else.
case " ${stages[*]} " in *" tools "*) begin tools "build helm, kubeconform and kubectl" && bash scripts/deploy-tools.sh binaries >/dev/null ;; esac
# Needs nothing but this checkout.
begin plain "tests that need nothing but this checkout"
plain="$(find ./test -name '*.test.ts' -not -path './test/cluster/*' -not -path './test/binary/*' | sort)"
# shellcheck disable=SC2086 -- one word a file
tests "${bun_test[@]}" $plain

# Left to CI: they take both cores for minutes. Time is virtual, so the same seeds do the same on any machine, however busy.
# One that fails says the line that runs it again.
if [ "$required" = 1 ]; then
  begin seeds "seeds of the simulation"
  if bun scripts/simulate.ts --seeds "${SEEDS:-60}" --shrink no; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
fi

# The compiled binary: only one that is made of these sources is worth asking.
if [ "$required" = 1 ] && [ -f scripts/compile.sh ]; then
  begin compile compile
  bash scripts/compile.sh || failed=$((failed + 1))
fi
slow=()
for file in $(find ./test/cluster -name '*.test.ts' | sort); do slow+=("$file"); done
if [ -d test/binary ]; then
  if [ ! -x "$binary" ]; then
    skip test/binary "needs $binary: npx --yes bun@1.4.5 run compile"
  elif [ -n "$(find src scripts/compile.sh scripts/static-link package.json -newer "$binary" | head -n 1)" ]; then
    skip test/binary "$binary is older than what it is made of: npx --yes bun@1.4.5 run compile"
  else
    for file in $(find ./test/binary -name '*.test.ts' -not -name 'targets.test.ts' | sort); do slow+=("$file"); done
  fi
fi

# The other platforms' binaries: 700 MB and six runtimes from the registry, so only where they are asked for.
if [ "${COMPILE_ALL:-0}" = 1 ]; then
  begin targets "compile all targets, and test them"
  bash scripts/compile.sh all || failed=$((failed + 1))
  tests "${bun_test[@]}" ./test/binary/targets.test.ts
else
  printf '\n(left out) test/binary/targets.test.ts (the other platforms: COMPILE_ALL=1)\n'
fi

# A cluster is used where it is there at once, and built only where it is required.
if [ "$required" = 1 ] || bash scripts/cluster.sh can-run; then
  two_clusters "${slow[@]}"
else
  printf '\n== tests on a real control plane: none here\n'
  tests "${bun_test[@]}" "${slow[@]}"
fi

if [ -s "$logs/failures" ]; then
  printf '\n== what led to each failure\n'
  cat "$logs/failures"
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
if [ "$required" = 1 ] && [ "$skipped" -gt 0 ]; then
  echo "test: REQUIRE_CLUSTER=1 is set, where a skip is a failure" >&2
  exit 1
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
