/** The flags, by the name of the option they fill. Parsing, help, docs/cli.md and the environment names come from here. */
import type { DetectorChoice, LeaseName, Share } from "./config.ts";
import { many, onOff, oneOf, oneValue, text } from "./flag.ts";
import type { Flag } from "./flag.ts";
import { parseAddress, parseDetectors, parseDuration, parseLeases, parseNumber, parseShare } from "./flag-values.ts";

/** A namespace by its name. */
export const NAMESPACE = { is: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, want: "a namespace name" };
/** Equality, set and existence terms; the API server has the last word on a selector. */
const SELECTOR = { is: /^[\w.\-/!=,() ]{1,1024}$/, want: "a label selector such as app=sei,tier!=test" };

/** Flags by the name of the option they fill. */
export const FLAGS = {
  kubeconfig: text({
    name: "kubeconfig",
    placeholder: "PATH",
    help: "kubeconfig file; without it KUBECONFIG, then the cluster we run in, then ~/.kube/config",
  }),
  context: text({
    name: "context",
    placeholder: "NAME",
    help: "context of the kubeconfig, instead of its current one",
  }),
  namespace: text(
    { name: "namespace", short: "n", placeholder: "NAME", help: "look after the SeiNodes of this namespace alone" },
    NAMESPACE,
  ),
  allNamespaces: onOff({
    name: "all-namespaces",
    short: "A",
    fallback: false,
    help: "look after every namespace, which is also what happens without --namespace",
  }),
  selector: text(
    {
      name: "selector",
      short: "l",
      placeholder: "LABELS",
      help: "look after the SeiNodes that carry these labels alone",
    },
    SELECTOR,
  ),
  mode: oneOf({
    name: "mode",
    choices: ["act", "observe"],
    fallback: "act",
    help: "act heals; observe reports what is seen, makes no plan and writes no object",
  }),
  plugins: many({
    name: "plugin",
    placeholder: "PATH",
    help: "load drift detectors from this file or directory; may be repeated, commas separate in the environment",
  }),
  detectors: oneValue<readonly DetectorChoice[] | null>(
    {
      name: "detectors",
      placeholder: "NAME[=act|observe|off],...",
      help: "detectors in the order they are asked; those not named follow in their usual order",
      fallback: null,
      defaultText: null,
    },
    parseDetectors,
  ),
  sidecarTransport: oneOf({
    name: "sidecar-transport",
    choices: ["auto", "direct", "apiserver"],
    fallback: "auto",
    help: "how sidecars are reached: directly, through the API server's pod proxy, or whichever fits where we run",
  }),
  platformConfig: text({
    name: "platform-config",
    placeholder: "PATH",
    help: "file of platform inputs (docs/platform.md); without it the one that SEI_CONTROLLER_CONFIG names, which may be missing",
  }),
  leaderElect: onOff({
    name: "leader-elect",
    fallback: true,
    help: "hold the Lease tidekeeper.sei.io before acting; standbys wait for it",
  }),
  shards: oneValue(
    {
      name: "shards",
      placeholder: "NUMBER",
      help: "parts that replicas share the nodes out in, each with a Lease of its own, from 1 to 64; 1 = one replica acts",
      fallback: 1,
      defaultText: "1",
    },
    (value) => parseNumber(value, { min: 1, max: 64, integer: true }),
  ),
  leaderElectNamespace: text(
    {
      name: "leader-elect-namespace",
      placeholder: "NAME",
      help: "namespace of the Lease; without it our Pod's own, and on a laptop where somebody looks after the same nodes, else tidekeeper-system",
    },
    NAMESPACE,
  ),
  otherManagerLeases: {
    name: "other-manager-lease",
    placeholder: "NAMESPACE/NAME",
    help: "while somebody renews this Lease nothing is written; may be repeated, commas separate in the environment. For where RBAC forbids to look in every namespace",
    arity: "many",
    fallback: [],
    defaultText: null,
    parse: parseLeases,
  } satisfies Flag<readonly LeaseName[]>,
  leaderElectIdentity: text({
    name: "leader-elect-identity",
    placeholder: "NAME",
    help: "who we are in the Lease; without it Pod name and UID",
  }),
  healthAddress: oneValue(
    {
      name: "health-probe-bind-address",
      placeholder: "ADDRESS",
      help: "where /healthz, /livez and /readyz are served; 0 switches them off",
      fallback: Object.freeze({ host: null, port: 8081 }),
      defaultText: ":8081",
    },
    parseAddress,
  ),
  metricsAddress: oneValue(
    {
      name: "metrics-bind-address",
      placeholder: "ADDRESS",
      help: "where /metrics is served; 0 switches it off",
      fallback: Object.freeze({ host: null, port: 8080 }),
      defaultText: ":8080",
    },
    parseAddress,
  ),
  probeInterval: oneValue(
    {
      name: "probe-interval",
      placeholder: "DURATION",
      help: "time between two looks at a node when no event asks for one, from 1s to 1h",
      fallback: 10_000,
      defaultText: "10s",
    },
    (value) => parseDuration(value, { min: "1s", max: "1h" }),
  ),
  concurrency: oneValue(
    {
      name: "concurrency",
      placeholder: "NUMBER",
      help: "nodes worked on at once, from 1 to 1024",
      fallback: 256,
      defaultText: "256",
    },
    (value) => parseNumber(value, { min: 1, max: 1024, integer: true }),
  ),
  maxUnavailable: oneValue<Share>(
    {
      name: "max-unavailable",
      placeholder: "NUMBER|PERCENT",
      help: "nodes that a new sidecar image of the platform may take down at once, at least one; of them each shard has its share",
      fallback: Object.freeze({ value: 1, isPercent: true }),
      defaultText: "1%",
    },
    parseShare,
  ),
  logLevel: oneOf({
    name: "log-level",
    choices: ["debug", "info", "warn", "error"],
    fallback: "info",
    help: "least severity that is logged",
  }),
  logFormat: oneValue<"json" | "console" | null>(
    {
      name: "log-format",
      placeholder: "json|console",
      help: "how log lines look; without it console on a terminal, json elsewhere",
      fallback: null,
      defaultText: null,
    },
    (value) => (value === "json" || value === "console" ? { ok: true, value } : { ok: false, want: "json, console" }),
  ),
  speed: oneValue(
    {
      name: "speed",
      placeholder: "NUMBER",
      help: "times real time, from 0.1 to 100",
      fallback: 1,
      defaultText: "1",
    },
    (value) => parseNumber(value, { min: 0.1, max: 100, integer: false }),
  ),
  keep: onOff({
    name: "keep",
    fallback: false,
    help: "keep the simulated cluster running after the story, until Ctrl-C, and serve health and metrics of it",
  }),
  installNamespace: oneValue(
    {
      name: "namespace",
      short: "n",
      placeholder: "NAME",
      help: "namespace the controller is installed in",
      fallback: "tidekeeper-system",
      defaultText: "tidekeeper-system",
    },
    (value) => (NAMESPACE.is.test(value) ? { ok: true, value } : { ok: false, want: NAMESPACE.want }),
  ),
  image: oneValue(
    {
      name: "image",
      placeholder: "IMAGE",
      help: "image of the controller",
      fallback: "tidekeeper:latest",
      defaultText: "tidekeeper:latest",
    },
    (value) => (/^[\w.\-/:@]{1,512}$/.test(value) ? { ok: true, value } : { ok: false, want: "an image reference" }),
  ),
  output: oneOf({ name: "output", short: "o", choices: ["text", "json"], fallback: "text", help: "how it is printed" }),
} as const;
