/** Flags that several commands take. Part of the table of flags. */
import { many, oneOf, oneValue, text } from "./flag.ts";
import { parseDetectors, parseNumber } from "./flag-values.ts";
import type { DetectorChoice } from "./option-values.ts";

/** What a namespace may be called. */
export const NAMESPACE = { is: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, want: "a namespace name" };
/** Equality, set and existence terms; the API server has the last word on a selector. */
const SELECTOR = { is: /^[\w.\-/!=,() ]{1,1024}$/, want: "a label selector such as app=sei,tier!=test" };

/** Paths of plugins as given: files or directories. */
export const PLUGINS = many({
  name: "plugin",
  placeholder: "PATH",
  help: "load drift detectors from this file or directory; may be repeated, commas separate in the environment",
});

/** Parts that replicas share the nodes out in. */
export const SHARDS = oneValue(
  {
    name: "shards",
    placeholder: "NUMBER",
    help: "parts that replicas share the nodes out in, each with a Lease of its own, from 1 to 64; 1 = one replica acts",
    fallback: 1,
    defaultText: "1",
  },
  (value) => parseNumber(value, { min: 1, max: 64, integer: true }),
);

/** Whether anything is done. */
export const MODE = oneOf({
  name: "mode",
  choices: ["act", "observe"],
  fallback: "act",
  help: "act heals; observe reports what is seen, makes no plan and writes no object",
});

/** Which kubeconfig. */
export const KUBECONFIG = text({
  name: "kubeconfig",
  placeholder: "PATH",
  help: "kubeconfig file; without it KUBECONFIG, then the cluster we run in, then ~/.kube/config",
});

/** Which context of it. */
export const CONTEXT = text({
  name: "context",
  placeholder: "NAME",
  help: "context of the kubeconfig, instead of its current one",
});

/** Which SeiNodes, by their labels. */
export const LABELS = text(
  {
    name: "selector",
    short: "l",
    placeholder: "LABELS",
    help: "look after the SeiNodes that carry these labels alone",
  },
  SELECTOR,
);

/** Order and modes of detectors. */
export const DETECTORS = oneValue<readonly DetectorChoice[] | null>(
  {
    name: "detectors",
    placeholder: "NAME[=act|observe|off],...",
    help: "detectors in the order they are asked; those not named follow in their usual order",
    fallback: null,
    defaultText: null,
  },
  parseDetectors,
);

/** How much is logged. */
export const LOG_LEVEL = oneOf({
  name: "log-level",
  choices: ["debug", "info", "warn", "error"],
  fallback: "info",
  help: "least severity that is logged",
});

/** The way to sidecars. */
export const SIDECAR_TRANSPORT = oneOf({
  name: "sidecar-transport",
  choices: ["auto", "direct", "apiserver"],
  fallback: "auto",
  help: "how sidecars are reached: directly, through the API server's pod proxy, or whichever fits where we run",
});

/** Which file of platform inputs. */
export const PLATFORM_CONFIG = text({
  name: "platform-config",
  placeholder: "PATH",
  help: "file of platform inputs (docs/platform.md); without it the one that SEI_CONTROLLER_CONFIG names, which may be missing",
});
