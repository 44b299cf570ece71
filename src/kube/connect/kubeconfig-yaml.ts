/** YAML as kubectl reads it: the first document counts, and of a key that is there twice the last value. */
import { parseAllDocuments } from "yaml";

/** What the text holds, with a line for a user about what was passed over; or why it cannot be read. */
export type YamlReading = { readonly value: unknown; readonly notes: readonly string[] } | { readonly fault: string };

/** Reads one file. */
export function readYaml(text: string): YamlReading {
  const [first, ...others] = parseAllDocuments(text, { logLevel: "error", merge: true });
  if (first === undefined) return { value: null, notes: [] };
  const error = first.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (error !== undefined) return { fault: wordsOf(error.message) };
  const twice = first.errors.map(({ linePos }) => `line ${linePos?.[0].line ?? 1}`);
  try {
    const notes = [
      ...(twice.length === 0 ? [] : [`${twice.join(", ")}: a key is there twice; the last value counts. Remove one`]),
      ...(others.length === 0
        ? []
        : [`only the first of ${others.length + 1} documents is read. Remove what follows ---`]),
    ];
    return { value: first.toJS({ maxAliasCount: 100 }), notes };
  } catch (cause) {
    return { fault: cause instanceof ReferenceError ? wordsOf(cause.message) : "it cannot be parsed" };
  }
}

function wordsOf(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/:$/, "").slice(0, 200);
}
