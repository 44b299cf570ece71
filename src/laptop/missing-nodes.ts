/** Names that were asked for and are not there, each with the one that was perhaps meant. */
import { nearest } from "../config/index.ts";

/** A line for each name that is not among the known keys. */
export function missingNodes(
  wanted: readonly string[],
  known: readonly string[],
  { command, namespace }: { readonly command: string; readonly namespace: string | null },
): readonly string[] {
  const names = new Set(known.map((key) => key.slice(key.indexOf("/") + 1)));
  const where = namespace === null ? "any namespace" : `namespace ${namespace}`;
  return wanted
    .filter((name) => !names.has(name))
    .map((name) => {
      const meant = nearest(name, [...names]);
      const elsewhere = namespace === null ? "" : ". -n names another namespace";
      const hint = meant === null ? elsewhere : `. Did you mean ${meant}?`;
      return `${command}: ${name}: got no SeiNode of this name in ${where}, want a name that is there${hint}`;
    });
}
