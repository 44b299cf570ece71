#!/usr/bin/env bash
# What the tests of an install need: helm, kubeconform, kubectl and actionlint, built from pinned sources, and Debian's Prometheus.
# usage: scripts/deploy-tools.sh binaries   find or make them; print their folder
#        scripts/deploy-tools.sh find       the same, but never make them: exit 1 when they are not there
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
built=(helm kubeconform kubectl actionlint)
packaged=(prometheus promtool)
# helm asks this of a chart where it has no cluster to ask; the test cluster is of the same version.
kubernetes_minor=37

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

cache_folder() {
  local key
  key="$(cat "$root"/scripts/deploy-tools.sh "$root"/scripts/deploy-tools/go.* "$root"/scripts/deploy-tools/kubectl/main.go | sha256sum | cut -c1-12)"
  printf '%s/tidekeeper/deploy-tools/%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}" "$key"
}

has_all() {
  local program
  for program in "${built[@]}" "${packaged[@]}"; do [ -x "$1/$program" ] || return 1; done
}

build() { # FOLDER: all at once, since they have most of their packages in common
  printf 'deploy-tools: building %s (once, about 4 minutes; kept in %s)\n' "${built[*]}" "$1" >&2
  local into="$1/.built.$$"
  mkdir -p "$into"
  local of=helm.sh/helm/v3/pkg/chartutil
  local stamp="-X $of.k8sVersionMajor=1 -X $of.k8sVersionMinor=$kubernetes_minor"
  (
    cd "$root/scripts/deploy-tools"
    CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w $stamp" -o "$into/" \
      helm.sh/helm/v3/cmd/helm github.com/yannh/kubeconform/cmd/kubeconform github.com/rhysd/actionlint/cmd/actionlint ./kubectl
  )
  mv "$into"/* "$1/"
  rmdir "$into"
}

unpack() { # FOLDER: the two programs of the package alone: installed, it would start a server
  local program from="$1/.package.$$"
  if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
    for program in "${packaged[@]}"; do ln -sf "$(command -v "$program")" "$1/$program"; done
    return
  fi
  command -v apt-get >/dev/null || die "deploy-tools: no prometheus and promtool: install them (Debian: apt-get install prometheus)"
  mkdir -p "$from"
  (cd "$from" && { apt-get download prometheus >/dev/null 2>&1 || { apt-get update >/dev/null && apt-get download prometheus >/dev/null; }; })
  dpkg-deb -x "$from"/prometheus_*.deb "$from/root"
  for program in "${packaged[@]}"; do mv "$from/root/usr/bin/$program" "$1/$program"; done
  rm -rf "$from"
}

binaries() {
  local cache
  cache="$(cache_folder)"
  mkdir -p "$cache"
  exec 8>"$cache/.lock"
  flock 8
  if ! has_all "$cache"; then
    command -v go >/dev/null || die "deploy-tools: no Go: looked in $cache. Install Go 1.26 or later"
    [ -x "$cache/kubectl" ] || build "$cache"
    [ -x "$cache/promtool" ] || unpack "$cache"
  fi
  exec 8>&-
  printf '%s\n' "$cache"
}

case "${1:-}" in
  binaries) binaries ;;
  find)
    cache="$(cache_folder)"
    has_all "$cache" || exit 1
    printf '%s\n' "$cache"
    ;;
  *)
    sed -n '3,4p' "$0" | sed 's/^# //' >&2
    exit 2
    ;;
esac
