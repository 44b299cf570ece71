/** Keeps the credential of a kubeconfig's program fresh. */
import type { Connection, ConnectionPorts } from "./connection.ts";
import { type ExecCredential, execCredential, type ExecPlan } from "./exec-credential.ts";

/** A credential is asked for again this long before it ends, beside the requests: it serves to its end. */
const EARLY_MS = 60_000;
/** A program that gave nothing new, or failed, is not asked more often than this while the present one is good. */
const AGAIN_MS = 5000;
/** Nor more often than this where the credential it gives is already expired. */
const HASTE_MS = 1000;

/** The credential of a program over time. Both questions run it at most once at a time, and share what it gave. */
export interface ExecCredentials {
  readonly authorization: Connection["authorization"];
  /**
   * For the handshake. A refused token says nothing about a certificate, so `force` counts only where there is no token.
   * Asked beside the requests, once a minute: it waits for the program and throws what that fails with, so that it is
   * told while there is time.
   */
  renewed(force: boolean): Promise<ExecCredential>;
}

/**
 * Runs the program when first asked, when its credential is about to end, and when one was refused. A request waits for
 * it only where there is no good credential: a program may be slow, hand out what it has cached, or fail for a while.
 */
export function execCredentials(plan: ExecPlan, ports: ConnectionPorts): ExecCredentials {
  const { clock } = ports;
  let known: ExecCredential | null = null;
  let running: Promise<ExecCredential> | null = null;
  let last = { at: Number.NEGATIVE_INFINITY, isFailure: false };
  const run = async (): Promise<ExecCredential> => {
    let isFailure = true;
    try {
      known = await execCredential(plan, ports);
      isFailure = false;
      return known;
    } finally {
      last = { at: clock.mono(), isFailure };
      running = null;
    }
  };
  const asked = (): Promise<ExecCredential> => (running ??= run());
  const leftMs = ({ until }: ExecCredential): number =>
    until === null ? Number.POSITIVE_INFINITY : until - clock.wall();
  return {
    async authorization(force) {
      const { token } = await (known === null || force ? asked() : serving(known));
      return token === null ? null : `Bearer ${token}`;
    },
    async renewed(force) {
      if (known === null || leftMs(known) < EARLY_MS || (force && known.token === null)) return asked();
      return known;
    },
  };

  /** The present one to its end; the next one is asked for meanwhile. */
  async function serving(present: ExecCredential): Promise<ExecCredential> {
    const sinceMs = clock.mono() - last.at;
    if (leftMs(present) <= 0) return last.isFailure || sinceMs >= HASTE_MS ? asked() : present;
    // `renewed` reports why it failed.
    if (leftMs(present) < EARLY_MS && sinceMs >= AGAIN_MS) asked().catch(() => undefined);
    return present;
  }
}
