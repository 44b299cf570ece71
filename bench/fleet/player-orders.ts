/** What is agreed between the benchmark and the process that plays a big fleet's sidecars. */

/** Where orders are taken. */
export const PLAYER_PORT = 7072;
/** Where sidecars listen. */
export const SIDECAR_PORT = 7777;

/** One order. Sidecars are named by their addresses. */
export type PlayerOrder =
  /** Sidecars that are up, gates open. */
  | {
      readonly do: "add";
      readonly nodes: readonly { readonly name: string; readonly ip: string }[];
      readonly ownListeners: boolean;
    }
  /** One ends; the next, with its gate shut, is up after so long. */
  | {
      readonly do: "replace";
      readonly name: string;
      readonly from: string;
      readonly ip: string;
      readonly afterMs: number;
    }
  | { readonly do: "shut"; readonly ips: readonly string[] }
  | { readonly do: "hang"; readonly ips: readonly string[]; readonly hangs: boolean }
  /** As if nobody had asked them yet. */
  | { readonly do: "forget"; readonly ips: readonly string[] }
  | { readonly do: "tell"; readonly ips: readonly string[] }
  /** Probes of all so far, and how many of these were never asked, or not marked ready. */
  | { readonly do: "probes"; readonly ips: readonly string[] };

/** What a sidecar has seen; times are Unix milliseconds, null = not yet. */
export interface PlayedSidecar {
  readonly name: string;
  readonly probes: number;
  readonly shutAt: number | null;
  /** The first 503. */
  readonly firstSeenShutAt: number | null;
  /** From here on connections are taken; null for one that was there from the start. */
  readonly listeningAt: number | null;
  /** The accepted `mark-ready` since the gate was last shut. */
  readonly markedAt: number | null;
  /** Ids of all tasks it was ever given, in order. */
  readonly tasks: readonly string[];
}

/** Unix milliseconds with fractions: to compare processes of one machine. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
