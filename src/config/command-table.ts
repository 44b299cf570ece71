/**
 * Every command there is. Parsing, help, docs/cli.md, the completion of shells and the environment names all come from here.
 */
import type { Command } from "./command.ts";
import { FLAGS } from "./flags.ts";
import { LAPTOP_COMMANDS } from "./laptop-commands.ts";

/** Every command, in the order help shows them. */
export const COMMANDS: readonly Command[] = [
  {
    name: "run",
    summary: "the controller: watches SeiNodes and heals their drift",
    args: "",
    flags: [
      FLAGS.kubeconfig,
      FLAGS.context,
      FLAGS.namespace,
      FLAGS.allNamespaces,
      FLAGS.selector,
      FLAGS.mode,
      FLAGS.plugins,
      FLAGS.detectors,
      FLAGS.sidecarTransport,
      FLAGS.platformConfig,
      FLAGS.leaderElect,
      FLAGS.shards,
      FLAGS.leaderElectNamespace,
      FLAGS.leaderElectIdentity,
      FLAGS.otherManagerLeases,
      FLAGS.healthAddress,
      FLAGS.metricsAddress,
      FLAGS.probeInterval,
      FLAGS.concurrency,
      FLAGS.maxUnavailable,
      FLAGS.logLevel,
      FLAGS.logFormat,
    ],
  },
  {
    name: "demo",
    summary: "the same controller on a simulated cluster, so no cluster is needed",
    args: "",
    flags: [FLAGS.speed, FLAGS.keep, FLAGS.plugins, FLAGS.healthAddress, FLAGS.metricsAddress],
  },
  {
    name: "manifests",
    summary: "CRD, RBAC and Deployment as YAML for kubectl apply -f -",
    args: "",
    flags: [FLAGS.installNamespace, FLAGS.image, FLAGS.shards],
  },
  ...LAPTOP_COMMANDS,
  { name: "version", summary: "version, commit and runtime", args: "", flags: [FLAGS.output] },
  { name: "help", summary: "this text, or one command's", args: "[COMMAND]", flags: [] },
];
