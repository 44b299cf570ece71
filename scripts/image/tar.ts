/** A tar archive whose bytes follow from its content alone: names sorted, one time for all, root's, no machine's traces. */

/** A file, or a folder where `bytes` is null. Names are relative, folders without the slash. */
export interface TarEntry {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Uint8Array | null;
}

const BLOCK = 512;

/** The archive, in the POSIX format (ustar). Folders that files stand in have to be given. */
export function tar(entries: readonly TarEntry[], mtimeSeconds: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    blocks.push(header(entry, mtimeSeconds));
    if (entry.bytes !== null) blocks.push(entry.bytes, new Uint8Array(padding(entry.bytes.length)));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return new Uint8Array(Buffer.concat(blocks));
}

function padding(length: number): number {
  return (BLOCK - (length % BLOCK)) % BLOCK;
}

function header({ name, mode, bytes }: TarEntry, mtimeSeconds: number): Uint8Array {
  const path = bytes === null ? `${name}/` : name;
  if (path.length > 100) throw new Error(`tar: name: got ${path.length} characters, want 100 at most: ${path}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number): void => {
    block.write(value.toString(8).padStart(width - 1, "0"), at, "ascii");
  };
  block.write(path, 0, "ascii");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes?.length ?? 0, 124, 12);
  octal(mtimeSeconds, 136, 12);
  block.write(bytes === null ? "5" : "0", 156, "ascii");
  block.write("ustar\u000000", 257, "ascii");
  // The sum is made with blanks in its own place.
  block.fill(" ", 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "ascii");
  return block;
}
