/** Where a laptop's Lease is, when nobody says it: with somebody alive who looks after the same nodes, else in the usual place. */
import { expect, test } from "bun:test";
import { findLeaseNamespace } from "../../src/controller/lease-namespace.ts";
import { type Scope, scopeAnnotations } from "../../src/controller/lease-scope.ts";
import type { ApiTransport } from "../../src/base/index.ts";
import { LeaseServer } from "../kube/lease/lease-server.ts";
import { fixedRandom, VirtualTime } from "../fixtures/virtual-time.ts";

const all: Scope = { namespace: null, selector: null };
const inA: Scope = { namespace: "a", selector: null };
const inB: Scope = { namespace: "b", selector: null };

/** Looks for a namespace beside a Lease in the namespace `ns`; `takesMs` is how long that took. */
async function found(
  scope: Scope,
  lease: { readonly holder: string; readonly isRenewed: boolean; readonly scope: Scope } | null,
  { door: change }: { readonly door?: (door: ApiTransport & { cut: boolean }) => ApiTransport } = {},
): Promise<{ namespace: string; takesMs: number }> {
  const time = new VirtualTime();
  const server = new LeaseServer();
  const renew = (): void => {
    if (lease === null) return;
    const spec = { holderIdentity: lease.holder, leaseDurationSeconds: 15, renewTime: String(time.clock.mono()) };
    server.put(spec, scopeAnnotations(lease.scope));
  };
  renew();
  const door = server.door();
  const from = time.clock.mono();
  const took = { ms: -1 };
  const looking = findLeaseNamespace({
    transport: change?.(door) ?? door,
    clock: time.clock,
    timers: time.timers,
    random: fixedRandom(),
    scope,
    signal: new AbortController().signal,
  }).then((namespace) => {
    took.ms = time.clock.mono() - from;
    return namespace;
  });
  for (let at = 0; at < 10 && took.ms < 0; at += 1) {
    time.advance(2_000);
    if (lease?.isRenewed === true) renew();
  }
  const namespace = await looking;
  time.advance(60_000);
  expect(time.armed).toBe(0);
  return { namespace, takesMs: took.ms };
}

const held = { holder: "x", isRenewed: true, scope: all };

test("where nobody is, at once in the usual place", async () => {
  expect(await found(all, null)).toEqual({ namespace: "tidekeeper-system", takesMs: 0 });
});

test("where somebody renews for nodes of ours, there", async () => {
  expect(await found(all, held)).toEqual({ namespace: "ns", takesMs: 2_000 });
  expect((await found(inA, held)).namespace).toBe("ns");
  expect((await found(all, { ...held, scope: inB })).namespace).toBe("ns");
});

test("who looks after other nodes, or gave the Lease back, is nobody", async () => {
  expect(await found(inA, { ...held, scope: inB })).toEqual({ namespace: "tidekeeper-system", takesMs: 0 });
  expect(await found(all, { ...held, holder: "" })).toEqual({ namespace: "tidekeeper-system", takesMs: 0 });
});

test("one who renews no more is waited for, 7 s", async () => {
  expect(await found(all, { ...held, isRenewed: false })).toEqual({ namespace: "tidekeeper-system", takesMs: 7_000 });
});

test("a server that forbids it settles it at once, one that is away in 5 s", async () => {
  const refused = { status: 403, headers: {}, body: new TextEncoder().encode("{}") };
  const forbids = { door: (door: ApiTransport) => ({ ...door, request: async () => refused }) };
  expect(await found(all, held, forbids)).toEqual({ namespace: "tidekeeper-system", takesMs: 0 });
  const away = { door: (door: ApiTransport & { cut: boolean }) => Object.assign(door, { cut: true }) };
  expect(await found(all, held, away)).toEqual({ namespace: "tidekeeper-system", takesMs: 5_000 });
});
