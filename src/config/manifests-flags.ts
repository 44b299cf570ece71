/** The flags of `tidekeeper manifests`. Part of the table of flags. */
import { type Amounts, FURTHER_PARTS, type FurtherPart, type UsualPart, USUAL_PARTS } from "./parts.ts";
import { many, oneOf, oneValue, text } from "./flag.ts";
import { parseAmounts, parseNames, parseNumber } from "./flag-values.ts";
import { DETECTORS, LOG_LEVEL, MODE, NAMESPACE, PLUGINS, SHARDS } from "./shared-flags.ts";

/** Flags by the option they fill, in the order that help shows them. */
export const MANIFESTS_FLAGS = {
  /** Namespace the controller is installed in. */
  namespace: oneValue(
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
  shards: SHARDS,
  mode: MODE,
  /** Paths as given: files or directories. They go along in a ConfigMap. */
  plugins: PLUGINS,
  detectors: DETECTORS,
  logLevel: LOG_LEVEL,
  replicas: oneValue(
    {
      name: "replicas",
      placeholder: "NUMBER",
      help: "Pods of the controller, from 1 to 64; without --shards one acts and the others stand by",
      fallback: 2,
      defaultText: "2",
    },
    (value) => parseNumber(value, { min: 1, max: 64, integer: true }),
  ),
  scope: oneOf({
    name: "scope",
    choices: ["cluster", "namespace"],
    fallback: "cluster",
    help: "what is granted: a ClusterRole, or a Role in the watched namespace and nothing in the cluster but the CRD",
  }),
  watchNamespace: text(
    {
      name: "watch-namespace",
      placeholder: "NAME",
      help: "look after the SeiNodes of this namespace alone; with --scope=namespace the install's own unless given",
    },
    NAMESPACE,
  ),
  args: many({
    name: "arg",
    placeholder: "FLAG",
    help: "a further flag of tidekeeper run, such as --arg=--selector=app=sei; may be repeated, commas separate in the environment",
  }),
  requests: oneValue<Amounts>(
    {
      name: "requests",
      placeholder: "RESOURCE=AMOUNT,...",
      help: "what a Pod asks for, over cpu=100m,memory=128Mi",
      fallback: Object.freeze({}),
      defaultText: null,
    },
    parseAmounts,
  ),
  limits: oneValue<Amounts>(
    {
      name: "limits",
      placeholder: "RESOURCE=AMOUNT,...",
      help: "what a Pod may take, over memory=512Mi",
      fallback: Object.freeze({}),
      defaultText: null,
    },
    parseAmounts,
  ),
  priorityClass: text(
    { name: "priority-class", placeholder: "NAME", help: "PriorityClass of the Pods, such as system-cluster-critical" },
    { is: /^[a-z0-9][-.a-z0-9]{0,252}$/, want: "the name of a PriorityClass" },
  ),
  with: oneValue<readonly FurtherPart[]>(
    {
      name: "with",
      placeholder: "PART,...",
      help: `parts besides the usual ones: ${FURTHER_PARTS.join(", ")}`,
      fallback: [],
      defaultText: null,
    },
    (value) => parseNames(value, FURTHER_PARTS),
  ),
  without: oneValue<readonly UsualPart[]>(
    {
      name: "without",
      placeholder: "PART,...",
      help: `usual parts that are left out: ${USUAL_PARTS.join(", ")}`,
      fallback: [],
      defaultText: null,
    },
    (value) => parseNames(value, USUAL_PARTS),
  ),
} as const;
