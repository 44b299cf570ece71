/** The first reasons of all: nobody leads, somebody else manages the nodes, or the node is none of the leader's. */
import { scopeText } from "../controller/index.ts";
import { ageText } from "./age.ts";
import type { Check, Facts } from "./check.ts";
import type { SeenLease } from "./leases.ts";

const NONE_LEADS =
  "Start it: `tidekeeper manifests | kubectl apply -f -`, or `tidekeeper run`; if it is there, its log says why it does not lead.";

/** Who leads, and whether this node is in its scope. */
export function leaderChecks(facts: Pick<Facts, "leases" | "judgement" | "isSelected">): readonly Check[] {
  return [otherManager(facts), leader(facts), scope(facts)];
}

function otherManager({ leases: { reference } }: Pick<Facts, "leases">): Check {
  const name = "other manager";
  const alive = reference.find(({ isAlive, holder }) => isAlive && holder !== "");
  if (alive === undefined) return { name, state: "fine", saw: "the reference's manager renews no Lease" };
  return {
    name,
    state: "stops",
    saw: `the reference's manager is alive: ${heldText(alive)}. Beside it nothing is written`,
    remedy: "Stop it first (docs/moving-over.md).",
  };
}

function leader({ leases: { ours, fault } }: Pick<Facts, "leases">): Check {
  const name = "leader";
  const alive = ours.filter(({ isAlive, holder }) => isAlive && holder !== "");
  if (alive.length > 0) return { name, state: "fine", saw: alive.map(heldText).join("; ") };
  if (fault !== null && ours.length === 0) {
    return { name, state: "unknown", saw: `the Leases could not be looked at: ${fault.why}` };
  }
  const [last] = ours;
  if (last === undefined)
    return {
      name,
      state: "stops",
      saw: "nobody leads: there is no Lease tidekeeper.sei.io in any namespace",
      remedy: NONE_LEADS,
    };
  const saw =
    last.holder === "" ? `nobody leads: Lease ${place(last)} was given back` : `nobody leads: ${heldText(last)}`;
  return { name, state: "stops", saw, remedy: NONE_LEADS };
}

function scope({
  leases: { ours },
  judgement: { node },
  isSelected,
}: Pick<Facts, "leases" | "judgement" | "isSelected">): Check {
  const name = "scope";
  const alive = ours.filter(({ isAlive, holder }) => isAlive && holder !== "");
  if (alive.length === 0) return { name, state: "note", saw: "nobody leads, so it is in nobody's" };
  const words = (leases: readonly SeenLease[]): string =>
    [
      ...new Set(
        leases.map((lease) =>
          lease.scope === null ? `as Lease ${place(lease)} says nothing, every node` : scopeText(lease.scope),
        ),
      ),
    ].join("; ");
  const covering = alive.filter(
    ({ scope: of }) => of === null || of.namespace === null || of.namespace === node.metadata.namespace,
  );
  const matches = covering.map((lease) => ({
    lease,
    is: (lease.scope?.selector ?? null) === null ? true : isSelected(lease.scope?.selector ?? ""),
  }));
  const inside = matches.filter(({ is }) => is === true).map(({ lease }) => lease);
  if (inside.length > 0) return { name, state: "fine", saw: `in that of ${words(inside)}` };
  if (matches.some(({ is }) => is === null))
    return { name, state: "unknown", saw: `whether its labels match could not be asked: ${words(covering)}` };
  return {
    name,
    state: "stops",
    saw: `it is in nobody's: who leads looks after ${words(alive)}`,
    remedy: "Start a controller for it, or label it so that --selector takes it in.",
  };
}

function heldText(lease: SeenLease): string {
  const ago = lease.renewedAgo === null ? "never renewed" : `renewed ${ageText(lease.renewedAgo * 1000)} ago`;
  return `${lease.holder} holds Lease ${place(lease)}, ${ago}`;
}

function place({ namespace, name }: SeenLease): string {
  return `${namespace}/${name}`;
}
