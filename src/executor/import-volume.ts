/** The data volume of a node that imports its claim: looked at, judged, noted; nothing of it is ever written. */
import type { ConditionVerdict } from "../core/node.ts";
import type { Outcome } from "../core/plan.ts";
import type { TaskContext } from "../core/ports.ts";
import { verdict } from "../core/verdicts.ts";
import { claimFault, type ImportFault, type ImportWish, volumeFault } from "../seinode/imported-claim.ts";
import { again, failed, unanswered } from "./outcomes.ts";
import type { ExecutorPorts, ImportPort, Reply } from "./ports.ts";

/** Nothing tells of an imported claim: it is read again this often, first and after a while. */
const SOON_MS = 1000;
const LATER_MS = 10_000;

/** Waits until the claim will do, and notes its UID. Fails with `IMPORT_INVALID` when it never will. */
export async function importVolume(
  { node, sinceStartMs }: TaskContext,
  wish: ImportWish,
  imports: ImportPort,
): Promise<Outcome> {
  const what = `claim ${wish.name}`;
  const afterMs = sinceStartMs < 60_000 ? SOON_MS : LATER_MS;
  const notYet = (why: string): Outcome => ({
    ...again(afterMs, `${what}: ${why}`),
    condition: importReady("False", "PVCNotReady", `${what}: ${why}`),
  });
  const outcomeOf = ({ isFinal, why }: ImportFault): Outcome =>
    isFinal
      ? {
          ...failed("IMPORT_INVALID", `${what}: ${why}`),
          condition: importReady("False", "PVCInvalid", `${what}: ${why}`),
        }
      : notYet(why);
  const rival = imports.rival(node);
  if (rival !== null) return outcomeOf({ isFinal: !rival.isLeaving, why: `${rival.who} uses it` });
  const found = await imports.claim(node);
  if (found.kind !== "ok" && found.kind !== "notFound") return notYet(unread(found));
  const claim = found.kind === "ok" ? found.value : null;
  const fault = claimFault(claim, wish);
  if (fault !== null || claim === null) return outcomeOf(fault ?? { isFinal: false, why: "it is not there" });
  const volume = await imports.volume(claim.volumeName ?? "");
  if (volume.kind !== "ok" && volume.kind !== "notFound") {
    return notYet(`volume ${claim.volumeName ?? ""}: ${unread(volume)}`);
  }
  const unfit = volumeFault(claim, volume.kind === "ok" ? volume.value : null);
  if (unfit !== null) return outcomeOf(unfit);
  return {
    kind: "done",
    status: { dataVolume: { claimName: wish.name, uid: claim.uid } },
    condition: importReady("True", "PVCValidated", `${what}: it is bound, and its volume is there`),
  };
}

/** Right before a gate is opened: null when the node does not import, or still has its claim and has it to itself. */
export async function importLost({ node }: TaskContext, { imports }: ExecutorPorts): Promise<Outcome | null> {
  const wish = imports.wanted(node);
  if (wish === null) return null;
  const what = `claim ${wish.name}`;
  const rival = imports.rival(node);
  if (rival !== null) {
    const why = `${what}: ${rival.who} uses it; the gate stays shut`;
    return rival.isLeaving ? again(SOON_MS, why) : failed("DATA_VOLUME_SHARED", why);
  }
  const found = await imports.claim(node);
  if (found.kind === "notFound") return failed("DATA_VOLUME_LOST", `${what}: it is gone`);
  if (found.kind !== "ok") return unanswered(what, found);
  if (found.value.uid === node.status.dataVolume?.uid) return null;
  return failed("DATA_VOLUME_LOST", `${what}: it is not the one that init completed on`);
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
