/** The random edits: each keeps the spec one that is served. */
import { describe, expect, test } from "bun:test";
import { readSpec } from "../../src/seinode/read/index.ts";
import { type Edit, edited, MISTAKES, patchOf, SERVED, type Spec, undoing } from "../../scripts/random-edits/edits.ts";
import { dice } from "../simulation/dice.ts";

const BASE: Spec = { chainId: "sei-test", image: "sei:1", fullNode: {} };

describe("an edit", () => {
  test.each<[string, Edit, readonly object[] | null]>([
    ["sets a field", { field: "paused", value: true }, [{ op: "add", path: "/spec/paused", value: true }]],
    ["takes one out", { field: "image", value: undefined }, [{ op: "remove", path: "/spec/image" }]],
    ["of nothing to nothing is none", { field: "paused", value: undefined }, null],
  ])("%s", (_title, edit, patch) => {
    expect(patchOf(BASE, edit)).toEqual(patch);
  });

  test.each<[Edit]>([[{ field: "paused", value: true }], [{ field: "image", value: "sei:2" }]])(
    "taken back leaves what was there: %p",
    (edit) => {
      expect(edited(edited(BASE, edit), undoing(BASE, edit))).toEqual(BASE);
    },
  );
});

test("every chain of edits that are served is a spec that is served", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const chance = dice(seed);
    let spec = BASE;
    for (let count = 0; count < 40; count += 1) {
      const edit = chance.pick(SERVED)(chance, spec);
      if (edit !== null) spec = edited(spec, edit);
      const reading = readSpec({
        metadata: { namespace: "a", name: "b", uid: "u", resourceVersion: "1", generation: 1 },
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON by construction
        spec: JSON.parse(JSON.stringify(spec)) as Record<string, never>,
      });
      expect([spec, reading.ok]).toEqual([spec, true]);
    }
  }
});

test("every mistake that is to stall is one for our reader", () => {
  const chance = dice(1);
  for (const { sign, draw } of MISTAKES) {
    for (let count = 0; count < 20; count += 1) {
      const edit = draw(chance, BASE);
      if (edit === null || sign !== "Stalled") continue;
      const reading = readSpec({
        metadata: { namespace: "a", name: "b", uid: "u", resourceVersion: "1", generation: 1 },
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON by construction
        spec: JSON.parse(JSON.stringify(edited(BASE, edit))) as Record<string, never>,
      });
      expect([edit, reading.ok]).toEqual([edit, false]);
    }
  }
});
