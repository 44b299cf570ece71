/** Observing another's Leases: judged by what changes, not by what they say. */
import { describe, expect, test } from "bun:test";
import { observeLeases } from "../../../src/kube/lease/lease-observer.ts";
import { LeaseServer } from "./lease-server.ts";
import { fixedRandom, VirtualTime } from "../../fixtures/virtual-time.ts";

function stage() {
  const time = new VirtualTime();
  const server = new LeaseServer();
  const door = server.door();
  const stop = new AbortController();
  const changes: string[] = [];
  const observer = observeLeases({
    transport: door,
    clock: time.clock,
    timers: time.timers,
    random: fixedRandom(),
    namespace: null,
    name: "tk",
    report: () => {},
    signal: stop.signal,
    onChange: () => void changes.push(told()),
  });
  const told = (): string => observer.leases.map(({ namespace, life }) => `${namespace} ${life}`).join() || "none";
  const renew = (holderIdentity = "other"): void =>
    server.put({ holderIdentity, renewTime: String(time.clock.mono()) });
  const read = async () => {
    const reading = observer.read();
    time.settle();
    return reading;
  };
  return { time, server, door, stop, changes, observer, told, renew, read };
}

describe("observing another's Leases", () => {
  test("one that was there already is unknown until it changes, or is silent for its time", async () => {
    const { time, server, told, renew, read, changes } = stage();
    renew();
    expect(await read()).toEqual({ ok: true });
    time.advance(14_000);
    expect(told()).toBe("ns unknown");
    renew();
    time.advance(14_000);
    expect(told()).toBe("ns alive");
    time.advance(1_000);
    expect(told()).toBe("ns absent");
    renew();
    time.settle();
    server.put(null);
    time.settle();
    expect(told()).toBe("none");
    expect([...new Set(changes)]).toEqual(["ns unknown", "ns alive", "ns absent", "none"]);
    expect(server.writes).toBe(0);
  });

  test("one that comes later is alive at once; one given back is absent at once", async () => {
    const { time, server, told, renew, read } = stage();
    await read();
    time.advance(1_000);
    renew();
    time.settle();
    expect(told()).toBe("ns alive");
    server.put({ holderIdentity: null, leaseDurationSeconds: 1 });
    time.settle();
    expect(told()).toBe("ns absent");
  });

  test("a read sees what the watch does not tell", async () => {
    const { time, door, told, renew, read } = stage();
    await read();
    time.advance(1_000);
    door.cut = true;
    renew();
    door.cut = false;
    expect(told()).toBe("none");
    await read();
    expect(told()).toBe("ns alive");
  });

  test("silence is believed only where it was read; what cannot be read is said to be so", async () => {
    const { time, door, told, renew, read } = stage();
    await read();
    time.advance(1_000);
    renew();
    time.settle();
    door.cut = true;
    expect(await read()).toEqual({ ok: false, isForbidden: false, why: "cut" });
    time.advance(30_000);
    expect(told()).toBe("ns unknown");
    door.cut = false;
    time.advance(30_000);
    expect(told()).toBe("ns absent");
  });

  test("it ends with its signal", async () => {
    const { time, stop, read, renew } = stage();
    renew();
    await read();
    stop.abort();
    time.advance(100_000);
    expect(time.armed).toBe(0);
  });
});
