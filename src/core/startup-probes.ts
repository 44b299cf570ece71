/**
 * Startup probes. A sidecar that does not answer yet is probed again between reconciles: a refused connection costs far less
 * than a reconcile, and no event tells when a sidecar begins to listen. The first answer makes the next reconcile due;
 * nothing is decided here. Source: docs/design/0001-the-loop.md.
 */
import { namespaceOf, type NodeKey, type SidecarHealth } from "../model/index.ts";
import { askAgainMs, probeDeadlineMs } from "./probe-pace.ts";
import type { NodeMemory } from "./node-memory.ts";
import type { SidecarAddress, Sidecars } from "./ports.ts";
import type { Clock, Timers } from "../base/index.ts";

/** The nodes whose sidecar is asked on, by UID; at most one question each is under way. */
export interface StartupProbes {
  /** Nodes that are waited for. */
  readonly size: number;
  /** Asks from now on, until there is an answer, `end`, or it was long enough since the last Pod event. */
  begin(who: ProbedNode): void;
  /** No more questions, and no answer to one that is under way. */
  end(uid: string): void;
}

/** Whose sidecar is asked. */
export interface ProbedNode {
  readonly key: NodeKey;
  readonly address: SidecarAddress;
  readonly memory: NodeMemory;
}

/** What a gate answered, and when it was asked (monotonic milliseconds). */
export interface StartupAnswer {
  readonly health: Extract<SidecarHealth, { state: "ready" | "notReady" }>;
  readonly askedAt: number;
}

/** What they are built from. */
export interface StartupProbesOptions {
  readonly sidecars: Pick<Sidecars, "probe">;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called once at the answer; nobody is asked any more then. */
  readonly answered: (who: ProbedNode, answer: StartupAnswer) => void;
}

/** Asks nobody yet. */
export function createStartupProbes({ sidecars, clock, timers, answered }: StartupProbesOptions): StartupProbes {
  const probes = new Map<string, StartupProbe>();
  const end = (uid: string): void => {
    const probe = probes.get(uid);
    probes.delete(uid);
    probe?.abort.abort();
    probe?.cancel();
  };
  const askLater = (probe: StartupProbe): void => {
    const { memory } = probe.who;
    const ms = askAgainMs(memory, clock.mono(), probes.size);
    if (ms === null) return end(memory.uid);
    probe.cancel = timers.after(ms, () => void ask(probe));
  };
  const ask = async (probe: StartupProbe): Promise<void> => {
    const { who, abort } = probe;
    const where = { namespace: namespaceOf(who.key), address: who.address };
    const limits = { deadlineMs: probeDeadlineMs(who.memory, clock.mono()), signal: abort.signal };
    const askedAt = clock.mono();
    const health = await sidecars.probe(where, limits);
    if (abort.signal.aborted) return;
    // Anything but an open or a shut gate is waited out.
    if (health.state !== "ready" && health.state !== "notReady") return askLater(probe);
    probes.delete(who.memory.uid);
    answered(who, { health, askedAt });
  };
  return {
    get size() {
      return probes.size;
    },
    begin(who) {
      end(who.memory.uid);
      const probe: StartupProbe = { who, abort: new AbortController(), cancel: () => undefined };
      probes.set(who.memory.uid, probe);
      askLater(probe);
    },
    end,
  };
}

interface StartupProbe {
  readonly who: ProbedNode;
  readonly abort: AbortController;
  cancel: () => void;
}
