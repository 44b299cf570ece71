/**
 * JSON of the API server without `metadata.managedFields`: half of an object that most readers have no use for, and
 * cut out as text it costs a fraction of what parsing it costs.
 */
import { field } from "../../base/index.ts";

/** How a text becomes a value; throws where it is no JSON. */
export type ParseJson = (text: string) => unknown;

/** A quote inside a string is escaped, so this is always a field of its own. */
const BEGIN = '"managedFields":[';
const END = "}]";
/** Stands where something was cut, until it is known that it was no field of anybody else's. */
const CUT = '"managedFields":[null]';

/** `JSON.parse`, with every `metadata.managedFields` of an object, an event's or a list's, read as empty. */
export function parseLean(text: string): unknown {
  const lean = withoutManagedFields(text);
  if (lean === null) return JSON.parse(text);
  try {
    const value: unknown = JSON.parse(lean.text);
    // A field of that name may stand anywhere, such as in a tenant's spec, and there it is not ours to cut.
    return emptyCuts(value) === lean.cuts ? value : JSON.parse(text);
  } catch {
    // An END inside a string, such as the name of a manager. What follows such a cut begins inside quotes and so has the
    // next field's name outside of them, which no JSON has: it is always noticed.
    return JSON.parse(text);
  }
}

/** Null when there is nothing to cut. */
function withoutManagedFields(text: string): { readonly text: string; readonly cuts: number } | null {
  let at = text.indexOf(BEGIN);
  if (at < 0) return null;
  let lean = "";
  let told = 0;
  let cuts = 0;
  for (; at >= 0; at = text.indexOf(BEGIN, told)) {
    // The fields themselves are nested objects without a list, so the first END is theirs.
    const end = text.indexOf(END, at);
    if (end < 0 || !text.startsWith("{", at + BEGIN.length)) return null;
    lean += text.slice(told, at) + CUT;
    told = end + END.length;
    cuts += 1;
  }
  return { text: lean + text.slice(told), cuts };
}

/** Empties what was cut where an object's own `managedFields` stands; how many of those there are. */
function emptyCuts(value: unknown): number {
  const items = field(value, "items");
  const objects = [value, field(value, "object"), ...(Array.isArray(items) ? items : [])];
  let found = 0;
  for (const object of objects) {
    const fields = field(field(object, "metadata"), "managedFields");
    if (!Array.isArray(fields) || fields.length !== 1 || fields[0] !== null) continue;
    fields.pop();
    found += 1;
  }
  return found;
}
