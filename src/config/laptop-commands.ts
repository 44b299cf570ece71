/** The commands that only look, and the flags that they alone have. */
import type { Command } from "./command.ts";
import { onOff, oneOf, text } from "./flag.ts";
import { FLAGS, NAMESPACE } from "./flags.ts";

/** Flags of theirs, by the name of the option they fill. */
export const LAPTOP_FLAGS = {
  namespace: text(
    {
      name: "namespace",
      short: "n",
      placeholder: "NAME",
      help: "namespace to look at; without it the one of the kubeconfig's context",
    },
    NAMESPACE,
  ),
  allNamespaces: onOff({ name: "all-namespaces", short: "A", fallback: false, help: "look at every namespace" }),
  leaseNamespace: text(
    {
      name: "leader-elect-namespace",
      placeholder: "NAME",
      help: "namespace of the controller's Lease; without it the one where somebody holds it, else tidekeeper-system",
    },
    NAMESPACE,
  ),
  listOutput: oneOf({
    name: "output",
    short: "o",
    choices: ["table", "wide", "json", "yaml", "name"],
    fallback: "table",
    help: "how it is printed",
  }),
  tableOutput: oneOf({
    name: "output",
    short: "o",
    choices: ["table", "wide", "json", "yaml"],
    fallback: "table",
    help: "how it is printed",
  }),
  textOutput: oneOf({
    name: "output",
    short: "o",
    choices: ["text", "json", "yaml"],
    fallback: "text",
    help: "how it is printed",
  }),
  watch: onOff({ name: "watch", short: "w", fallback: false, help: "go on, and print each SeiNode that changes" }),
} as const;

const CLUSTER = [FLAGS.kubeconfig, FLAGS.context, LAPTOP_FLAGS.namespace];
const JUDGING = [FLAGS.plugins, FLAGS.detectors, FLAGS.sidecarTransport, FLAGS.platformConfig];

/** In the order help shows them. */
export const LAPTOP_COMMANDS: readonly Command[] = [
  {
    name: "drift",
    summary: "which SeiNodes drift, and the plan each would get; writes nothing",
    args: "[NODE...]",
    flags: [...CLUSTER, LAPTOP_FLAGS.allNamespaces, FLAGS.selector, LAPTOP_FLAGS.listOutput, ...JUDGING],
    examples: [
      ["tidekeeper drift -A", "every SeiNode of the cluster"],
      ["tidekeeper drift -n sei -l tier=rpc -o wide", "some of them, with what each detector says"],
      ["tidekeeper drift -A -o name", "names of those that drift alone, for scripts"],
      ["tidekeeper drift -n sei rpc-0 --plugin ./my-drift.ts", "one, judged by a detector of your own too"],
    ],
    exits: "0 no drift, 1 drift found, 2 anything else: wrong use, no permission, no cluster",
  },
  {
    name: "explain",
    summary: "why nothing happens to a SeiNode: every reason in order, each with what it saw",
    args: "NODE",
    flags: [...CLUSTER, LAPTOP_FLAGS.textOutput, ...JUDGING],
    examples: [["tidekeeper explain -n sei rpc-0", "who leads, what is held, what each detector saw, and since when"]],
  },
  {
    name: "history",
    summary: "past plans of a SeiNode and what came of them, with its Events",
    args: "NODE",
    flags: [...CLUSTER, LAPTOP_FLAGS.tableOutput],
    examples: [["tidekeeper history -n sei rpc-0", "oldest first"]],
  },
  {
    name: "get",
    summary: "the SeiNodes as their status says, as a table",
    args: "[NODE...]",
    flags: [...CLUSTER, LAPTOP_FLAGS.allNamespaces, FLAGS.selector, LAPTOP_FLAGS.listOutput, LAPTOP_FLAGS.watch],
    examples: [
      ["tidekeeper get -A", "every SeiNode of the cluster"],
      ["tidekeeper get -n sei -w", "and each change of them, until Ctrl-C"],
    ],
  },
  {
    name: "doctor",
    summary: "what keeps a controller from working here, each finding with its remedy",
    args: "",
    flags: [
      ...CLUSTER,
      LAPTOP_FLAGS.allNamespaces,
      LAPTOP_FLAGS.leaseNamespace,
      FLAGS.sidecarTransport,
      FLAGS.plugins,
      LAPTOP_FLAGS.textOutput,
    ],
    examples: [["tidekeeper doctor -A", "the cluster, the permissions, the Leases, the sidecars, OTLP and the clock"]],
    exits: "0 all is well, 1 something is not, 2 wrong use or configuration",
  },
  {
    name: "completion",
    summary: "the script that makes a shell complete commands, flags and names of SeiNodes",
    args: "bash|zsh|fish",
    flags: [],
    examples: [
      ["source <(tidekeeper completion bash)", "for this shell"],
      ["tidekeeper completion fish > ~/.config/fish/completions/tidekeeper.fish", "for every fish"],
    ],
  },
];
