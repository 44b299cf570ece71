#!/usr/bin/env bash
# `scripts/check.sh`: what one runs before each commit. Below a minute on two quiet cores.
# `scripts/check.sh all`: what CI runs: the same checks, and then every test, on a real control plane too.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/node_modules/.bin:$PATH"

case "$*" in
  "" | all) ;;
  *)
    echo "check: arguments: got \"$*\", want none or: all" >&2
    exit 2
    ;;
esac

logs="$(mktemp -d)"
trap 'rm -rf "$logs"' EXIT

# Left to `all`, since they take as long as all others together: seeded days, silences, everything that may happen in the
# middle of a request, and planted bugs. Whoever changes src/core or src/executor runs them by hand (CONTRIBUTING.md).
fast_tests() {
  find ./test -name '*.test.ts' -not -path './test/cluster/*' -not -path './test/binary/*' -not -path './test/simulation/*' | sort
}

step() { # NAME CMD...: one line when it is well, all that it said when it is not
  local name="$1" from=$SECONDS status=0
  shift
  "$@" >"$logs/$name" 2>&1 || status=$?
  if [ "$status" = 0 ]; then
    printf 'ok      %-8s %3d s%s\n' "$name" $((SECONDS - from)) "$(summary "$logs/$name")"
  else
    printf 'FAILED  %-8s %3d s\n' "$name" $((SECONDS - from))
    tell "$name"
    echo "$name" >>"$logs/failed"
  fi
}

summary() { # LOG: what bun test counted
  awk '$2 == "pass" && NF == 2 { printf "  %s passed", $1 }' "$1"
}

tell() { # NAME: of tests only what led to each failure
  case "$1" in
    tests | house)
      awk '/^[0-9]+ tests? failed:/ { exit }
        /^\(fail\)/ { for (i = n > 40 ? n - 40 : 0; i < n; i++) print kept[i]; print; n = 0; failed = 1; next }
        /^\(pass\)/ { n = 0; next }
        { kept[n++] = $0 }
        END { if (!failed) for (i = n > 40 ? n - 40 : 0; i < n; i++) print kept[i] }' "$logs/$1"
      ;;
    *) cat "$logs/$1" ;;
  esac
  [ "$1" != format ] || echo "check: to format all files: bun run format"
}

formatted() { oxfmt --check; }
typed() { tsc --noEmit; }
linted() { oxlint --type-aware --deny-warnings; }
scripts_parse() {
  local script
  for script in scripts/*.sh .ci/run; do bash -n "$script" || return 1; done
}

static() {
  step format formatted
  step types typed
  step lint linted
  step scripts scripts_parse
}

failed() { # what did not go well, in one line
  [ -s "$logs/failed" ] || return 1
  printf 'check: failed: %s\n' "$(tr '\n' ' ' <"$logs/failed")"
}

if [ "${1:-}" = all ]; then
  export REQUIRE_CLUSTER="${REQUIRE_CLUSTER:-1}" REQUIRE_STATIC="${REQUIRE_STATIC:-1}" REQUIRE_TOOLS="${REQUIRE_TOOLS:-1}"
  echo "== format, types, lint (about 1 min; then the tests, which tell how long they take)"
  bash scripts/test.sh plan
  static
  failed && exit 1
  exec bash scripts/test.sh
fi

# Side by side: the static ones keep one core busy for a third of the time that the tests take.
static &
# shellcheck disable=SC2046 -- one word a file
step tests bun test --timeout 60000 --parallel --no-isolate $(fast_tests)
wait
if failed; then exit 1; fi
echo "check: all well in $SECONDS s. Before a change of src/core or src/executor goes in: bun test test/simulation. All of CI: bun run check all"
