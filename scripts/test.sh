#!/usr/bin/env bash
# All tests that can run here, those that need nothing first. What is skipped is named, with the command that brings it.
# REQUIRE_CLUSTER=1 builds what is missing, and a skip is a failure. The last line is: N passed, N failed, N skipped
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"

required="${REQUIRE_CLUSTER:-0}"
binary=dist/tidekeeper
# A busy machine is no failure: only a test that hangs runs into its limit. Bun's own is 5 s.
bun_test=(bun test --timeout 60000)
passed=0 failed=0 skipped=0
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

count() { # WORD: the number before it in the summaries of bun test
  awk -v word="$1" '$2 == word && NF == 2 && $1 ~ /^[0-9]+$/ { sum += $1 } END { print sum + 0 }' "$log"
}

tests() { # TITLE CMD...: runs bun test and adds up what it says
  printf '\n== %s\n' "$1"
  shift
  "$@" 2>&1 | tee "$log"
  local status="${PIPESTATUS[0]}" failures
  failures="$(count fail)"
  # Nothing said to have failed and yet not well: it did not get as far as counting.
  [ "$status" = 0 ] || [ "$failures" -gt 0 ] || failures=1
  passed=$((passed + $(count pass)))
  failed=$((failed + failures))
  skipped=$((skipped + $(count skip)))
}

skip() { # DIR WHY: every test file of it by name
  local file
  for file in $(find "$1" -name '*.test.ts' | sort); do
    printf '(skip) %s (%s)\n' "$file" "$2"
    skipped=$((skipped + 1))
  done
}

# Needs nothing but this checkout.
plain="$(find ./test -name '*.test.ts' -not -path './test/cluster/*' -not -path './test/binary/*' | sort)"
# shellcheck disable=SC2086 -- one word a file
tests "tests" "${bun_test[@]}" $plain

# The compiled binary: only one that is made of these sources is worth asking.
if [ "$required" = 1 ] && [ -f scripts/compile.sh ]; then
  printf '\n== compile\n'
  bash scripts/compile.sh || failed=$((failed + 1))
fi
slow=(./test/cluster)
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
  printf '\n== compile all targets\n'
  bash scripts/compile.sh all || failed=$((failed + 1))
  tests "targets" "${bun_test[@]}" ./test/binary/targets.test.ts
else
  printf '\n(left out) test/binary/targets.test.ts (the other platforms: COMPILE_ALL=1)\n'
fi

# A cluster is used where it is there at once, and built only where it is required.
if [ "$required" = 1 ] || bash scripts/cluster.sh can-run; then
  tests "tests on a real control plane" bash scripts/cluster.sh run -- "${bun_test[@]}" "${slow[@]}"
else
  tests "tests on a real control plane: none here" "${bun_test[@]}" "${slow[@]}"
fi

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
if [ "$required" = 1 ] && [ "$skipped" -gt 0 ]; then
  echo "test: REQUIRE_CLUSTER=1 is set, where a skip is a failure" >&2
  exit 1
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
