/** What the loop asks of a spec. */
import { expect, test } from "bun:test";
import { nodeFacts } from "../../src/controller/node-facts.ts";
import type { SeiNode } from "../../src/model/index.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import { peersAmong } from "../fixtures/peers.ts";
import { seiNode } from "../seinode/nodes.ts";

const full = { chainId: "pacific-1", image: "sei:1", fullNode: {} };

function facts(nodes: readonly SeiNode[] = []) {
  const platform = readPlatform({});
  if (!platform.ok) throw new Error("the default platform is refused");
  return nodeFacts(
    platform.platform,
    peersAmong(() => nodes),
  );
}

test.each<[string, object, object]>([
  ["a plain one is accepted", full, { kind: "accepted", paused: false }],
  ["a paused one says so", { ...full, paused: true }, { kind: "accepted", paused: true }],
  ["one without a mode is refused", { chainId: "a", image: "b" }, { kind: "refused", reason: "InvalidSpec" }],
])("of a spec: %s", (_title, spec, want) => {
  expect(facts().accepts(seiNode(spec))).toMatchObject(want);
});

test("a spec is read anew when it changed", () => {
  const known = facts();
  expect(known.sidecarPort(seiNode(full))).toBe(7777);
  const { metadata, ...edited } = seiNode({ ...full, sidecar: { port: 9000 } });
  expect(known.sidecarPort({ ...edited, metadata: { ...metadata, generation: metadata.generation + 1 } })).toBe(9000);
});

test("a new node gets the plan that brings it up, with the phase it fails to", () => {
  const verdict = facts().initPlan(seiNode(full));
  expect(verdict).toMatchObject({ targetPhase: "Running", failedPhase: "Failed" });
});

test("objects are made for this node, and a node without a snapshot has no bootstrap Service", () => {
  const { recipes } = facts();
  const node = seiNode(full);
  expect(recipes.statefulSet(node)).toMatchObject({ kind: "StatefulSet", metadata: { name: "rpc-1" } });
  expect(recipes.service(node)).toMatchObject({ kind: "Service", metadata: { name: "rpc-1" } });
  expect(recipes.bootstrapService(node)).toBeNull();
});

test("of large specs few readings are kept, and each is right", () => {
  const known = facts();
  const nodes = Array.from({ length: 20 }, (_, at) => {
    const node = seiNode({ ...full, sidecar: { port: 9000 + at }, overrides: { x: "x".repeat(20_000) } });
    return { ...node, metadata: { ...node.metadata, uid: `uid-${at}` } };
  });
  const ports = () => nodes.map((node) => known.sidecarPort(node));
  expect([ports(), ports()]).toEqual(Array.from({ length: 2 }, () => nodes.map((_, at) => 9000 + at)));
});

test.each([
  ["the mode it has", { ...full }],
  ["no mode that could be read", { chainId: "pacific-1", image: "sei:1" }],
])("of a spec that was cut the sidecar is found, and nothing is made, with %s", (_title, spec) => {
  const known = facts();
  const cut: SeiNode = { ...seiNode({ ...spec, sidecar: { port: 9000 } }), isCut: true };
  expect(known.accepts(cut)).toMatchObject({ kind: "accepted", withheld: { reason: "SpecTooLarge" } });
  expect([known.sidecarPort(cut), known.derivedStatus(cut)]).toEqual([9000, {}]);
  expect(() => known.recipes.statefulSet(cut)).toThrow("256 KiB");
  expect(() => known.initPlan(cut)).toThrow("256 KiB");
});
