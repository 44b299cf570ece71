/** Makes a failing seed smaller while it still fails in the same way: fewer faults, fewer nodes, less time. */
import type { SeedOptions } from "./seed.ts";

/** What two runs have in common that fail alike: the code, and the first word where a code has several laws. */
export function kindOf(breach: string): string {
  const [code = "", word = ""] = breach.split(" ");
  return word.endsWith(":") && code === "owned" ? `${code} ${word}` : code;
}

/** The smallest that was found in so many tries. `fails`: whether a run breaks the same. */
export function shrink(options: SeedOptions, fails: (smaller: SeedOptions) => boolean, tries = 60): SeedOptions {
  let best = options;
  let left = tries;
  const attempt = (smaller: SeedOptions): boolean => {
    if (left <= 0) return false;
    left -= 1;
    const isSo = fails(smaller);
    if (isSo) best = smaller;
    return isSo;
  };
  for (let size = Math.ceil(best.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.faults.length;) {
      const faults = best.faults.toSpliced(at, size);
      if (!attempt({ ...best, faults })) at += size;
    }
  }
  for (const nodes of [1, 2, 3, 5]) if (nodes < best.nodes && attempt({ ...best, nodes })) break;
  for (const minutes of [1, 2, 4, 6]) if (minutes < best.minutes && attempt({ ...best, minutes })) break;
  return best;
}

/** The command that runs it again. `usual`: what the seed alone would mean. */
export function replayLine(options: SeedOptions, usual: SeedOptions): string {
  const more = [
    options.nodes === usual.nodes ? "" : ` --nodes ${options.nodes}`,
    options.minutes === usual.minutes ? "" : ` --minutes ${options.minutes}`,
    options.faults.join() === usual.faults.join() ? "" : ` --faults "${options.faults.join(",")}"`,
  ];
  return `bun run simulate --seed ${options.seed}${more.join("")}`;
}
