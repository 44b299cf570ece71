/** How many nodes have specs that are refused, told at the start. */
import { expect, test } from "bun:test";
import { createStores } from "../../src/controller/caches.ts";
import { tellUnsupported } from "../../src/controller/unsupported.ts";
import type { JsonObject } from "../../src/base/index.ts";
import type { SeiNode } from "../../src/model/index.ts";
import { UNSUPPORTED_FIELDS } from "../../src/seinode/read/index.ts";
import { VirtualTime } from "../fixtures/virtual-time.ts";

const good: JsonObject = { chainId: "c", image: "sei:1", fullNode: {} };

async function told(specs: readonly JsonObject[]): Promise<readonly unknown[]> {
  const { nodes } = createStores();
  specs.forEach((spec, index) => {
    const metadata = { namespace: "sei", name: `n-${index}`, uid: `u-${index}`, resourceVersion: "1", generation: 1 };
    nodes.writer.upsert({ metadata, spec, status: {} } satisfies SeiNode);
  });
  const said: unknown[] = [];
  const write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    void said.push(message, fields);
  const time = new VirtualTime();
  const done = tellUnsupported({ nodes: nodes.reader, timers: time.timers, log: { info: write, warn: write } });
  for (let step = 0; step < 20; step += 1) time.advance(1);
  await done;
  return said;
}

test("nodes whose specs are not supported are counted, with up to five names and their fields", async () => {
  const specs = [good, ...Array.from({ length: 7 }, () => ({ ...good, seed: {} })), good];
  const signing = { ...good, validator: { signingKey: { secret: { secretName: "s" } } } };
  const [message, fields] = await told([...specs, signing]);
  expect(message).toBe("Specs are not supported: nothing is written for these nodes");
  expect(fields).toMatchObject({
    nodes: 8,
    of: 10,
    names: ["sei/n-1", "sei/n-2", "sei/n-3", "sei/n-4", "sei/n-5"],
    fields: ["spec.seed", "spec.validator.signingKey"],
  });
});

test("a large fleet without one is told as such", async () => {
  expect(await told(Array.from({ length: 2100 }, () => good))).toEqual(["All specs are supported", { nodes: 2100 }]);
});

test("docs/moving-over.md lists nodes by every field that is not supported", async () => {
  const page = await Bun.file(new URL("../../docs/moving-over.md", import.meta.url)).text();
  expect(UNSUPPORTED_FIELDS.filter((field) => !page.includes(`spec.${field}`))).toEqual([]);
});
