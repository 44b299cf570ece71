/**
 * The shell scripts of a Pod. Values reach them as arguments, never as text of the script, so that no field
 * of a SeiNode is ever read as shell.
 */

/** Where the data volume is mounted; home of `seid` and of the sidecar. */
export const DATA_DIR = "/sei";

/** `sh -c INIT_SCRIPT seid-init CHAIN HOME`: lays out an empty home; one that has a genesis is left as it is. */
export const INIT_SCRIPT = `set -eu
chain="$1"
home="$2"
if [ -e "$home/config/genesis.json" ]; then
  echo "$home is initialised already"
else
  seid init "$chain" --chain-id "$chain" --home "$home" --overwrite
fi
mkdir -p "$home/tmp"
`;

/**
 * `bash -c WAIT_SCRIPT wait-for-sidecar PORT COMMAND...`: waits for the gate, then becomes the command.
 * Needs bash and sleep in the image, no HTTP client. Once a container: a gate shut later stops no `seid`.
 */
export const WAIT_SCRIPT = `port="$1"
shift
gate_is_open() (
  exec 3<>"/dev/tcp/localhost/$port" || exit 1
  printf 'GET /v0/healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3
  IFS= read -r -t 5 status_line <&3
  case "$status_line" in HTTP/*" 200"*) exit 0 ;; esac
  exit 1
)
echo "waiting for the sidecar on port $port to open the gate"
until gate_is_open 2>/dev/null; do
  sleep 1
done
echo "the gate is open"
exec "$@"
`;

/**
 * `bash -c HALT_SCRIPT halt-at-height COMMAND...`: runs the command; its end by SIGINT (130) is success, since that
 * is how `seid` ends itself at its halt height. A stop from outside is passed on, and is no success.
 *
 * Job control (`set -m`) is what lets SIGINT through: without it bash starts background commands deaf to it (tried).
 */
export const HALT_SCRIPT = `set -m
"$@" &
seid=$!
trap 'kill -TERM "$seid" 2>/dev/null' TERM
code=0
wait "$seid" || code=$?
while kill -0 "$seid" 2>/dev/null; do
  code=0
  wait "$seid" || code=$?
done
if [ "$code" = 130 ]; then
  echo "seid has halted at its height"
  exit 0
fi
exit "$code"
`;
