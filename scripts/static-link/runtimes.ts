/** The runtimes that this step was tried with: what they import, and what they ask dlsym for, is known of no other. */
import { type Elf, Refused, SEGMENT } from "./elf.ts";

/** Build ids by the runtime they stand for. linux-x64-baseline of 1.4.5 is the same file as linux-x64. */
export const RUNTIMES: ReadonlyMap<string, string> = new Map([
  ["b5188e4f53b53f3a346614bd78ba53f2ff234402", "Bun 1.4.5 linux-x64"],
  ["5083bf9e0903d7ce4c7a6658994812133637cbdc", "Bun 1.4.5 linux-arm64"],
]);

const BUILD_ID = 3;

/** The runtime in a compiled program. Refuses every other than those above. */
export function runtimeOf(elf: Elf): string {
  const id = buildIdOf(elf);
  const found = RUNTIMES.get(id ?? "");
  if (found !== undefined) return found;
  throw new Refused(
    `${elf.name}: build id: got ${id ?? "none"}, want that of ${[...RUNTIMES.values()].join(" or ")}. Another Bun? Run its programs through test/binary, then add it to scripts/static-link/runtimes.ts`,
  );
}

function buildIdOf({ headers, bytes, view }: Elf): string | null {
  for (const { type, offset, fileSize } of headers) {
    if (type !== SEGMENT.note) continue;
    // Each note: sizes of name and content, type, then both, padded to words.
    for (let at = offset; at + 12 <= offset + fileSize;) {
      const [nameSize, size, kind] = [0, 4, 8].map((field) => view.getUint32(at + field, true));
      const content = at + 12 + padded(nameSize ?? 0);
      if (kind === BUILD_ID) return bytes.subarray(content, content + (size ?? 0)).toHex();
      at = content + padded(size ?? 0);
    }
  }
  return null;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
