/** Flags of the commands that only look, by command and option, in the order that help shows them. */
import { type Flag, onOff, oneOf, text } from "./flag.ts";
import {
  CONTEXT,
  DETECTORS,
  KUBECONFIG,
  LABELS,
  NAMESPACE,
  PLATFORM_CONFIG,
  PLUGINS,
  SIDECAR_TRANSPORT,
} from "./shared-flags.ts";

const ONE_NAMESPACE = text(
  {
    name: "namespace",
    short: "n",
    placeholder: "NAME",
    help: "namespace to look at; without it the one of the kubeconfig's context",
  },
  NAMESPACE,
);
const EVERY_NAMESPACE = onOff({
  name: "all-namespaces",
  short: "A",
  fallback: false,
  help: "look at every namespace",
});
const HOW = { name: "output", short: "o", help: "how it is printed" } as const;
const LIST = oneOf({ ...HOW, choices: ["table", "wide", "json", "yaml", "name"], fallback: "table" });
const TEXT = oneOf({ ...HOW, choices: ["text", "json", "yaml"], fallback: "text" });

/** Which cluster, and which of its namespaces. */
const CLUSTER = { kubeconfig: KUBECONFIG, context: CONTEXT, namespace: ONE_NAMESPACE } as const;
/** What detectors judge with: as `run` takes it. */
const JUDGING = {
  plugins: PLUGINS,
  detectors: DETECTORS,
  sidecarTransport: SIDECAR_TRANSPORT,
  platformConfig: PLATFORM_CONFIG,
} as const;

/** All of them. */
export const LAPTOP_FLAGS = {
  drift: { ...CLUSTER, allNamespaces: EVERY_NAMESPACE, selector: LABELS, output: LIST, ...JUDGING },
  explain: { ...CLUSTER, output: TEXT, ...JUDGING },
  history: { ...CLUSTER, output: oneOf({ ...HOW, choices: ["table", "wide", "json", "yaml"], fallback: "table" }) },
  get: {
    ...CLUSTER,
    allNamespaces: EVERY_NAMESPACE,
    selector: LABELS,
    output: LIST,
    /** Goes on and prints what changes. */
    watch: onOff({ name: "watch", short: "w", fallback: false, help: "go on, and print each SeiNode that changes" }),
  },
  doctor: {
    ...CLUSTER,
    allNamespaces: EVERY_NAMESPACE,
    /** Null = where the Lease is found. */
    leaderElectNamespace: text(
      {
        name: "leader-elect-namespace",
        placeholder: "NAME",
        help: "namespace of the controller's Lease; without it the one where somebody holds it, else tidekeeper-system",
      },
      NAMESPACE,
    ),
    sidecarTransport: SIDECAR_TRANSPORT,
    plugins: PLUGINS,
    output: TEXT,
  },
  completion: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, Flag<unknown>>>>>;
