/** Which sidecar is reached, and by which route. */
import { expect, test } from "bun:test";
import { healthAt, sidecarOf, sidecarView } from "../../src/controller/sidecars.ts";
import { direct, gate, json, reply } from "../sidecar/scripted.ts";
import { aPod, Stage } from "../fixtures/stage.ts";

const OPEN = { status: 200, headers: {}, body: new Uint8Array() };

/** Where a probe of this Pod goes, by each route. */
async function dialled(sidecarPort: number | null): Promise<readonly string[]> {
  const asked: string[] = [];
  const access = {
    direct: {
      async request({ host, port }: { readonly host: string; readonly port: number }, { path }: { path: string }) {
        asked.push(`${host}:${port}${path}`);
        return OPEN;
      },
    },
    api: {
      async request({ path }: { readonly path: string }) {
        asked.push(path);
        return OPEN;
      },
    },
    portOf: () => 9000,
  };
  const owned = {
    pod: aPod("pod-1", { sidecarPort }),
    statefulSet: null,
    service: null,
    claim: null,
    sidecarImage: null,
  };
  for (const route of ["direct", "apiserver"] as const) {
    await sidecarOf({ ...access, route }, new Stage().node(), owned)?.health(new AbortController().signal);
  }
  return asked;
}

test.each([
  ["at the port that its Pod has, whatever the spec says by now", 7778, 7778],
  ["at the port of the spec where the Pod does not say", null, 9000],
])("a sidecar is asked %s", async (_title, port, want) => {
  expect(await dialled(port)).toEqual([
    `10.0.0.1:${want}/v0/healthz`,
    `/api/v1/namespaces/sei/pods/node-0:${want}/proxy/v0/healthz`,
  ]);
});

test.each([
  ["what nobody expected is a failed probe", new Error("no such thing\nat all"), "probeError" as const],
  [
    "a refused connection is no answer",
    Object.assign(new Error("no"), { code: "UNREACHABLE" }),
    "unreachable" as const,
  ],
])("asked between reconciles, %s", async (_title, error, state) => {
  const refuse = async (): Promise<never> => {
    throw error;
  };
  const access = {
    route: "direct",
    direct: { request: refuse },
    api: { request: refuse },
    portOf: () => 7777,
  } as const;
  const where = { namespace: "sei", address: { host: "10.0.0.1", port: 7777 } };
  const health = await healthAt(access, where, { deadlineMs: 100, signal: new AbortController().signal });
  expect(health.state).toBe(state);
  expect(JSON.stringify(health)).not.toContain("\\n");
});

test.each([
  ["a sidecar's own", json(200, []), { state: "notReady", history: { kind: "mayOpen" } }],
  [
    "one that was shut on purpose",
    json(200, [{ id: "a", type: "mark-not-ready", status: "completed", submittedAt: "2026-01-01T00:00:00Z" }]),
    { state: "notReady", history: { kind: "shutOnPurpose" } },
  ],
  ["a proxy's", reply(503), { state: "probeError", cause: expect.any(String) }],
])("a probe is told of once, by its verdict, which keeps no task: 503, %s", async (_title, tasks, want) => {
  const told: unknown[] = [];
  const clock = { mono: () => told.length };
  const { sidecar } = direct(gate(reply(503), tasks));
  const view = sidecarView(sidecar, { deadlineMs: 100, clock }, (health) => void told.push(health));
  const heard: unknown = await view?.health(new AbortController().signal);
  expect([heard, ...told]).toEqual([want, want]);
});
