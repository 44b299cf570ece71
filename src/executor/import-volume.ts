/** The data volume of a node that imports its claim: read, judged, noted; nothing of it is ever written. */
import { type ConditionVerdict, type NodeStatus, type Outcome, type TaskContext, verdict } from "../model/index.ts";
import {
  claimFault,
  contentionOf,
  type ImportedClaim,
  type ImportFault,
  type ImportWish,
  volumeFault,
} from "../seinode/read/index.ts";
import { again, fail, failureOutcome } from "./outcomes.ts";
import type { ExecutorPorts, ImportPort, Reply } from "./ports.ts";

/** No watch tells of an imported claim: it is read again this often, at first and later. */
const SOON_MS = 1000;
const LATER_MS = 10_000;

/**
 * Waits until the claim will do and nobody else is about to take it, and notes its UID. Fails with `IMPORT_INVALID` when it
 * never will. Before it is `done` two writes are stored, each by an `again`: the reservation, which others then read, and
 * the volume itself, so that nothing is made on a claim that another could still find free.
 */
export async function importVolume(context: TaskContext, wish: ImportWish, imports: ImportPort): Promise<Outcome> {
  const say = sayingOf(context, wish);
  const found = await fitClaim(context, { wish, imports, say });
  if (!("claim" in found)) return endReservation(context, found.unfit);
  const volume = { claimName: wish.name, uid: found.claim.uid };
  const { dataVolume, reservedVolume } = context.node.status;
  if (dataVolume?.claimName === wish.name) {
    const condition = importReady("True", "PVCValidated", `claim ${wish.name}: it is bound, and its volume is there`);
    return { kind: "done", status: { dataVolume: volume }, condition };
  }
  if (reservedVolume?.claimName === wish.name && reservedVolume.uid === volume.uid) {
    return taken(context, { volume, imports, say });
  }
  return { ...again(0, `claim ${wish.name}: it is reserved first`), status: { reservedVolume: volume } };
}

interface Saying {
  readonly notYet: (why: string) => Outcome;
  readonly fault: (fault: ImportFault) => Outcome;
}

function sayingOf({ sinceStartMs }: TaskContext, { name }: ImportWish): Saying {
  const notYet = (why: string): Outcome => ({
    ...again(sinceStartMs < 60_000 ? SOON_MS : LATER_MS, `claim ${name}: ${why}`),
    condition: importReady("False", "PVCNotReady", `claim ${name}: ${why}`),
  });
  const never = (why: string): Outcome => ({
    ...fail("IMPORT_INVALID", `claim ${name}: ${why}`),
    condition: importReady("False", "PVCInvalid", `claim ${name}: ${why}`),
  });
  return { notYet, fault: ({ isFinal, why }) => (isFinal ? never(why) : notYet(why)) };
}

interface ClaimCheck {
  readonly wish: ImportWish;
  readonly imports: ImportPort;
  readonly say: Saying;
}

/** The claim, where it will do. */
async function fitClaim(
  { node }: TaskContext,
  { wish, imports, say }: ClaimCheck,
): Promise<{ readonly claim: ImportedClaim } | { readonly unfit: Outcome }> {
  const rival = imports.rival(node);
  if (rival !== null) return { unfit: say.fault({ isFinal: !rival.isLeaving, why: `${rival.who} uses it` }) };
  const found = await imports.claim(node);
  if (found.kind !== "ok" && found.kind !== "notFound") return { unfit: say.notYet(unread(found)) };
  const claim = found.kind === "ok" ? found.value : null;
  const fault = claimFault(claim, wish);
  if (fault !== null || claim === null)
    return { unfit: say.fault(fault ?? { isFinal: false, why: "it is not there" }) };
  const volume = await imports.volume(claim.volumeName ?? "");
  if (volume.kind !== "ok" && volume.kind !== "notFound") {
    return { unfit: say.notYet(`volume ${claim.volumeName ?? ""}: ${unread(volume)}`) };
  }
  const unfit = volumeFault(claim, volume.kind === "ok" ? volume.value : null);
  return unfit === null ? { claim } : { unfit: say.fault(unfit) };
}

/** With the reservation stored, the others of the namespace are read live: a mirror may not know of one yet. */
async function taken(
  context: TaskContext,
  { volume, imports, say }: Omit<ClaimCheck, "wish"> & { readonly volume: NonNullable<NodeStatus["dataVolume"]> },
): Promise<Outcome> {
  const others = await imports.neighbours(context.node);
  if (others.kind !== "ok") return say.notYet("who else imports it could not be read");
  const contention = contentionOf(context.node, volume.claimName, others.value);
  switch (contention.kind) {
    case "free":
      return {
        ...again(0, `claim ${volume.claimName}: it is noted first`),
        status: { dataVolume: volume, reservedVolume: null },
      };
    case "contended":
      return say.notYet(`${contention.who} reserved it too`);
    case "taken":
      return endReservation(context, say.fault({ isFinal: !contention.isLeaving, why: `${contention.who} uses it` }));
  }
}

/** A reservation ends with what it was made for. */
function endReservation({ node }: TaskContext, outcome: Outcome): Outcome {
  if (!node.status.reservedVolume || (outcome.kind !== "again" && outcome.kind !== "failed")) return outcome;
  return { ...outcome, status: { ...outcome.status, reservedVolume: null } };
}

/** Right before a gate is opened: null when the node does not import, or still has its claim and has it to itself. */
export async function importLost({ node }: TaskContext, { imports }: ExecutorPorts): Promise<Outcome | null> {
  const wish = imports.wanted(node);
  if (wish === null) return null;
  const what = `claim ${wish.name}`;
  const rival = imports.rival(node);
  if (rival !== null) {
    const why = `${what}: ${rival.who} uses it; the gate stays shut`;
    return rival.isLeaving ? again(SOON_MS, why) : fail("DATA_VOLUME_SHARED", why);
  }
  const found = await imports.claim(node);
  if (found.kind === "notFound") return fail("DATA_VOLUME_LOST", `${what}: it is gone`);
  if (found.kind !== "ok") return failureOutcome(what, found);
  if (found.value.uid === node.status.dataVolume?.uid) return null;
  return fail("DATA_VOLUME_LOST", `${what}: it is not the one that init completed on`);
}

function importReady(
  status: "True" | "False",
  reason: "PVCValidated" | "PVCNotReady" | "PVCInvalid",
  message: string,
): ConditionVerdict {
  return verdict("ImportPVCReady", status, reason, message);
}

/** A request that failed; the words of the server, cut. */
function unread(reply: Exclude<Reply<unknown>, { kind: "ok" | "notFound" }>): string {
  return `it cannot be read: ${reply.why.slice(0, 200)}`;
}
