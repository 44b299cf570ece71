/**
 * Waiting for sidecars that do not answer yet, outside of passes: a refused connection costs far less than a pass, and a
 * sidecar that does not listen can only be asked again. The first answer makes the node's next pass due; nothing is
 * decided here. Source: docs/design/0001-the-loop.md.
 */
import { namespaceOf, type NodeKey, type SidecarHealth } from "../model/index.ts";
import { askAgainMs, type NodeMemory, probeDeadlineMs } from "./node-memory.ts";
import type { PassPorts, SidecarAddress } from "./ports.ts";
import type { Clock, Timers } from "../base/index.ts";

/** Nodes whose sidecar is waited for, by UID; at most one question each is under way. */
export interface SidecarWaits {
  /** Nodes that are waited for. */
  readonly size: number;
  /** Asks from now on, until there is an answer, `end`, or it was long enough since the last Pod event. */
  begin(who: Waiting): void;
  /** No more questions, and no answer to one that is under way. */
  end(uid: string): void;
}

/** Whose sidecar is waited for. */
export interface Waiting {
  readonly key: NodeKey;
  readonly address: SidecarAddress;
  readonly memory: NodeMemory;
}

/** What a gate answered, and when it was asked (monotonic milliseconds). */
export interface WaitAnswer {
  readonly health: Extract<SidecarHealth, { state: "ready" | "notReady" }>;
  readonly askedAt: number;
}

/** What waits are built from. */
export interface SidecarWaitsOptions {
  readonly ports: Pick<PassPorts, "ask">;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called once at the answer; the wait is over then. */
  readonly answered: (who: Waiting, answer: WaitAnswer) => void;
}

/** Waits for nobody yet. */
export function createSidecarWaits({ ports, clock, timers, answered }: SidecarWaitsOptions): SidecarWaits {
  const waits = new Map<string, Wait>();
  const end = (uid: string): void => {
    const wait = waits.get(uid);
    waits.delete(uid);
    wait?.abort.abort();
    wait?.cancel();
  };
  const askLater = (wait: Wait): void => {
    const { memory } = wait.who;
    const ms = askAgainMs(memory, clock.mono(), waits.size);
    if (ms === null) return end(memory.uid);
    wait.cancel = timers.after(ms, () => void ask(wait));
  };
  const ask = async (wait: Wait): Promise<void> => {
    const { who, abort } = wait;
    const where = { namespace: namespaceOf(who.key), address: who.address };
    const limits = { deadlineMs: probeDeadlineMs(who.memory, clock.mono()), signal: abort.signal };
    const askedAt = clock.mono();
    const health = await ports.ask(where, limits);
    if (abort.signal.aborted) return;
    // Anything but an open or a shut gate is waited out.
    if (health.state !== "ready" && health.state !== "notReady") return askLater(wait);
    waits.delete(who.memory.uid);
    answered(who, { health, askedAt });
  };
  return {
    get size() {
      return waits.size;
    },
    begin(who) {
      end(who.memory.uid);
      const wait: Wait = { who, abort: new AbortController(), cancel: () => undefined };
      waits.set(who.memory.uid, wait);
      askLater(wait);
    },
    end,
  };
}

interface Wait {
  readonly who: Waiting;
  readonly abort: AbortController;
  cancel: () => void;
}
