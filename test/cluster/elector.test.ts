/** Leader election on a real API server. */
import { expect, test } from "bun:test";
import { createClient } from "../../src/kube/client/index.ts";
import { startElector } from "../../src/kube/lease/index.ts";
import { createEventRecorder, type LostEvent } from "../../src/kube/events/index.ts";
import { type ApiTransport, TransportError } from "../../src/base/index.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { clusterTransport, hostTime } from "./harness/real-doors.ts";

describeCluster("elector", ({ kubeconfigPath, api, namespace }) => {
  const stand = (space: string, identity: string, log: string[], transport = clusterTransport(kubeconfigPath)) => {
    return startElector({
      ...hostTime,
      transport,
      client: createClient(transport),
      namespace: space,
      name: "tidekeeper.sei.io",
      identity,
      fieldManager: "tidekeeper",
      report: () => {},
      onAcquired: () => log.push(`${identity} leads`),
      onLost: () => log.push(`${identity} lost`),
      onTrouble: () => {},
    });
  };

  test("of two that create the Lease at once one leads; given back, it is taken within 3 s", async () => {
    const space = await namespace();
    const log: string[] = [];
    const electors = [stand(space, "a", log), stand(space, "b", log)];
    await eventually("a leader", async () => log.length > 0);
    await Bun.sleep(500);
    expect(log.length).toBe(1);
    const [first, second] = electors.toSorted((left, right) => Number(right.fence()) - Number(left.fence()));
    const begin = performance.now();
    await first?.release();
    await eventually("a successor", async () => second?.fence() ?? false, 3_000);
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(log.length).toBe(2);
    await second?.release();
    const lease = await api.get(`/apis/coordination.k8s.io/v1/namespaces/${space}/leases/tidekeeper.sei.io`);
    expect(lease?.["spec"]).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 2 });
    expect(lease?.["spec"]).not.toHaveProperty("holderIdentity");
  });

  /** Carries requests out at once and gives their replies 2.5 s later, which is later than a call for a Lease waits. */
  const tardy = (): ApiTransport => {
    const door = clusterTransport(kubeconfigPath);
    return {
      stream: (request, limits) => door.stream(request, limits),
      async request(request, limits) {
        const reply = await door.request(request, limits);
        await Bun.sleep(Math.min(2_500, limits.deadlineMs));
        if (limits.deadlineMs <= 2_500) throw new TransportError("DEADLINE", "the reply is late");
        return reply;
      },
    };
  };

  test("whose replies take 2.5 s leads all the same, since the watch shows what was stored", async () => {
    const space = await namespace();
    const log: string[] = [];
    const electors = [stand(space, "a", log, tardy()), stand(space, "b", log, tardy())];
    await eventually("a leader", async () => electors.some((one) => one.fence()), 15_000);
    for (const until = performance.now() + 30_000; performance.now() < until; await Bun.sleep(50)) {
      expect(electors.filter((one) => one.fence()).length).toBe(1);
    }
    expect(log.length).toBe(1);
    await Promise.all(electors.map((one) => one.release()));
  }, 90_000);

  test("a leader whose Lease is deleted stops at once", async () => {
    const space = await namespace();
    const log: string[] = [];
    const elector = stand(space, "a", log);
    await eventually("a leader", async () => elector.fence());
    await api.remove(`/apis/coordination.k8s.io/v1/namespaces/${space}/leases/tidekeeper.sei.io`);
    await eventually("the loss", async () => log.includes("a lost"), 3_000);
    expect(elector.fence()).toBe(false);
  });

  test("of eight that share a Lease and renew it every 2 s none ever loses it", async () => {
    const space = await namespace();
    const log: string[] = [];
    let writes = 0;
    const electors = Array.from({ length: 8 }, (_one, index) => {
      const transport = clusterTransport(kubeconfigPath);
      const marks = () => ({ [`replica.tidekeeper.sei.io/${index}`]: String((writes += 1)) });
      return startElector({
        ...hostTime,
        transport,
        client: createClient(transport),
        namespace: space,
        name: "tidekeeper.sei.io",
        identity: "shards-8",
        fieldManager: "tidekeeper",
        report: () => {},
        onAcquired: () => log.push(`${index} leads`),
        onLost: (why) => log.push(`${index} lost: ${why}`),
        onTrouble: (why) => log.push(`${index}: ${why}`),
        shared: { marks, lastMarks: () => ({}), isLast: () => false },
      });
    });
    await eventually("all to lead", async () => electors.every((one) => one.fence()));
    const began = log.length;
    for (const until = performance.now() + 30_000; performance.now() < until; await Bun.sleep(50)) {
      expect(electors.every((one) => one.fence())).toBe(true);
    }
    expect(log.slice(began)).toEqual([]);
    // Each at least every 2.4 s.
    expect(writes).toBeGreaterThan(8 * 12);
    await Promise.all(electors.map((one) => one.release()));
    const lease = await api.get(`/apis/coordination.k8s.io/v1/namespaces/${space}/leases/tidekeeper.sei.io`);
    expect(lease?.["spec"]).toMatchObject({ holderIdentity: "shards-8", leaseTransitions: 1 });
  }, 60_000);

  test("an Event told twice is there once", async () => {
    const space = await namespace();
    const lost: LostEvent[] = [];
    const tell = async () => {
      const client = createClient(clusterTransport(kubeconfigPath));
      const recorder = createEventRecorder({
        ...hostTime,
        client,
        reportingController: "tidekeeper.sei.io",
        reportingInstance: "tidekeeper-0",
        report: (one) => lost.push(one),
      });
      const regarding = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", namespace: space, name: "n", uid: "u" };
      recorder.record({
        name: "n.lost.1",
        type: "Warning",
        reason: "ReadinessLost",
        action: "Observe",
        note: "503",
        regarding,
      });
      await recorder.flush(20_000);
    };
    await tell();
    await tell();
    const events = await api.list(`/apis/events.k8s.io/v1/namespaces/${space}/events`);
    expect([events.map(({ metadata }) => metadata.name), lost]).toEqual([["n.lost.1"], []]);
  });
});
