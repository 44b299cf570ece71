/** The lines that people read. Colour only where it is asked for; every line means the same without. */
import type { Fact } from "./fact.ts";
import { duration } from "./script-step.ts";

/** Writes what happens, a line each. */
export interface Narrator {
  opening(speed: number): void;
  title(number: number, text: string): void;
  /** `startedAt`: when the step began, by the cluster's clock. */
  fact(fact: Fact, startedAt: number): void;
  success(text: string, ms: number): void;
  failure(text: string, ms: number): void;
  total(sums: { readonly steps: number; readonly ms: number; readonly posts: number }): void;
  /** Where to go next; or, where it stays up, what is served (a line each). */
  closing(served: readonly string[] | null): void;
}

const STYLES = { bold: "1", dim: "2", red: "31", green: "32", cyan: "36" } as const;
type Style = keyof typeof STYLES;

const COLOURS: Readonly<Record<Fact["who"], Style>> = { operator: "bold", cluster: "dim", tidekeeper: "cyan" };

/** Creates one; `write` is given whole lines. */
export function createNarrator({
  write,
  color,
  isBuilt,
}: {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** False when run from source: there is no `tidekeeper` to call yet. */
  readonly isBuilt: boolean;
}): Narrator {
  const paint = (style: Style, text: string): string => (color ? `\u001B[${STYLES[style]}m${text}\u001B[0m` : text);
  const line = (text = ""): void => write(`${text}\n`);
  return {
    opening(speed) {
      for (const text of OPENING) line(text);
      if (speed !== 1)
        line(`The cluster's time runs ${speed} times as fast as yours; the times below are the cluster's.`);
    },
    title(number, text) {
      line();
      line(paint("bold", `${number}. ${text}`));
    },
    fact({ at, who, node, text }, startedAt) {
      const time = `${((at - startedAt) / 1000).toFixed(2)} s`.padStart(9);
      line(`${paint("dim", time)}  ${paint(COLOURS[who], who.padEnd(10))}  ${node.padEnd(6)}  ${text}`);
    },
    success: (text, ms) => line(paint("green", `   => in ${duration(ms)}: ${text}`)),
    failure: (text, ms) => line(paint("red", `   => FAILED after ${duration(ms)}: ${text}`)),
    total({ steps, ms, posts }) {
      line();
      line(`${steps} steps in ${duration(ms)}. mark-ready was posted ${posts} times, never by hand.`);
    },
    closing(served) {
      line();
      const next = ["Where to go next", ...(isBuilt ? [] : [TO_BUILD]), ...NEXT];
      for (const text of served === null ? next : ["Staying up until Ctrl-C", ...served]) line(text);
    },
  };
}

const OPENING = [
  "Tidekeeper on a simulated cluster: the controller is the one that `tidekeeper run` starts; the API server, the",
  "StatefulSet controller, the kubelets and the sidecars are played, in this process. Nothing outside it is touched.",
  "",
  "A SeiNode is one Pod: seid, and a sidecar that keeps a gate in memory. In a new Pod the gate is shut (HTTP 503),",
  "and seid stands still until somebody posts the task mark-ready. Every line is read from the simulated cluster.",
];

const TO_BUILD = "  the binary       npx --yes bun@1.4.5 run compile                              (dist/tidekeeper)";

const NEXT = [
  "  on a cluster     tidekeeper manifests | kubectl apply -f -",
  "  from a laptop    tidekeeper run --kubeconfig ~/.kube/config --mode observe --leader-elect=false    (writes nothing)",
  "  your own drift   tidekeeper demo --plugin examples/reopen-gate.ts             (docs/plugins.md)",
  "  look around      tidekeeper demo --keep                                       (health and metrics stay up)",
  "  when paged       docs/operations.md",
];
