/** `status.outcomes` on a real API server: whichever of CRD and program is newer, and back again, nothing is forgotten. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { GRACE_MS } from "../../src/model/index.ts";
import { seiNodeCrd } from "../../src/seinode/crd/index.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { startApiProxy } from "./harness/api-proxy.ts";
import { type ControllerProcess, install, type Installation, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { earlierProgram, type EarlierProgram, hasEarlierProgram } from "./harness/earlier-program.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  fullNode,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilEvents,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { untilOutcomesAre } from "./harness/outcomes-kept.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 180_000;
const NAMES = ["binary-first", "crd-first", "held"];

/** A shallow clone has no earlier version, and that is no fault of it: these are left out there, not skipped. */
const besideEarlier = hasEarlierProgram()
  ? describe
  : (title: string, _tests: () => void) => console.log(`(left out) outcomes, ${title}`);

describeCluster("outcomes", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  let earlier: EarlierProgram;
  let controller: ControllerProcess | null = null;

  const raw = async (name: string): Promise<Readonly<Record<string, unknown>>> =>
    (await api.get<{ status: Readonly<Record<string, unknown>> }>(seiNodePath(home, name)))?.status ?? {};
  const write = (name: string, status: object) => api.patch(`${seiNodePath(home, name)}/status`, { status });
  const until = (name: string, isSo: (node: SeiNodeObject) => boolean) =>
    untilNode(api, { namespace: home, name, withinMs: 90_000 }, isSo);
  const shut = (name: string) => sidecars.shut({ namespace: home, nodes: [name] });
  const probed = (name: string) => untilProbed(sidecars, { namespace: home, nodes: [name] });
  const submissions = async (name: string) =>
    (await sidecars.lives({ namespace: home, nodes: [name] })).flatMap((life) => life.submissions);
  const endings = async (name: string) =>
    (await seiNode(api, home, name)).status?.history?.map(({ outcome, healed }) => `${outcome} ${healed}`) ?? [];
  /** Shuts the gate and waits for the plan that opens it. */
  const healing = async (name: string): Promise<void> => {
    const known = (await submissions(name)).length;
    await shut(name);
    await eventually(`mark-ready of ${name}`, async () => (await submissions(name)).length > known, 60_000);
    await until(name, isAtRest);
  };
  const run = async (program?: readonly string[]): Promise<void> => {
    await controller?.kill();
    controller = await startController({
      installation,
      flags: ["--probe-interval=1s"],
      ...(program === undefined ? {} : { program }),
    });
    await controller.leads(40_000);
  };
  const serve = async (crd: KubeObject, keeps: boolean): Promise<void> => {
    await api.apply(crd);
    const probe = { ...fullNode(home, "probe"), status: { outcomes: ["a"] } };
    await api.apply(takenAs<KubeObject>({ ...probe, status: undefined }));
    await untilOutcomesAre(api, seiNodePath(home, "probe"), keeps ? "kept" : "dropped");
    await api.remove(seiNodePath(home, "probe"));
  };
  const newCrd = () => serve(takenAs<KubeObject>(seiNodeCrd()), true);
  const oldCrd = () => serve(earlier.crd, false);
  /** A plan for the gate as earlier versions noted its end. */
  const ended = (at: number, more: object = {}): object => {
    const time = new Date(at).toISOString();
    const plan = { id: crypto.randomUUID(), detector: "sidecar-ready", reason: "SidecarNotReady", generation: 1 };
    return { ...plan, outcome: "Failed", healed: false, createdAt: time, finishedAt: time, ...more };
  };
  /** As many failures as a status keeps, so that the next plan is five minutes away. */
  const failures = (): readonly object[] => Array.from({ length: 10 }, (_, index) => ended(Date.now() - 10 + index));

  beforeAll(async () => {
    home = await namespace("outcomes");
    installation = await install(cluster, home);
    await sidecars.behave({ startDelayMs: [0, 0], taskMs: 0 }, { namespace: home });
    if (hasEarlierProgram()) earlier = earlierProgram();
  }, SLOW_MS);
  afterAll(async () => {
    await controller?.kill();
    if (hasEarlierProgram()) earlier.remove();
    await install(cluster, home);
  }, SLOW_MS);

  besideEarlier("beside an earlier version (needs a clone that reaches back to it)", () => {
    test(
      "the program first: nothing is done and nothing is lost until the CRD follows, then the history goes over",
      async () => {
        await oldCrd();
        await run(earlier.program);
        await bringUp(api, { namespace: home, names: NAMES, withinMs: 90_000 });
        await healing("binary-first");
        const { history } = await raw("binary-first");
        expect(history).toHaveLength(2);
        await run();
        const before = (await submissions("binary-first")).length;
        await shut("binary-first");
        const told = await until("binary-first", (node) => conditionOf(node, "Stalled") === "True/CRDTooOld");
        expect(told.status?.conditions?.find(({ type }) => type === "Stalled")?.message).toContain("status.outcomes");
        expect((await raw("binary-first"))["history"]).toEqual(history);
        const appliedAt = Date.now();
        await newCrd();
        await until("binary-first", isAtRest);
        const opened = (await submissions("binary-first")).slice(before);
        expect(opened).toHaveLength(1);
        expect(opened[0]?.at.wall).toBeGreaterThan(appliedAt);
        const status = await raw("binary-first");
        expect([status["outcomes"], status["history"]]).toEqual([
          [
            expect.stringMatching(/^\S+ init NewNode Complete healed took=\S+s gen=1 id=\S{8}$/),
            expect.stringMatching(/^\S+ sidecar-ready SidecarNotReady Complete healed /),
            expect.stringMatching(
              /^\S+ sidecar-ready SidecarNotReady Complete healed .* pod=\S+ container=\S+ restarts=0$/,
            ),
          ],
          undefined,
        ]);
      },
      SLOW_MS,
    );

    test(
      "the CRD first: the earlier program goes on, and what it noted goes over with the next patch that is sent anyway",
      async () => {
        await newCrd();
        await run(earlier.program);
        await healing("crd-first");
        expect(await raw("crd-first")).toMatchObject({ history: { length: 2 } });
        const { history } = await raw("crd-first");
        await run();
        await probed("crd-first");
        expect((await raw("crd-first"))["history"]).toEqual(history);
        await healing("crd-first");
        const status = await raw("crd-first");
        expect(status["outcomes"]).toHaveLength(3);
        expect(status["history"]).toBeUndefined();
      },
      SLOW_MS,
    );

    test(
      "and back again: the earlier program heals beside lines that it does not know, and then both are one story",
      async () => {
        const { outcomes } = await raw("crd-first");
        await run(earlier.program);
        await healing("crd-first");
        // Each of the two also sees to the other's template, which is one more plan.
        const theirs = (await raw("crd-first"))["history"];
        expect(theirs).toContainEqual(expect.objectContaining({ detector: "sidecar-ready", outcome: "Complete" }));
        expect((await raw("crd-first"))["outcomes"]).toEqual(outcomes);
        await run();
        await healing("crd-first");
        const status = await raw("crd-first");
        expect(status["history"] ?? null).toBeNull();
        const lines = takenAs<readonly string[]>(status["outcomes"]);
        // Which Pod it was for is kept of the newest one alone.
        const story = (all: readonly string[]) => all.map((line) => line.replace(/ pod=.*/, ""));
        expect(story(lines.slice(0, 3))).toEqual(story(takenAs<readonly string[]>(outcomes)));
        expect(lines.filter((line) => line.includes(" sidecar-ready "))).toHaveLength(4);
        expect(new Set(await endings("crd-first"))).toEqual(new Set(["Complete true"]));
      },
      SLOW_MS,
    );

    test(
      "a back-off that the earlier program began stands with the next one, and after that one's restart",
      async () => {
        await run(earlier.program);
        await write("held", { history: failures() });
        // The earlier program may have read the node before its failures were written, and then opens the gate once more.
        await eventually("the gate to be seen shut", async () => {
          await shut("held");
          return conditionOf(await seiNode(api, home, "held"), "SidecarReady") === "False/NotReady";
        });
        const before = (await submissions("held")).length;
        await run();
        await sidecars.open({ namespace: home, nodes: ["held"] });
        await until("held", (node) => conditionOf(node, "SidecarReady") === "True/Ready");
        await write("held", { history: failures(), outcomes: null });
        await shut("held");
        await until("held", ({ status }) => status?.outcomes?.length === 10);
        await probed("held");
        await run();
        await probed("held");
        expect((await submissions("held")).length).toBe(before);
        expect((await raw("held"))["outcomes"]).toHaveLength(10);
      },
      SLOW_MS,
    );
  });

  test(
    "the grace of a gate that was just opened outlives the turn-over and a restart",
    async () => {
      await newCrd();
      await run();
      await bringUp(api, { namespace: home, names: ["granted"] });
      const [life] = (await sidecars.lives({ namespace: home, nodes: ["granted"] })).slice(-1);
      const pod = await api.get<{ status: { initContainerStatuses: readonly { containerID: string }[] } }>(
        `/api/v1/namespaces/${home}/pods/granted-0`,
      );
      expect((await raw("granted"))["outcomes"]).toEqual([expect.stringContaining(`pod=${life?.podUid}`)]);
      const incarnation = {
        podUid: life?.podUid,
        containerId: pod?.status.initContainerStatuses.at(-1)?.containerID,
        restartCount: life?.restartCount,
      };
      const at = Date.now();
      await write("granted", {
        outcomes: null,
        history: [ended(at, { outcome: "Complete", healed: true, incarnation })],
      });
      const known = (await submissions("granted")).length;
      await shut("granted");
      await until("granted", ({ status }) => status?.outcomes?.length === 1);
      await run();
      await until("granted", isAtRest);
      const opened = (await submissions("granted")).slice(known);
      expect(opened).toHaveLength(1);
      expect(opened[0]?.at.wall).toBeGreaterThanOrEqual(at + GRACE_MS);
    },
    SLOW_MS,
  );

  test(
    "a healing costs two patches, and beside them these reads and Events",
    async () => {
      await newCrd();
      const door = await startApiProxy(cluster, installation);
      installation = door.installation;
      await run();
      await bringUp(api, { namespace: home, names: ["counted"] });
      const outcomes = Array.from({ length: 10 }, (_, index) => oldHealing(index));
      await write("counted", { outcomes });
      await probed("counted");
      const asked = door.asked.length;
      await healing("counted");
      await untilEvents(api, { namespace: home, name: "counted" }, (reasons) =>
        reasons.includes("SidecarReadinessRestored"),
      );
      await probed("counted");
      const seen = door.asked.slice(asked).filter((line) => !line.includes("watch=") && !line.includes("/leases"));
      const counted = Map.groupBy(seen, (line) =>
        line.replace(/\?.*/, "").replaceAll(/^(\S+) .*?\/namespaces\/[^/]+/g, "$1 "),
      );
      // The ground of an effect is read once more where reading it was slow.
      const rounds = counted.get("GET /seinodes/counted")?.length ?? 0;
      expect([1, 2]).toContain(rounds);
      expect(Object.fromEntries([...counted].map(([line, all]) => [line, all.length]))).toEqual({
        "GET /persistentvolumeclaims/data-counted": rounds,
        "GET /pods/counted-0": rounds,
        "GET /seinodes/counted": rounds,
        "PATCH /seinodes/counted/status": 2,
        "POST /events": 2,
      });
      const status = await raw("counted");
      expect(status["outcomes"]).toEqual([...outcomes.slice(1), expect.stringContaining(" healed ")]);
      expect(JSON.stringify(status["outcomes"]).length).toBeLessThan(1300);
      door.close();
    },
    SLOW_MS,
  );
});

/** The line of a healing of long ago. */
function oldHealing(index: number): string {
  return `2026-01-02T03:04:0${index}.678Z sidecar-ready SidecarNotReady Complete healed took=0.412s gen=1 id=1a2b3c4${index}`;
}
