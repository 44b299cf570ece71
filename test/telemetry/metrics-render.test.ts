/** One rendered page of metrics serves all who ask for it. */
import { expect, test } from "bun:test";
import { createInstruments } from "../../src/telemetry/instruments.ts";
import { metricsRender } from "../../src/telemetry/metrics-render.ts";
import type { NodeState } from "../../src/telemetry/node-state.ts";

const fleet: readonly NodeState[] = Array.from({ length: 50 }, (_, at) => ({
  namespace: "sei",
  name: `n${at}`,
  phase: "Running",
  sidecar: "ready",
  planActive: false,
}));

/** A clock that goes on by `costMs` whenever it is read, and timers that fire when they are told to. */
function scene(costMs: number) {
  const state = { now: 0, rendered: 0, hops: 0 };
  const render = metricsRender({
    instruments: createInstruments(),
    nodes: () => fleet,
    measure: () => void (state.rendered += 1),
    clock: { mono: () => (state.now += costMs) },
    timers: {
      after(_ms, run) {
        state.hops += 1;
        const timer = setTimeout(run, 0);
        return () => clearTimeout(timer);
      },
    },
  });
  return { state, render };
}

test("one page serves all who ask within a second, those that come while it is rendered too", async () => {
  const { state, render } = scene(1);
  const crowd = await Promise.all(Array.from({ length: 12 }, () => render()));
  expect(new Set(crowd).size).toBe(1);
  expect(await render()).toBe(crowd[0] ?? []);
  expect(state.rendered).toBe(1);
  state.now += 1000;
  expect(await render()).not.toBe(crowd[0] ?? []);
  expect(state.rendered).toBe(2);
});

test("timers have their turn between slices", async () => {
  const { state, render } = scene(1);
  const page = Buffer.concat([...(await render())]).toString();
  expect(state.hops).toBeGreaterThan(10);
  expect(page.match(/^sei_controller_seinode_sidecar_ready\{/gm)?.length).toBe(50);
});

test("a page that could not be rendered is not kept", async () => {
  let fails = true;
  const render = metricsRender({
    instruments: createInstruments(),
    nodes: () => fleet,
    measure() {
      if (fails) throw new Error("defect");
    },
    clock: { mono: () => 0 },
    timers: { after: () => () => {} },
  });
  expect(await render().catch(String)).toContain("defect");
  fails = false;
  expect((await render()).length).toBe(1);
});
