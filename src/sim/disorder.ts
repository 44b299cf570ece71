/** What is out of order in a simulated cluster: watches gone silent, proxies in a sidecar's place, admission that meddles. */
import { failure } from "./api-reply.ts";
import type { JsonObject } from "../base/index.ts";
import { textIn } from "./json-path.ts";
import { qualifiedName } from "./resource.ts";
import type { Admitted, Review } from "./write.ts";

/** Which watches: all of a kind, or those that select one name. */
export interface WatchOf {
  /** Resource name in paths. */
  readonly plural: string;
  readonly name?: string;
}

/** Who answers in a sidecar's place. `tasks` = the sidecar itself, whose list of tasks cannot be read. */
export type Veil = "envoy" | "empty" | "status" | "html" | "tasks";

/** Asked for each write; null = it has nothing to say. */
export type Policy = (review: {
  readonly operation: Review["operation"];
  /** Resource name in paths. */
  readonly plural: string;
  readonly object: JsonObject;
}) => AdmissionVerdict | null;

/** What admission does with a write. */
export type AdmissionVerdict =
  | { readonly denied: string; readonly status: 403 | 422 }
  | { readonly instead: JsonObject };

interface OpenWatch extends WatchOf {
  /** When it fell silent; infinite while it has not. */
  deadFrom: number;
}

interface Silence {
  readonly of: WatchOf;
  readonly until: number;
  readonly graceMs: number;
}

/** The state of disorder of one cluster. */
export class Disorder {
  readonly #mono: () => number;
  readonly #watches = new Set<OpenWatch>();
  readonly #silences: Silence[] = [];
  #policy: Policy = () => null;

  constructor(mono: () => number) {
    this.#mono = mono;
  }

  /**
   * For `ms` nothing comes over these watches, open ones and new ones, each of which is heard for `graceMs` first. One
   * that was silent once stays so: no bytes, no end.
   */
  silence(of: WatchOf, ms: number, graceMs = 0): void {
    const now = this.#mono();
    this.#silences.push({ of, until: now + ms, graceMs });
    for (const watch of this.#watches) if (isMeant(of, watch)) watch.deadFrom = Math.min(watch.deadFrom, now);
  }

  /** Notes an open watch; the returned functions say whether it is dead, and forget it. */
  opened(watch: WatchOf): { readonly isDead: () => boolean; readonly forget: () => void } {
    const now = this.#mono();
    const silence = this.#silences.find(({ of, until }) => until > now && isMeant(of, watch));
    const open: OpenWatch = { ...watch, deadFrom: now + (silence?.graceMs ?? Number.POSITIVE_INFINITY) };
    this.#watches.add(open);
    return { isDead: () => this.#mono() >= open.deadFrom, forget: () => void this.#watches.delete(open) };
  }

  /** From now on this policy alone is asked. */
  admission(policy: Policy | null): void {
    this.#policy = policy ?? (() => null);
  }

  /** Asks the policy about a write. */
  readonly admit = ({ operation, resource, object }: Review): Admitted => {
    const said = this.#policy({ operation, plural: resource.plural, object });
    if (said === null) return { object };
    if ("instead" in said) return { object: said.instead };
    const name = textIn(object, "metadata", "name");
    const { denied, status } = said;
    // 422 Invalid is what a ValidatingAdmissionPolicy says unless it names another reason.
    const why = `${qualifiedName(resource)} "${name}" is forbidden: ${denied}`;
    const group = resource.group === "" ? {} : { group: resource.group };
    const reason = status === 422 ? "Invalid" : "Forbidden";
    const causes = [{ message: denied }];
    return { refused: failure(status, reason, why, { name, ...group, kind: resource.plural, causes }) };
  };
}

function isMeant(of: WatchOf, watch: WatchOf): boolean {
  return of.plural === watch.plural && (of.name === undefined || of.name === watch.name);
}

/** What comes in place of the sidecar's answer; null = the sidecar answers. */
export function veiled(veil: Veil | null, path: string): { readonly status: number; readonly text: string } | null {
  switch (veil) {
    case null:
      return null;
    case "tasks":
      return path.startsWith("/v0/tasks") ? { status: 500, text: "database is locked\n" } : null;
    case "empty":
      return { status: 503, text: "" };
    case "envoy": {
      const text = "upstream connect error or disconnect/reset before headers. reset reason: connection refused";
      return { status: 503, text };
    }
    case "html":
      return { status: 503, text: "<html><body><h1>503 Service Unavailable</h1></body></html>\n" };
    case "status":
      return {
        status: 503,
        text: JSON.stringify(failure(503, "ServiceUnavailable", "the server is shutting down").body),
      };
  }
}
