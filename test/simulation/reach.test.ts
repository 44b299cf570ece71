/** What seeds reach: reasons of conditions and Events, and, under `bun run simulated-coverage`, lines of the core. REACH=n for more seeds. */
import { expect, test } from "bun:test";
import { CONDITION_REASONS, EVENT_REASONS } from "../../src/model/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";
import type { Happening } from "./invariants/index.ts";
import { nodeCommitted } from "./invariants/invariant.ts";
import { drawn, runSeed } from "./swarm/seed.ts";

const asked = process.env["REACH"];
const seeds = Array.from({ length: Number(asked ?? "1") }, (_, index) => index + 1);

test("a seed reaches a gate that is shut, one that is open, and an image that is rolled out", () => {
  const seen = { conditions: new Set<string>(), events: new Set<string>() };
  const see = (happening: Happening): void => {
    for (const { reason } of nodeCommitted(happening)?.node.status?.conditions ?? []) seen.conditions.add(reason);
    if (happening.kind !== "committed" || happening.revision.resource.plural !== "events") return;
    seen.events.add(takenAs<{ reason: string }>(happening.revision.object).reason);
  };
  for (const seed of seeds) runSeed(asked === undefined ? { ...drawn(seed, 2, 2), faults: [] } : drawn(seed), see);
  expect([...seen.conditions]).toEqual(expect.arrayContaining(["Ready", "NotReady", "UpdateStarted"]));
  expect([...seen.events]).toEqual(expect.arrayContaining(["SidecarReadinessLost", "SidecarReadinessRestored"]));
  const unseen = (all: object, reached: ReadonlySet<string>): string =>
    Object.keys(all)
      .filter((reason) => !reached.has(reason))
      .join(", ");
  if (asked === undefined) return;
  console.log(`reasons of conditions that no seed reached: ${unseen(CONDITION_REASONS, seen.conditions)}`);
  console.log(`reasons of Events that no seed reached: ${unseen(EVENT_REASONS, seen.events)}`);
});
