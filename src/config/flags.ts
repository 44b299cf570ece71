/**
 * Every flag there is, by the command that takes it and the option it fills. Parsing, the types of the options, help,
 * docs/cli.md and the environment names all come from here: a flag is one entry.
 */
import { type Flag, onOff, oneOf, oneValue, text } from "./flag.ts";
import { parseAddress, parseDuration, parseLeases, parseNumber, parseShare } from "./flag-values.ts";
import { LAPTOP_FLAGS } from "./laptop-flags.ts";
import { MANIFESTS_FLAGS } from "./manifests-flags.ts";
import type { LeaseName, Share } from "./option-values.ts";
import {
  CONTEXT,
  DETECTORS,
  KUBECONFIG,
  LABELS,
  LOG_LEVEL,
  MODE,
  NAMESPACE,
  PLATFORM_CONFIG,
  PLUGINS,
  SHARDS,
  SIDECAR_TRANSPORT,
} from "./shared-flags.ts";

const HEALTH_ADDRESS = oneValue(
  {
    name: "health-probe-bind-address",
    placeholder: "ADDRESS",
    help: "where /healthz, /livez and /readyz are served; 0 switches them off. On a laptop :8081 is loopback alone, unless given",
    fallback: Object.freeze({ host: null, port: 8081 }),
    defaultText: ":8081",
  },
  parseAddress,
);

const METRICS_ADDRESS = oneValue(
  {
    name: "metrics-bind-address",
    placeholder: "ADDRESS",
    help: "where /metrics is served; 0 switches it off. On a laptop :8080 is loopback alone, unless given",
    fallback: Object.freeze({ host: null, port: 8080 }),
    defaultText: ":8080",
  },
  parseAddress,
);

/** Flags by command and option, in the order that help shows them. */
export const FLAGS = {
  run: {
    /** Path of a kubeconfig file; null = `KUBECONFIG`, then the cluster we run in, then `~/.kube/config`. */
    kubeconfig: KUBECONFIG,
    /** Null = the current context. */
    context: CONTEXT,
    /** Null = every namespace. */
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
    /** Label selector for SeiNodes; null = all of them. */
    selector: LABELS,
    mode: MODE,
    /** Paths as given: files or directories. */
    plugins: PLUGINS,
    /** Named detectors in their order; those not named follow in their usual order and act. Null = the usual order. */
    detectors: DETECTORS,
    sidecarTransport: SIDECAR_TRANSPORT,
    /** Path of a file of platform inputs, which must be there; null = `SEI_CONTROLLER_CONFIG`, else the environment alone. */
    platformConfig: PLATFORM_CONFIG,
    leaderElect: onOff({
      name: "leader-elect",
      fallback: true,
      help: "hold the Lease tidekeeper.sei.io before acting; standbys wait for it",
    }),
    /** Parts that replicas share the nodes out in; 1 = one of them acts. More need `leaderElect`. */
    shards: SHARDS,
    /** Null = the namespace of our own Pod; on a laptop it is looked for. */
    leaderElectNamespace: text(
      {
        name: "leader-elect-namespace",
        placeholder: "NAME",
        help: "namespace of the Lease; without it our Pod's own, and on a laptop where somebody looks after the same nodes, else tidekeeper-system",
      },
      NAMESPACE,
    ),
    /** Null = Pod name and UID. */
    leaderElectIdentity: text({
      name: "leader-elect-identity",
      placeholder: "NAME",
      help: "who we are in the Lease; without it Pod name and UID",
    }),
    /** Leases of others that are heeded besides those that are found. */
    otherManagerLeases: {
      name: "other-manager-lease",
      placeholder: "NAMESPACE/NAME",
      help: "while somebody renews this Lease nothing is written; may be repeated, commas separate in the environment. For where RBAC forbids to look in every namespace",
      arity: "many",
      fallback: [],
      defaultText: null,
      parse: parseLeases,
    } satisfies Flag<readonly LeaseName[]>,
    /** Null = not served. */
    healthAddress: HEALTH_ADDRESS,
    /** Null = not served. */
    metricsAddress: METRICS_ADDRESS,
    probeIntervalMs: oneValue(
      {
        name: "probe-interval",
        placeholder: "DURATION",
        help: "time between two observations of a node when no event asks for one, from 1s to 1h",
        fallback: 10_000,
        defaultText: "10s",
      },
      (value) => parseDuration(value, { min: "1s", max: "1h" }),
    ),
    /** Passes at once. */
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
    /** Nodes that a roll-out over the whole fleet may take down at once. */
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
    logLevel: LOG_LEVEL,
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
  },
  demo: {
    /** Times real time: 2 = twice as fast. */
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
    /** Go on after the story until stopped. */
    keep: onOff({
      name: "keep",
      fallback: false,
      help: "keep the simulated cluster running after the story, until Ctrl-C, and serve health and metrics of it",
    }),
    plugins: PLUGINS,
    /** Null = not served. Served with `keep` alone. */
    healthAddress: HEALTH_ADDRESS,
    /** Null = not served. Served with `keep` alone. */
    metricsAddress: METRICS_ADDRESS,
  },
  manifests: MANIFESTS_FLAGS,
  ...LAPTOP_FLAGS,
  version: {
    output: oneOf({
      name: "output",
      short: "o",
      choices: ["text", "json"],
      fallback: "text",
      help: "how it is printed",
    }),
  },
  help: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, Flag<unknown>>>>>;

/** The commands. */
export type CommandName = keyof typeof FLAGS;

/** The options of a command, as its flags come to them. */
export type Options<Name extends CommandName> = {
  readonly [Option in keyof (typeof FLAGS)[Name]]: (typeof FLAGS)[Name][Option] extends Flag<infer Value>
    ? Value
    : never;
};
