/** A network that fails between the controller and the API server: what is broken heals, and nothing unsafe is done meanwhile. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ApiProxy, startApiProxy } from "./harness/api-proxy.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, isAtRest, seiNode, untilNode } from "./harness/fleet.ts";
import { type Wire, layWire } from "./harness/wire.ts";

const SLOW_MS = 120_000;
/** Unix milliseconds, as the journal of the sidecars has them. */
const wall = (): number => performance.timeOrigin + performance.now();

describeCluster("faults of the network", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  const running: ControllerProcess[] = [];
  const doors: (Wire | ApiProxy)[] = [];
  const start = async (installation: Installation): Promise<ControllerProcess> => {
    const one = await startController({
      installation,
      flags: ["--leader-elect-identity=same", "--probe-interval=1s"],
    });
    running.push(one);
    return one;
  };
  /** A fleet of one behind a wire of its own. */
  const wired = async () => {
    const space = await namespace("faults");
    const door = await layWire(cluster, await install(cluster, space));
    doors.push(door);
    const controller = await start(door.installation);
    await bringUp(api, { namespace: space, names: ["n"] });
    return { space, door, controller };
  };
  const replacePod = async (space: string): Promise<void> => {
    await api.remove(`/api/v1/namespaces/${space}/pods/n-0`);
    // The old sidecar answers until its Pod is gone.
    await eventually("the new sidecar", async () => {
      const lives = await sidecars.lives({ namespace: space });
      return lives.length >= 2 && lives.at(-1)?.listeningAt !== null;
    });
  };
  const healed = async (space: string, withinMs: number): Promise<void> => {
    await eventually(
      "an open gate",
      async () => (await sidecars.lives({ namespace: space })).at(-1)?.ready ?? false,
      withinMs,
    );
    const node = await untilNode(api, { namespace: space, name: "n" }, isAtRest);
    // A poll may find the shut gate before the watch tells of the new Pod: that plan is for a life that is over.
    const outcomes = node.status?.history?.map(({ outcome }) => outcome).filter((outcome) => outcome !== "Superseded");
    expect(outcomes).toEqual(["Complete", "Complete"]);
  };
  const submissions = async (space: string) =>
    (await sidecars.lives({ namespace: space })).flatMap((life) => life.submissions);

  let half: Awaited<ReturnType<typeof wired>>;
  let silentAt = 0;
  beforeAll(async () => {
    half = await wired();
    // It takes most of a minute, so it falls silent first and is judged last.
    half.door.silence();
    silentAt = wall();
    await replacePod(half.space);
  }, SLOW_MS);
  afterAll(async () => {
    await Promise.all(running.map((one) => one.kill("SIGKILL")));
    for (const door of doors) door.close();
  }, SLOW_MS);

  test(
    "a watch that is reset in the middle goes on where it was",
    async () => {
      const { space, door } = await wired();
      door.reset();
      await replacePod(space);
      await healed(space, 5_000);
    },
    SLOW_MS,
  );

  test(
    "while the Lease cannot be renewed no gate is opened from 10 s on, and the process ends with a reason",
    async () => {
      const space = await namespace("unfenced");
      const door = await startApiProxy(cluster, await install(cluster, space));
      doors.push(door);
      const controller = await start(door.installation);
      await bringUp(api, { namespace: space, names: ["n"] });
      // A plan that stands, and tries again and again.
      await sidecars.behave({ submitAnswer: { status: 500 } }, { namespace: space });
      await replacePod(space);
      const first = (await submissions(space)).length;
      await eventually("repeated tries", async () => (await submissions(space)).length > first + 1);
      door.stall(/\/leases/);
      const stalledAt = wall();
      expect(await controller.exited).toBe(1);
      expect(controller.log()).toMatch(/^tidekeeper: run: lost the Lease .*: not renewed for \d+ ms/m);
      const posted = (await submissions(space)).map(({ at }) => at.wall - stalledAt);
      expect(posted.filter((ms) => ms > 1_000).length).toBeGreaterThan(0);
      expect(posted.filter((ms) => ms > 10_050)).toEqual([]);
      await sidecars.behave({ submitAnswer: "sidecar" }, { namespace: space });
      door.heal();
      await start(door.installation);
      await healed(space, 20_000);
    },
    SLOW_MS,
  );

  test(
    "an API server out of reach for 20 s: nothing is opened without a stored plan, and afterwards it heals",
    async () => {
      const { space, door, controller } = await wired();
      const onlooker = await startController({
        installation: door.installation,
        flags: ["--leader-elect=false", "--mode=observe"],
      });
      running.push(onlooker);
      const asked = async (url: string): Promise<string> => (await fetch(url)).text();
      expect(await asked(`${onlooker.healthUrl}/readyz?verbose`)).toContain("[+]apiserver ok: it answers\n");
      door.unplug();
      await replacePod(space);
      const before = (await submissions(space)).length;
      // A kubelet would start it again.
      expect(await controller.exited).toBe(1);
      expect(controller.log()).toContain(
        `"level":"error","msg":"The Lease was lost","lease":"${space}/tidekeeper.sei.io"`,
      );
      await Bun.sleep(9_000);
      expect((await submissions(space)).length).toBe(before);
      expect((await seiNode(api, space, "n")).status?.plan ?? null).toBeNull();
      const [health, metrics] = [await asked(`${onlooker.healthUrl}/readyz?verbose`), await asked(onlooker.metricsUrl)];
      expect(health).toMatch(/^\[\+\]apiserver ok: it has not answered for (1\d|2\d) s: /m);
      expect(Number(/^tidekeeper_apiserver_silence_seconds (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(10);
      expect(onlooker.log()).toContain('"level":"warn","msg":"The API server has not answered","seconds":1');
      door.plug();
      await start(door.installation);
      await healed(space, 10_000);
      await eventually("its word that it is over", async () => onlooker.log().includes("The API server answers again"));
      expect(await asked(`${onlooker.healthUrl}/readyz?verbose`)).toContain("[+]apiserver ok: it answers\n");
    },
    SLOW_MS,
  );

  test(
    "connections that fall silent with no end cost neither the Lease nor a heal within 55 s of the last byte",
    async () => {
      const { space, controller } = half;
      // The tests before may have taken as long: the sidecar itself says when it was opened.
      await healed(space, Math.max(2_000, silentAt + 55_000 - wall()));
      const opened = (await sidecars.lives({ namespace: space })).at(-1)?.openedAt?.wall ?? Number.POSITIVE_INFINITY;
      expect(opened - silentAt).toBeLessThan(55_000);
      expect(await Promise.race([controller.exited, Promise.resolve("alive")])).toBe("alive");
    },
    SLOW_MS,
  );
});
