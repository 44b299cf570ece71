import type { Connection, ConnectionPorts } from "./connection.ts";
import { type ExecCredential, execCredential, type ExecPlan } from "./exec-credential.ts";

/** A credential is asked for again this long before it ends. */
const EARLY_MS = 60_000;

/** The credential of a program over time. Both questions run it at most once at a time, and share what it gave. */
export interface ExecCredentials {
  readonly authorization: Connection["authorization"];
  /** For the handshake. A refused token says nothing about a certificate, so `force` counts only where there is no token. */
  renewed(force: boolean): Promise<ExecCredential>;
}

/** Runs the program when first asked, when its credential is about to end, and when one was refused. */
export function execCredentials(plan: ExecPlan, ports: ConnectionPorts): ExecCredentials {
  let known: ExecCredential | null = null;
  let running: Promise<ExecCredential> | null = null;
  const current = async (force: boolean): Promise<ExecCredential> => {
    if (known !== null && !force && !isEnding(known, ports)) return known;
    running ??= execCredential(plan, ports).finally(() => (running = null));
    known = await running;
    return known;
  };
  return {
    async authorization(force) {
      const { token } = await current(force);
      return token === null ? null : `Bearer ${token}`;
    },
    renewed: (force) => current(force && known?.token === null),
  };
}

function isEnding({ until }: ExecCredential, { clock }: ConnectionPorts): boolean {
  return until !== null && until - EARLY_MS < clock.wall();
}
