#!/usr/bin/env bash
# A real Kubernetes control plane on loopback, for the tests. `scripts/cluster.sh` alone tells how it is used.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# The pinned Bun of the lockfile wins over whatever the machine has.
PATH="$root/node_modules/.bin:$PATH"

programs=(etcd kube-apiserver kube-controller-manager kube-scheduler kwok)
server=https://127.0.0.1:6443
pod_cidr=10.0.0.0/16

usage() {
  cat <<'TEXT'
usage: scripts/cluster.sh binaries          find or build etcd, the control plane and kwok; print their folder
       scripts/cluster.sh find              the same, but never build: exit 1 when they are not there
       scripts/cluster.sh can-run           exit 0 when run would work at once; else say what is missing
       scripts/cluster.sh run -- CMD...     run CMD beside a cluster of its own, in a network of its own
       scripts/cluster.sh up DIR            start a cluster on this machine's loopback; its kubeconfig is DIR/kubeconfig
       scripts/cluster.sh down DIR          stop it
TEXT
}

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# --- binaries ---------------------------------------------------------------------------------

has_all() {
  local program
  for program in "${programs[@]}"; do [ -x "$1/$program" ] || return 1; done
}

cache_folder() {
  local key
  key="$(cat "$root"/scripts/cluster/*/go.mod "$root"/scripts/cluster/*/go.sum | sha256sum | cut -c1-12)"
  printf '%s/tidekeeper/cluster/%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}" "$key"
}

find_binaries() {
  if [ -n "${KUBEBUILDER_ASSETS:-}" ] && has_all "$KUBEBUILDER_ASSETS"; then
    printf '%s\n' "$KUBEBUILDER_ASSETS"
    return
  fi
  local cache
  cache="$(cache_folder)"
  has_all "$cache" || return 1
  printf '%s\n' "$cache"
}

build() { # FOLDER MODULE PACKAGE NAME: into a file of its own first, so that a broken build leaves nothing behind
  [ -x "$1/$4" ] && return
  say "cluster: building $4 (once; kept in $1)"
  (
    cd "$root/scripts/cluster/$2"
    CGO_ENABLED=0 go build -mod=readonly -ldflags "-s -w" -o "$1/.$4.$$" "$3"
  )
  mv "$1/.$4.$$" "$1/$4"
}

binaries() {
  find_binaries && return
  command -v go >/dev/null || die "cluster: no binaries: looked in KUBEBUILDER_ASSETS and $(cache_folder). Install Go 1.26 or later (it builds them, about 10 minutes) or set KUBEBUILDER_ASSETS to a folder with ${programs[*]}."
  local cache
  cache="$(cache_folder)"
  mkdir -p "$cache"
  exec 8>"$cache/.lock"
  flock 8
  build "$cache" etcd go.etcd.io/etcd/server/v3 etcd
  build "$cache" kwok sigs.k8s.io/kwok/cmd/kwok kwok
  build "$cache" kubernetes k8s.io/kubernetes/cmd/kube-apiserver kube-apiserver
  build "$cache" kubernetes k8s.io/kubernetes/cmd/kube-controller-manager kube-controller-manager
  build "$cache" kubernetes k8s.io/kubernetes/cmd/kube-scheduler kube-scheduler
  exec 8>&-
  printf '%s\n' "$cache"
}

# --- up and down ------------------------------------------------------------------------------

start() { # DIR NAME CMD...: in the background, told apart by its log
  local dir="$1" name="$2"
  shift 2
  "$@" >"$dir/logs/$name.log" 2>&1 </dev/null 8>&- &
  printf '%s %s\n' "$!" "$name" >>"$dir/pids"
  disown "$!"
}

wait_for() { # DIR NAME SECONDS CMD...: until CMD succeeds; fails at once when the program has ended
  local dir="$1" name="$2" until=$((SECONDS + $3)) pid
  shift 3
  pid="$(awk -v name="$name" '$2 == name { print $1 }' "$dir/pids")"
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null || [ "$SECONDS" -ge "$until" ]; then
      tail -n 15 "$dir/logs/$name.log" >&2
      die "cluster: $name did not come up: $dir/logs/$name.log"
    fi
    sleep 0.1
  done
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

up() {
  local dir="$1" bin
  bin="$(binaries)"
  port_open 6443 2>/dev/null && die "cluster: port 6443 on 127.0.0.1 is taken: stop what listens there, or use: scripts/cluster.sh run -- CMD"
  mkdir -p "$dir/logs"
  dir="$(cd "$dir" && pwd)"
  : >"$dir/pids"
  bun "$root/scripts/cluster/write-credentials.ts" "$dir" "$server"
  start_control_plane "$dir" "$bin"
  start_machinery "$dir" "$bin"
}

start_control_plane() {
  local dir="$1" bin="$2"
  start "$dir" etcd "$bin/etcd" --data-dir "$dir/etcd" --unsafe-no-fsync --log-level error \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --quota-backend-bytes 4294967296
  wait_for "$dir" etcd 30 port_open 2379
  start "$dir" kube-apiserver "$bin/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
    --bind-address 127.0.0.1 --secure-port 6443 --advertise-address 127.0.0.1 --endpoint-reconciler-type none \
    --tls-cert-file "$dir/certs/apiserver.crt" --tls-private-key-file "$dir/certs/apiserver.key" \
    --client-ca-file "$dir/certs/ca.crt" --authorization-mode RBAC --service-cluster-ip-range 10.96.0.0/16 \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$dir/certs/service-accounts.crt" \
    --service-account-signing-key-file "$dir/certs/service-accounts.key" --allow-privileged \
    --audit-policy-file "${TIDEKEEPER_AUDIT_POLICY:-$root/scripts/cluster/audit-policy.yaml}" --audit-log-path "$dir/audit.log" \
    --audit-log-maxsize 4096
  wait_for "$dir" kube-apiserver 60 bun "$root/scripts/cluster/is-ready.ts" "$dir" "$server"
}

start_machinery() {
  local dir="$1" bin="$2" config="$1/kubeconfig"
  # The nodes are kwok's and their kubelets send no heartbeat, so no grace period may run out.
  start "$dir" kube-controller-manager "$bin/kube-controller-manager" --kubeconfig "$config" \
    --authentication-kubeconfig "$config" --authorization-kubeconfig "$config" --bind-address 127.0.0.1 \
    --leader-elect=false --service-account-private-key-file "$dir/certs/service-accounts.key" \
    --root-ca-file "$dir/certs/ca.crt" --node-monitor-grace-period 24h --concurrent-statefulset-syncs 20 \
    --kube-api-qps 500 --kube-api-burst 1000
  start "$dir" kube-scheduler "$bin/kube-scheduler" --kubeconfig "$config" --authentication-kubeconfig "$config" \
    --authorization-kubeconfig "$config" --bind-address 127.0.0.1 --leader-elect=false \
    --kube-api-qps 500 --kube-api-burst 1000
  start "$dir" kwok "$bin/kwok" --kubeconfig "$config" --manage-all-nodes --cidr "$pod_cidr" --node-ip 10.96.255.1 \
    --config "$root/scripts/cluster/stages.yaml"
  start "$dir" sidecars bun "$root/test/cluster/harness/sidecars.ts" "$dir"
  wait_for "$dir" sidecars 30 port_open 7070
}

down() {
  local dir="$1" pid name
  [ -f "$dir/pids" ] || return 0
  # Last started, first stopped; the data is thrown away, so nobody needs time to write it.
  tac "$dir/pids" | while read -r pid name; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -f "$dir/pids"
}

# --- run --------------------------------------------------------------------------------------

spaces=(-n -p --fork --kill-child --mount-proc)
[ "$(id -u)" = 0 ] || spaces=(-Ur "${spaces[@]}")

# Says on stdout why a cluster cannot run here; nothing when it can.
obstacle() {
  if ! command -v unshare >/dev/null; then
    echo "unshare is missing: a test cluster runs in a network of its own. Install util-linux"
  elif ! unshare "${spaces[@]}" true 2>/dev/null; then
    echo "unshare ${spaces[*]}: not permitted here. Run as root, or allow unprivileged user namespaces (in a container: --privileged)"
  fi
}

can_run() {
  local why
  why="$(obstacle)"
  if [ -n "$why" ]; then die "cluster: $why"; fi
  find_binaries >/dev/null || die "cluster: etcd, control plane and kwok are not built yet: scripts/cluster.sh binaries (needs Go; about 10 minutes, once)"
}

run() {
  local why
  why="$(obstacle)"
  if [ -n "$why" ]; then die "cluster: $why"; fi
  binaries >/dev/null

  run_dir="$(mktemp -d "${TMPDIR:-/tmp}/tidekeeper-cluster.XXXXXX")"
  inner=""
  # Killing unshare kills the first process of the new process namespace, and with it everything in there.
  trap 'trap "" INT TERM; [ -z "$inner" ] || kill -KILL "$inner" 2>/dev/null || true; rm -rf "$run_dir"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # Should this shell itself be killed, the kernel does the same.
  local tied=()
  if command -v setpriv >/dev/null; then tied=(setpriv --pdeathsig KILL); fi
  "${tied[@]}" unshare "${spaces[@]}" bash "$root/scripts/cluster.sh" inside "$run_dir" "$@" <&0 &
  inner=$!
  local status=0
  wait "$inner" || status=$?
  inner=""
  [ "$status" = 0 ] || [ -z "${TIDEKEEPER_KEEP_LOGS:-}" ] || cp -r "$run_dir/logs" "$TIDEKEEPER_KEEP_LOGS"
  exit "$status"
}

inside() {
  local dir="$1"
  shift
  # Every address a kwok Pod may get is answered on this machine.
  if command -v ip >/dev/null; then
    ip link set lo up
    ip route add local "$pod_cidr" dev lo
  else
    bun "$root/scripts/cluster/open-loopback.ts" 10.0.0.0 255.255.0.0
  fi
  ulimit -n "$(ulimit -H -n)" 2>/dev/null || true
  up "$dir"
  local status=0
  KUBECONFIG="$dir/kubeconfig" TIDEKEEPER_TEST_CLUSTER="$dir" "$@" || status=$?
  down "$dir"
  exit "$status"
}

case "${1:-}" in
  binaries) binaries ;;
  find) find_binaries ;;
  can-run) can_run ;;
  up) [ $# -eq 2 ] || { usage >&2; exit 2; }; up "$2" ;;
  down) [ $# -eq 2 ] || { usage >&2; exit 2; }; down "$2" ;;
  run)
    shift
    [ "${1:-}" = -- ] && shift
    [ $# -gt 0 ] || { usage >&2; exit 2; }
    run "$@"
    ;;
  inside) shift; inside "$@" ;;
  *) usage >&2; exit 2 ;;
esac
