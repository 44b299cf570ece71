/** Who has more right to a claim that two nodes use. */
import { describe, expect, test } from "bun:test";
import type { SeiNode } from "../../../src/model/index.ts";
import { contentionOf, rivalOf } from "../../../src/seinode/read/claim-rival.ts";
import { aPod } from "../../fixtures/stage.ts";

interface Change {
  readonly imports?: string | null;
  readonly on?: string;
  readonly at?: string;
  readonly namespace?: string;
  readonly deleting?: boolean;
}

/** A node that imports `old`, made at second 5, that does not run on anything yet. */
function node(
  name: string,
  { imports = "old", on, at = "05", namespace = "sei", deleting = false }: Change = {},
): SeiNode {
  const creationTimestamp = `2026-01-01T00:00:${at}Z`;
  return {
    metadata: {
      namespace,
      name,
      uid: `${namespace}-${name}`,
      resourceVersion: "1",
      generation: 1,
      creationTimestamp,
      ...(deleting ? { deletionTimestamp: creationTimestamp } : {}),
    },
    spec: imports === null ? {} : { dataVolume: { import: { pvcName: imports } } },
    status: on === undefined ? {} : { dataVolume: { claimName: on, uid: "u" } },
  };
}

function rival(of: SeiNode, others: readonly SeiNode[], claim = "old"): string {
  const found = rivalOf(of, claim, { nodes: [of, ...others], pods: [] });
  return found === null ? "nobody" : `${found.who}${found.isLeaving ? ", leaving" : ""}`;
}

describe("beside a node that imports a claim", () => {
  test.each<[string, SeiNode, SeiNode, string, string]>([
    ["one that imports another", node("a"), node("b", { imports: "new", at: "01" }), "nobody", "nobody"],
    ["one of another namespace", node("a"), node("b", { namespace: "x", at: "01" }), "nobody", "nobody"],
    ["an older one has more right", node("a"), node("b", { at: "04" }), "SeiNode b", "nobody"],
    ["of two as old the first by name", node("b"), node("a"), "SeiNode a", "nobody"],
    [
      "who runs on it has more right than an older one",
      node("a", { at: "01" }),
      node("b", { on: "old" }),
      "SeiNode b",
      "nobody",
    ],
    [
      "of two that run on it the older one",
      node("a", { on: "old" }),
      node("b", { on: "old", at: "01" }),
      "SeiNode b",
      "nobody",
    ],
    [
      "who runs on it and imports another by now",
      node("a", { at: "01" }),
      node("b", { on: "old", imports: "new" }),
      "SeiNode b",
      "nobody",
    ],
    [
      "who is being deleted is leaving",
      node("a"),
      node("b", { on: "old", deleting: true }),
      "SeiNode b, leaving",
      "nobody",
    ],
  ])("%s", (...[, ours, theirs, want, other]) => {
    expect([rival(ours, [theirs]), rival(theirs, [ours])]).toEqual([want, other]);
  });

  test("the node whose own claim it is by name has more right, also before it made it", () => {
    const own = node("b", { imports: null, at: "09" });
    expect(rival(node("a", { imports: "data-b" }), [own], "data-b")).toBe("SeiNode b");
    // One that imports something itself has no claim of its own.
    expect(rival(node("a", { imports: "data-b" }), [node("b", { imports: "x" })], "data-b")).toBe("nobody");
  });

  test("a name of its own that it imports is not held against it", () => {
    expect(rival(node("a", { imports: "data-a" }), [], "data-a")).toBe("nobody");
  });

  const pod = { namespace: "sei", name: "b-0", node: "b", claims: ["old"] };
  test.each<[string, Partial<ReturnType<typeof aPod>>, string | null]>([
    ["of another node that mounts it", {}, "Pod b-0"],
    ["of its own", { node: "a" }, null],
    ["that mounts another", { claims: ["new"] }, null],
    ["of another namespace", { namespace: "x" }, null],
    ["that has ended", { phase: "Succeeded" }, null],
    ["that is going", { deleting: true }, "Pod b-0"],
  ])("a Pod %s", (_title, change, who) => {
    const pods = [aPod("p", { ...pod, ...change })];
    expect(rivalOf(node("a"), "old", { nodes: [], pods })).toEqual(who === null ? null : { who, isLeaving: true });
  });
});

describe("a node that reserved a claim, beside", () => {
  const reserving = (name: string, at: string, phase: "Active" | "Failed" = "Active"): SeiNode => {
    const one = node(name, { at });
    const plan = { id: "p", phase, tasks: [] };
    return { ...one, status: { reservedVolume: { claimName: "old", uid: "u" }, plan } };
  };
  test.each<[string, SeiNode, ReturnType<typeof contentionOf>["kind"]]>([
    ["a younger one that wants it, finds it free", node("b", { at: "09" }), "free"],
    ["an older one that wants it, gives it up", node("b", { at: "01" }), "taken"],
    ["an older one that imports another, finds it free", node("b", { imports: "new", at: "01" }), "free"],
    ["an older one that reserved it, too, gives it up", reserving("b", "01"), "taken"],
    ["a younger one that reserved it, too, waits", reserving("b", "09"), "contended"],
    ["a younger one whose plan has ended, finds it free", reserving("b", "09", "Failed"), "free"],
    ["one that has it, gives it up, whoever is older", node("b", { on: "old", at: "09" }), "taken"],
    ["an older one of another namespace, finds it free", node("b", { namespace: "x", at: "01" }), "free"],
  ])("%s", (_title, other, want) => {
    const own = reserving("a", "05");
    expect(contentionOf(own, "old", [own, other]).kind).toBe(want);
  });
});
