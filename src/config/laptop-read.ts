/** From flags and words to what a command that only looks was asked for. */
import type { Take } from "./flag.ts";
import { FLAGS } from "./flags.ts";
import { LAPTOP_FLAGS } from "./laptop-commands.ts";
import type { Cluster, Judging, LaptopConfig, Shell } from "./laptop-config.ts";
import { nearest } from "./nearest.ts";

/** What was given. */
export interface Given {
  readonly take: Take;
  /** The namespace that was named; null = none, or all of them. */
  readonly namespace: string | null;
  /** What was no flag. */
  readonly words: readonly string[];
  readonly problems: string[];
}

/** The configuration of a command; mistakes are added to the problems. */
export function laptopConfig(command: Exclude<LaptopConfig["command"], "__complete">, given: Given): LaptopConfig {
  const { take } = given;
  switch (command) {
    case "drift": {
      const [selector, output] = [take(FLAGS.selector), take(LAPTOP_FLAGS.listOutput)];
      return { command, ...cluster(given), ...judging(take), selector, output, nodes: names(given, selector) };
    }
    case "explain": {
      const output = take(LAPTOP_FLAGS.textOutput);
      return { command, ...cluster(given), ...judging(take), output, node: oneName(command, given) };
    }
    case "history":
      return { command, ...cluster(given), output: take(LAPTOP_FLAGS.tableOutput), node: oneName(command, given) };
    case "get": {
      const [selector, output] = [take(FLAGS.selector), take(LAPTOP_FLAGS.listOutput)];
      const nodes = names(given, selector);
      return { command, ...cluster(given), selector, output, nodes, watch: take(LAPTOP_FLAGS.watch) };
    }
    case "doctor":
      return {
        command,
        ...cluster(given),
        sidecarTransport: take(FLAGS.sidecarTransport),
        leaderElectNamespace: take(LAPTOP_FLAGS.leaseNamespace),
        plugins: take(FLAGS.plugins),
        output: take(LAPTOP_FLAGS.textOutput),
      };
    case "completion":
      return { command, shell: shellOf(given) };
  }
}

function cluster({ take, namespace }: Given): Cluster {
  const isEverywhere = take(LAPTOP_FLAGS.allNamespaces) && namespace === null;
  return { kubeconfig: take(FLAGS.kubeconfig), context: take(FLAGS.context), namespace, isEverywhere };
}

function judging(take: Take): Judging {
  return {
    plugins: take(FLAGS.plugins),
    detectors: take(FLAGS.detectors),
    sidecarTransport: take(FLAGS.sidecarTransport),
    platformConfig: take(FLAGS.platformConfig),
  };
}

/** As kubectl takes them: `seinode/rpc-0` is `rpc-0`, and names and a selector exclude each other. */
function names({ words, problems }: Given, selector: string | null): readonly string[] {
  const [first] = words;
  if (first !== undefined && selector !== null) {
    problems.push(`--selector: got it with the name ${JSON.stringify(first)}, want one of the two`);
  }
  return [...new Set(words.map((word) => nameOf(word, problems)))];
}

function oneName(command: string, { words, problems }: Given): string {
  const [first, ...more] = words;
  for (const word of more) problems.push(`${JSON.stringify(word)}: got another name, want one SeiNode`);
  if (first !== undefined) return nameOf(first, problems);
  problems.push(`${command}: got no name, want that of a SeiNode, such as tidekeeper ${command} rpc-0`);
  return "";
}

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

function nameOf(word: string, problems: string[]): string {
  const name = word.replace(/^(?:seinodes?|snode)(?:\.sei\.io)?\//, "");
  if (!NAME.test(name))
    problems.push(
      `${JSON.stringify(word.slice(0, 64))}: got no name of an object, want letters, digits, dashes and dots in lower case`,
    );
  return name;
}

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

function shellOf({ words, problems }: Given): Shell {
  const [word = "", ...more] = words;
  const shell = SHELLS.find((one) => one === word);
  if (shell !== undefined && more.length === 0) return shell;
  const meant = nearest(word, SHELLS);
  const hint = meant === null || word === "" ? "" : `. Did you mean ${meant}?`;
  const got = words.length === 0 ? "no shell" : JSON.stringify(words.join(" ").slice(0, 64));
  problems.push(`completion: got ${got}, want one of ${SHELLS.join(", ")}${hint}`);
  return "bash";
}
