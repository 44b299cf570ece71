/** What is no flag: names of SeiNodes, a shell. Mistakes are added to the problems. */
import type { Shell } from "./laptop-config.ts";
import { nearest } from "./nearest.ts";

/** As kubectl takes them: `seinode/rpc-0` is `rpc-0`, and names and a selector exclude each other. */
export function nodeNames(words: readonly string[], selector: string | null, problems: string[]): readonly string[] {
  const [first] = words;
  if (first !== undefined && selector !== null) {
    problems.push(`--selector: got it with the name ${JSON.stringify(first)}, want one of the two`);
  }
  return [...new Set(words.map((word) => nameOf(word, problems)))];
}

/** One name, and no more. */
export function oneNodeName(command: string, words: readonly string[], problems: string[]): string {
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

/** The shell that is meant. */
export function shellName(words: readonly string[], problems: string[]): Shell {
  const [word = "", ...more] = words;
  const shell = SHELLS.find((one) => one === word);
  if (shell !== undefined && more.length === 0) return shell;
  const meant = nearest(word, SHELLS);
  const hint = meant === null || word === "" ? "" : `. Did you mean ${meant}?`;
  const got = words.length === 0 ? "no shell" : JSON.stringify(words.join(" ").slice(0, 64));
  problems.push(`completion: got ${got}, want one of ${SHELLS.join(", ")}${hint}`);
  return "bash";
}
