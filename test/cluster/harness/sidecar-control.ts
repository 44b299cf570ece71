/** The tests' hand on the sidecars: how they behave, their gates, and what they wrote down. */
import { type Behaviour, CONTROL_PORT, type Life, type Selection } from "./sidecar-journal.ts";
import { takenAs } from "./taken-as.ts";
import type { Order } from "./sidecars.ts";

/** Orders take effect before the promise resolves. A selection left out means every sidecar of the cluster. */
export interface SidecarControl {
  /** From now on, also in later lives. */
  readonly behave: (behaviour: Partial<Behaviour>, selection?: Selection) => Promise<void>;
  /** Shuts gates behind everybody's back, as a restarted process would have them; returns how many. */
  readonly shut: (selection?: Selection) => Promise<number>;
  /** Opens gates without a task; returns how many. */
  readonly open: (selection?: Selection) => Promise<number>;
  /** Every life so far, oldest first. */
  readonly lives: (selection?: Selection) => Promise<readonly Life[]>;
}

/** The sidecars of the running test cluster. */
export const sidecarControl: SidecarControl = {
  behave: async (behaviour, selection = {}) => {
    await order({ do: "behave", selection, behaviour });
  },
  shut: async (selection = {}) => (await order<{ count: number }>({ do: "gates", selection, open: false })).count,
  open: async (selection = {}) => (await order<{ count: number }>({ do: "gates", selection, open: true })).count,
  lives: (selection = {}) => order<readonly Life[]>({ do: "lives", selection }),
};

async function order<T>(what: Order): Promise<T> {
  const reply = await fetch(`http://127.0.0.1:${CONTROL_PORT}/`, { method: "POST", body: JSON.stringify(what) });
  if (!reply.ok) throw new Error(`the sidecars refused ${what.do}: ${reply.status}`);
  return takenAs<T>(await reply.json());
}
