/** The budget of a roll-out over the whole fleet. */
import { expect, test } from "bun:test";
import { createBudgets, placesIn } from "../../src/controller/budgets.ts";
import { keyOf, type SeiNode } from "../../src/model/index.ts";
import { createStore } from "../../src/kube/store/index.ts";
import { readNode } from "../../src/seinode/read/index.ts";

const B = "sidecar-image";
const PLAN_ID = "00000000-0000-4000-8000-000000000000";
const task = { type: "mark-ready", id: "bfc1314a-0b03-5197-8db4-1b7f37264be3", status: "Pending" };

function fleet(count: number, maxUnavailable = { value: 1, isPercent: false }, parts = 1) {
  const clock = { now: 0, mono: () => clock.now };
  const store = createStore<SeiNode>({
    keyOf: ({ metadata }) => keyOf(metadata),
    versionOf: ({ metadata }) => metadata.resourceVersion,
  });
  let version = 1;
  const put = (name: string, status: object = {}): SeiNode => {
    const metadata = { namespace: "sei", name, uid: name, resourceVersion: String(version++) };
    const node = readNode({ metadata, spec: {}, status });
    if (node === null) throw new Error("an unreadable node");
    store.writer.upsert(node);
    return node;
  };
  for (let index = 0; index < count; index += 1) put(`n${index}`);
  const budgets = createBudgets({
    nodes: store.reader,
    clock,
    maxUnavailable,
    parts: { count: parts, of: (key) => Number(key.at(-1)) % parts },
  });
  const active = { plan: { id: PLAN_ID, phase: "Active", budget: B, tasks: [task] } };
  const ended = (outcome: string, budget?: string) => ({ history: [{ id: "a", outcome, budget }] });
  const admits = (name: string, budget = B): boolean => {
    const node = store.reader.get(`sei/${name}`);
    if (node === null) throw new Error(`no ${name}`);
    return budgets.admit(node, budget);
  };
  return { clock, put, admits, active, ended, store };
}

test("one after the other: the next has its place when the first has healed", () => {
  const { put, admits, active, ended } = fleet(3);
  expect([admits("n0"), admits("n1"), admits("n0")]).toEqual([true, false, true]);
  put("n0", active);
  expect([admits("n1"), admits("n0")]).toEqual([false, true]);
  put("n0", ended("Complete", B));
  expect([admits("n1"), admits("n2")]).toEqual([true, false]);
});

test("two that ask in the same moment do not both get the last place", () => {
  const { admits } = fleet(2);
  expect([admits("n0"), admits("n1")]).toEqual([true, false]);
});

test("a place whose plan was never stored is free again after a while", () => {
  const { clock, admits } = fleet(2);
  admits("n0");
  clock.now += 10_000;
  expect(admits("n1")).toBe(true);
});

test("a plan that failed keeps its place, so a bad image stops there; a later success frees it", () => {
  const { put, admits, ended } = fleet(2);
  put("n0", ended("Failed", B));
  expect([admits("n1"), admits("n0")]).toEqual([false, true]);
  put("n0", { history: [...ended("Failed", B).history, ...ended("Complete", B).history] });
  expect(admits("n1")).toBe(true);
});

test("a node that is Ready again holds none, however its plan ended", () => {
  const { put, admits, ended } = fleet(2);
  const ready = { type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: "" };
  put("n0", { ...ended("Failed", B), conditions: [ready] });
  expect(admits("n1")).toBe(true);
});

test("one that was superseded, or failed outside of the budget, holds none", () => {
  const { put, admits, ended } = fleet(3);
  put("n0", ended("Superseded", B));
  put("n1", ended("Failed"));
  expect(admits("n2")).toBe(true);
});

test("a deleted node gives its place back", () => {
  const { put, admits, active, store } = fleet(2);
  put("n0", active);
  store.writer.remove("sei/n0", null);
  expect(admits("n1")).toBe(true);
});

test("parts of a fleet give out places of their own: their share, and at least one", () => {
  const two = fleet(8, { value: 4, isPercent: false }, 2);
  expect(["n0", "n2", "n4", "n1", "n3", "n5"].map((name) => two.admits(name))).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
  const tight = fleet(4, { value: 1, isPercent: false }, 2);
  expect(["n0", "n1", "n2", "n3"].map((name) => tight.admits(name))).toEqual([true, true, false, false]);
  const share = fleet(9, { value: 50, isPercent: true }, 2);
  expect(["n1", "n3", "n5"].map((name) => share.admits(name))).toEqual([true, true, false]);
  share.store.writer.remove("sei/n7", null);
  share.store.writer.remove("sei/n5", null);
  share.put("n1");
  expect(["n0", "n2", "n4"].map((name) => share.admits(name))).toEqual([true, true, false]);
});

test("budgets of other names do not stand in each other's way", () => {
  const { admits } = fleet(2);
  expect([admits("n0"), admits("n1", "mine")]).toEqual([true, true]);
});

test.each([
  [1000, { value: 1, isPercent: true }, 10],
  [99, { value: 1, isPercent: true }, 1],
  [0, { value: 50, isPercent: true }, 1],
  [10, { value: 3, isPercent: false }, 3],
])("%d nodes with %p have %d places", (nodes, share, want) => {
  expect(placesIn(nodes, share)).toBe(want);
});
