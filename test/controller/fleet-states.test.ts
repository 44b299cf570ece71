/** The states that telemetry tells of nodes. */
import { expect, test } from "bun:test";
import { createStores } from "../../src/controller/caches.ts";
import { fleetStates } from "../../src/controller/fleet-states.ts";
import type { Phase, SeiNode } from "../../src/model/index.ts";
import { nodeStateOf } from "../../src/telemetry/index.ts";
import { seiNode } from "../seinode/nodes.ts";

function as(name: string, resourceVersion: string, phase: Phase): SeiNode {
  const node = seiNode({});
  return { ...node, metadata: { ...node.metadata, name, uid: name, resourceVersion }, status: { phase } };
}

test("states are those of the nodes, as they come, change and go", () => {
  const { nodes } = createStores();
  const states = fleetStates(nodes.reader, (key) => !key.endsWith("/other"));
  const told = () => [...states()].map(({ name, phase }) => [name, phase]);
  nodes.writer.replace([as("a", "1", "Running"), as("other", "1", "Running")], "1");
  expect(told()).toEqual([["a", "Running"]]);
  nodes.writer.upsert(as("b", "2", "Pending"));
  nodes.writer.upsert(as("a", "3", "Failed"));
  const held = [...nodes.reader.values()].filter(({ metadata }) => metadata.name !== "other");
  expect([...states()]).toEqual(held.map(nodeStateOf));
  nodes.writer.remove(`${as("a", "3", "Failed").metadata.namespace}/a`, null);
  expect(told()).toEqual([["b", "Pending"]]);
});
