/** Nobody works on one node twice at once, and nothing grows without a bound. */
import { type Invariant, nodeCommitted, statusPatchOf } from "./invariant.ts";

const STATUS_BYTES = 64 * 1024;
const TEXT_CHARS = 1024;
/** Questions to sidecars that one process may have under way. */
const PROBES = 256;

/** A process has one status write about a node under way. */
export function oneAtATime(): Invariant {
  const underWay = new Map<string, number>();
  return {
    code: "isolation",
    see(happening) {
      if (happening.kind !== "sent" && happening.kind !== "answered") return null;
      const node = statusPatchOf(happening.sent);
      if (node === null) return null;
      const key = `${happening.by} ${node}`;
      if (happening.kind === "answered") {
        if (underWay.get(key) === happening.number) underWay.delete(key);
        return null;
      }
      const isBusy = underWay.has(key);
      underWay.set(key, happening.number);
      return isBusy ? `${happening.by}: two writes of the status of ${node} at once` : null;
    },
  };
}

/** Status and its texts have a bound, and so have questions under way. */
export function bounded(): Invariant {
  const asked = new Map<string, number>();
  return {
    code: "bounds",
    see(happening) {
      const seen = nodeCommitted(happening);
      if (seen !== null) {
        const text = JSON.stringify(seen.node.status ?? {});
        if (text.length > STATUS_BYTES) return `${seen.node.metadata.name}: a status of ${text.length} bytes`;
        const long = text.length > TEXT_CHARS ? longestText(seen.node.status) : 0;
        return long > TEXT_CHARS ? `${seen.node.metadata.name}: a text of ${long} characters in status` : null;
      }
      if ((happening.kind !== "sent" && happening.kind !== "answered") || happening.sent.host === null) return null;
      const now = (asked.get(happening.by) ?? 0) + (happening.kind === "sent" ? 1 : -1);
      asked.set(happening.by, now);
      return now > PROBES ? `${happening.by}: ${now} questions to sidecars at once` : null;
    },
  };
}

function longestText(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Math.max(0, ...Object.values(value).map(longestText));
}
