/** Reads files, with a cap on their size. */
import { open, stat } from "node:fs/promises";
import type { Files, FileStat, FileText } from "./world.ts";

/** A file no larger than this is read when no limit is given: 16 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The real file system. */
export const files: Files = {
  readText,
  stat: statOf,
  exists: async (path) => (await statOf(path)) !== null,
};

async function readText(
  path: string,
  { maxBytes = MAX_BYTES }: { readonly maxBytes?: number } = {},
): Promise<FileText> {
  try {
    await using file = await open(path, "r");
    // One byte past the limit tells a file that grows, or a device without an end, from one that fits.
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, maxBytes + 1 - bytes));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return { ok: true, text: Buffer.concat(chunks).toString("utf8") };
      bytes += bytesRead;
      if (bytes > maxBytes) {
        return {
          ok: false,
          code: "TOO_LARGE",
          message: `read ${path}: got more than ${maxBytes} bytes, want a smaller file`,
        };
      }
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    if (code === "ENOENT" || code === "ENOTDIR") {
      return { ok: false, code: "MISSING", message: `read ${path}: got no such file, want one that can be read` };
    }
    return { ok: false, code: "UNREADABLE", message: `read ${path}: got ${code}, want a file that can be read` };
  }
}

async function statOf(path: string): Promise<FileStat | null> {
  try {
    const found = await stat(path);
    const kind = found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
    return { kind, bytes: found.size, modifiedAtMs: found.mtimeMs, mode: found.mode & 0o7777 };
  } catch {
    return null;
  }
}
