/** Two SeiNodes that import one claim at once: whatever comes in between, never do both take it, and one does in the end. */
import { expect, test } from "bun:test";
import type { NodeStatus, SeiNode } from "../../src/model/index.ts";
import { importVolume } from "../../src/executor/import-volume.ts";
import { Imports } from "../fixtures/imports.ts";

const WISH = { name: "old", leastSize: "10Gi" };
const NEVER = new AbortController().signal;
const PLAN = { id: "p", phase: "Active", tasks: [] } as const;

/** What the API server has of both; `at` orders them by age. */
class Race {
  readonly stored = new Map<string, SeiNode>();
  readonly #pending = new Map<string, Partial<NodeStatus> | "ended">();
  readonly #ended = new Set<string>();

  constructor(ages: Readonly<Record<string, string>>) {
    for (const [name, at] of Object.entries(ages)) {
      const metadata = {
        namespace: "sei",
        name,
        uid: name,
        resourceVersion: "1",
        generation: 1,
        creationTimestamp: `2026-01-01T00:00:${at}Z`,
      };
      const spec = { dataVolume: { import: { pvcName: "old" } } };
      this.stored.set(name, { metadata, spec, status: { plan: PLAN } });
    }
  }

  get holders(): readonly string[] {
    return [...this.stored.values()]
      .filter(({ status }) => status.dataVolume !== undefined)
      .map(({ metadata }) => metadata.name);
  }

  /** The next thing that happens to a node: its task reads, or what it came to is stored. */
  async step(name: string): Promise<void> {
    const node = this.stored.get(name);
    if (node === undefined || this.#ended.has(name)) return;
    const pending = this.#pending.get(name);
    if (pending === undefined) return this.#look(node);
    this.#pending.delete(name);
    if (pending === "ended") {
      this.#ended.add(name);
      this.stored.set(name, { ...node, status: {} });
    } else this.stored.set(name, { ...node, status: { ...node.status, ...pending } });
  }

  /** The process dies before what its task came to is stored; false where nothing is to be stored. */
  crash(name: string): boolean {
    return this.#pending.delete(name);
  }

  async #look(node: SeiNode): Promise<void> {
    const imports = new Imports();
    imports.neighbours = { kind: "ok", value: [...this.stored.values()] };
    const task = { type: "ensure-data-pvc", id: "t", status: "Pending", params: {} } as const;
    const rest = { plan: PLAN, index: 0, task, fresh: false, sinceStartMs: 0, now: 0, signal: NEVER };
    const outcome = await importVolume({ node, ...rest }, WISH, imports.port);
    if (outcome.kind === "failed") this.#pending.set(node.metadata.name, "ended");
    else if ("status" in outcome && outcome.status !== undefined) {
      this.#pending.set(node.metadata.name, outcome.status);
    }
  }
}

test.each([
  ["a is older", { a: "01", b: "02" }],
  ["b is older", { a: "02", b: "01" }],
  ["both are as old", { a: "01", b: "01" }],
])("%s: every order of eight events, a crash of either among them", async (_title, ages) => {
  let orders = 0;
  for (let order = 0; order < 4 ** 8; order += 1) {
    const race = new Race(ages);
    let isOne = true;
    for (let event = 0; event < 8 && isOne; event += 1) {
      const which = (order >> (2 * event)) & 3;
      const name = which % 2 === 0 ? "a" : "b";
      if (which < 2) await race.step(name);
      // Where nothing dies, the order is one of the others.
      else isOne = race.crash(name);
      if (race.holders.length > 1) throw new Error(`order ${order.toString(4)}: both hold it`);
    }
    if (!isOne) continue;
    for (let more = 0; more < 8; more += 1) for (const name of ["a", "b"]) await race.step(name);
    if (race.holders.length !== 1) throw new Error(`order ${order.toString(4)}: held by ${race.holders.join()}`);
    orders += 1;
  }
  expect(orders).toBeGreaterThan(1000);
});
