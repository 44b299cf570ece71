/** Names and texts of Events. */
import { expect, test } from "bun:test";
import { nameEvent } from "../../src/controller/event-name.ts";
import type { NodeEvent } from "../../src/core/index.ts";
import { Stage } from "../fixtures/stage.ts";

const node = new Stage().node();
const event: NodeEvent = {
  type: "Warning",
  reason: "SidecarReadinessLost",
  action: "ProbeSidecar",
  note: "The gate is shut",
  transition: "SidecarReady/NotReady/2026-01-01T00:00:00.000Z",
};

function nameOf(change: Partial<NodeEvent> = {}, metadata: object = {}): string {
  return nameEvent({ ...node, metadata: { ...node.metadata, ...metadata } }, { ...event, ...change }).name;
}

test("an Event is about its node and says what it was given", () => {
  const { name: _name, ...rest } = nameEvent(node, event);
  const { transition: _transition, ...said } = event;
  const regarding = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", namespace: "sei", name: "node", uid: "node-uid" };
  expect(rest).toEqual({ ...said, regarding });
});

test("its name is a name that Kubernetes takes, and the node's opens it", () => {
  expect(nameOf()).toMatch(/^node\.[0-9a-f]{16}$/);
});

test.each<[string, string, boolean]>([
  ["told again", nameOf(), true],
  ["told in other words", nameOf({ note: "other" }), true],
  ["told of a node that was written meanwhile", nameOf({}, { resourceVersion: "99" }), true],
  ["of another transition", nameOf({ transition: "SidecarReady/Ready/2026-01-01T00:00:00.000Z" }), false],
  ["of a node that took the name over", nameOf({}, { uid: "later" }), false],
])("its name when %s", (_title, name, same) => {
  expect(name === nameOf()).toBe(same);
});
