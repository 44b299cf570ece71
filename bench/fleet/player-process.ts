/** The benchmark's hand on the process that plays a big fleet's sidecars. */
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import { type PlayedSidecar, PLAYER_PORT, type PlayerOrder } from "./player-orders.ts";

/** Orders take effect before the promise resolves. */
export interface Player {
  readonly pid: number;
  /** `ownListeners`: before one is up, connections to it are refused. All of them the same way. */
  add(nodes: readonly { readonly name: string; readonly ip: string }[], ownListeners: boolean): Promise<void>;
  replace(next: Omit<Extract<PlayerOrder, { do: "replace" }>, "do">): Promise<void>;
  shut(ips: readonly string[]): Promise<void>;
  hang(ips: readonly string[], hangs: boolean): Promise<void>;
  /** Counts the probes of these from nothing. */
  forget(ips: readonly string[]): Promise<void>;
  tell(ips: readonly string[]): Promise<readonly (PlayedSidecar | null)[]>;
  /** Probes of all sidecars so far, and how many of these were never asked, or not marked ready since they were shut. */
  probes(
    ips: readonly string[],
  ): Promise<{ readonly probes: number; readonly unseen: number; readonly unmarked: number }>;
  kill(): void;
}

/** Starts it; resolves when it takes orders. */
export async function startPlayer(): Promise<Player> {
  const script = new URL("player.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, script], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  await child.stdout.getReader().read();
  return {
    pid: child.pid,
    add: async (nodes, ownListeners) => void (await order({ do: "add", nodes, ownListeners })),
    replace: async (next) => void (await order({ do: "replace", ...next })),
    shut: async (ips) => void (await order({ do: "shut", ips })),
    hang: async (ips, hangs) => void (await order({ do: "hang", ips, hangs })),
    forget: async (ips) => void (await order({ do: "forget", ips })),
    tell: (ips) => order({ do: "tell", ips }),
    probes: (ips) => order({ do: "probes", ips }),
    kill: () => child.kill("SIGKILL"),
  };
}

async function order<T>(what: PlayerOrder): Promise<T> {
  const reply = await fetch(`http://127.0.0.1:${PLAYER_PORT}/`, { method: "POST", body: JSON.stringify(what) });
  if (!reply.ok) throw new Error(`the player refused ${what.do}: ${reply.status}`);
  return takenAs<T>(await reply.json());
}
