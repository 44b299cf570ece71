/** The doctor on who acts: other managers, and Leases of ours whose scopes overlap. */
import { doOverlap, scopeText } from "../controller/index.ts";
import { ageText } from "./age.ts";
import { type Diagnosis, ok, problem, skipped, warning } from "./diagnosis.ts";
import type { SeenLease, SeenLeases } from "./leases.ts";

/** Two findings: the reference's manager, and our own kind. */
export function leaseDiagnoses(leases: SeenLeases): readonly Diagnosis[] {
  return [otherManager(leases), controllers(leases)];
}

function otherManager({ reference, fault }: SeenLeases): Diagnosis {
  const name = "other manager";
  const alive = reference.filter(({ isAlive, holder }) => isAlive && holder !== "");
  if (alive.length > 0) {
    const remedy =
      "Stop it before a controller of this kind is to act (docs/moving-over.md): beside it nothing is written.";
    return problem(name, `the reference's manager is alive: ${alive.map(heldText).join("; ")}`, remedy);
  }
  if (fault !== null) return skipped(name, `Leases of every namespace may not be looked at: ${fault.why}`);
  return ok(name, "the reference's manager renews no Lease");
}

function controllers({ ours, fault }: SeenLeases): Diagnosis {
  const name = "controller";
  const alive = ours.filter(({ isAlive, holder }) => isAlive && holder !== "");
  const [first, ...others] = alive;
  if (first === undefined) {
    if (fault !== null) return skipped(name, `Leases of every namespace may not be looked at: ${fault.why}`);
    const last = ours.map(heldText).join("; ");
    const saw = last === "" ? "nobody leads: there is no Lease tidekeeper.sei.io" : `nobody leads: ${last}`;
    return warning(name, saw, "Start one: tidekeeper manifests | kubectl apply -f -, or tidekeeper run.");
  }
  const second = others.find((one) => one.namespace !== first.namespace && overlaps(first, one));
  if (second === undefined) return ok(name, alive.map(heldText).join("; "));
  return problem(
    name,
    `two lead over the same nodes: ${heldText(first)}; ${heldText(second)}`,
    "Stop one of them, or give them scopes apart with --namespace or --selector. Until then one of the two stands by.",
  );
}

function overlaps(one: SeenLease, other: SeenLease): boolean {
  return one.scope === null || other.scope === null || doOverlap(one.scope, other.scope);
}

function heldText({ namespace, name, holder, renewedAgo, scope }: SeenLease): string {
  const by = holder === "" ? "nobody" : holder;
  const ago = renewedAgo === null ? "" : `, renewed ${ageText(renewedAgo * 1000)} ago`;
  return `${by} holds ${namespace}/${name}${ago}${scope === null ? "" : `, for ${scopeText(scope)}`}`;
}
