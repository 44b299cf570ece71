/** What help says of the commands that only look. */

/** What help says of a command. */
export interface CommandWords {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Positional arguments in usage lines; empty when there are none. */
  readonly args: string;
  /** Command lines that help shows, each with what it is for. */
  readonly examples?: readonly (readonly [line: string, what: string])[];
  /** What its exit codes mean, where it has others than all; a line of help. */
  readonly exits?: string;
}

/** By the command. */
export const LAPTOP_WORDS = {
  drift: {
    summary: "which SeiNodes drift, and the plan each would get; writes nothing",
    args: "[NODE...]",
    examples: [
      ["tidekeeper drift -A", "every SeiNode of the cluster"],
      ["tidekeeper drift -n sei -l tier=rpc -o wide", "some of them, with what each detector says"],
      ["tidekeeper drift -A -o name", "names of those that drift alone, for scripts"],
      ["tidekeeper drift -n sei rpc-0 --plugin ./my-drift.ts", "one, judged by a detector of your own too"],
    ],
    exits: "0 no drift, 1 drift found, 2 anything else: wrong use, no permission, no cluster",
  },
  explain: {
    summary: "why nothing happens to a SeiNode: every reason in order, each with what it saw",
    args: "NODE",
    examples: [["tidekeeper explain -n sei rpc-0", "who leads, what is held, what each detector saw, and since when"]],
  },
  history: {
    summary: "past plans of a SeiNode and what came of them, with its Events",
    args: "NODE",
    examples: [["tidekeeper history -n sei rpc-0", "oldest first"]],
  },
  get: {
    summary: "the SeiNodes as their status says, as a table",
    args: "[NODE...]",
    examples: [
      ["tidekeeper get -A", "every SeiNode of the cluster"],
      ["tidekeeper get -n sei -w", "and each change of them, until Ctrl-C"],
    ],
  },
  doctor: {
    summary: "what keeps a controller from working here, each finding with its remedy",
    args: "",
    examples: [["tidekeeper doctor -A", "the cluster, the permissions, the Leases, the sidecars, OTLP and the clock"]],
    exits: "0 all is well, 1 something is not, 2 wrong use or configuration",
  },
  completion: {
    summary: "the script that makes a shell complete commands, flags and names of SeiNodes",
    args: "bash|zsh|fish",
    examples: [
      ["source <(tidekeeper completion bash)", "for this shell"],
      ["tidekeeper completion fish > ~/.config/fish/completions/tidekeeper.fish", "for every fish"],
    ],
  },
} as const satisfies Readonly<Record<string, CommandWords>>;
