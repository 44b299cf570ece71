/** `tidekeeper drift` against a real cluster: its verdicts are the running controller's, and it writes nothing. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { anotherUser } from "./harness/another-user.ts";
import { askLaptop } from "./harness/ask-laptop.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, conditionOf, seiNode, type SeiNodeObject, seiNodePath } from "./harness/fleet.ts";
import { mayReadPlatform } from "./harness/may-read-platform.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 240_000;
/** One that is far off fails; what it took is printed. */
const BOUND_MS = 10_000;
const NODES = 100;

interface Row {
  readonly name: string;
  readonly ready: string;
  readonly why: string;
  readonly drift: string | null;
  readonly plan: readonly string[];
}

describeCluster("tidekeeper drift", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  let laptop: Installation;
  let controller: ControllerProcess;
  const names = Array.from({ length: NODES }, (_none, index) => `n${String(index).padStart(3, "0")}`);
  const ask = (...argv: readonly string[]) => askLaptop(["drift", ...argv], { installation: laptop });
  const edit = (name: string, spec: object) => api.patch(seiNodePath(home, name), { spec });

  beforeAll(async () => {
    home = await namespace("drift");
    installation = await install(cluster, home);
    laptop = await anotherUser(cluster, installation, "laptop");
    await mayReadPlatform(cluster, home, "laptop");
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    const healing = await startController({ installation });
    await bringUp(api, { namespace: home, names, withinMs: 180_000 });
    await healing.kill();
    // It tells what it would do and does nothing, so that drift stays to be seen.
    controller = await startController({ installation, flags: ["--mode=observe", "--probe-interval=1s"] });
    await controller.leads();
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test("a fleet at rest: exit 0, one line a node", async () => {
    const told = await ask("-n", home);
    expect(told.stderr).toBe("");
    expect(told.code).toBe(0);
    expect(told.stdout.split("\n")[0]).toMatch(/^NAME +READY +WHY +PHASE +DRIFT +PLAN$/);
    expect(told.stdout.trimEnd().split("\n")).toHaveLength(NODES + 1);
  });

  test("a plugin judges as in a controller: after the built-ins, and its plan is shown", async () => {
    const path = `${cluster.dir}/mine.ts`;
    writeFileSync(
      path,
      `export default {
  name: "mine",
  detect: ({ node }) =>
    node.metadata.name === "n099" ? { reason: "Mine", message: "m", tasks: [{ type: "mark-ready", params: {} }] } : null,
};
`,
    );
    const told = await ask("-n", home, "-o", "name", "--plugin", path);
    expect(told).toMatchObject({ code: 1, stdout: "seinode.sei.io/n099\n", stderr: "" });
    const off = await ask("-n", home, "-o", "name", "--plugin", path, "--detectors=mine=off");
    expect(off).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const table = await ask("-n", home, "n099", "--plugin", path);
    expect(table.stdout).toMatch(/^n099 +True +Ready +Running +Mine +mark-ready$/m);
  });

  test(
    "drift: exit 1, the controller's own verdict of each node, nothing written, and in time",
    async () => {
      await sidecars.shut({ namespace: home, nodes: names.slice(0, 20) });
      await Promise.all(names.slice(10, 30).map((name) => edit(name, { image: "sei:2" })));
      await Promise.all(names.slice(30, 35).map((name) => api.remove(`/api/v1/namespaces/${home}/services/${name}`)));
      await Promise.all(
        names.slice(35, 38).map((name) =>
          api.patch(`/apis/apps/v1/namespaces/${home}/statefulsets/${name}`, {
            spec: { updateStrategy: { type: "RollingUpdate" } },
          }),
        ),
      );
      await edit(names[38] ?? "", { paused: true });
      await api.patch(`${seiNodePath(home, names[19] ?? "")}/status`, {
        status: { adoptedWorkflow: { name: "migrate" } },
      });
      const verdict = (node: SeiNodeObject) => conditionOf(node, "Drift");
      const all = () => Promise.all(names.map((name) => seiNode(api, home, name)));
      await eventually(
        "the controller to see all drift",
        async () => (await all()).filter((node) => verdict(node).startsWith("True")).length >= 37,
        30_000,
      );
      const offset = audit.offset();
      const told = await ask("-n", home, "-o", "json");
      console.log(`drift of ${NODES} nodes: ${Math.round(told.tookMs)} ms`);
      expect(told.stderr).toBe("");
      expect(told.code).toBe(1);
      expect(told.tookMs).toBeLessThan(BOUND_MS);
      const rows = takenAs<{ items: readonly Row[] }>(JSON.parse(told.stdout)).items;
      const stored = await all();
      const ours = rows.map(({ name, ready, why, drift }) => ({ name, ready: `${ready}/${why}`, drift }));
      const theirs = stored.map((node) => ({
        name: node.metadata.name,
        ready: conditionOf(node, "Ready"),
        drift: verdict(node).startsWith("True/") ? verdict(node).slice("True/".length) : null,
      }));
      expect(ours).toEqual(theirs);
      expect(new Set(ours.map(({ drift }) => drift))).toEqual(
        new Set(["SidecarNotReady", "ImageChanged", "WorkloadChanged", null]),
      );
      const written = audit.mutationsSince(offset).filter(({ user }) => user.endsWith(":laptop"));
      expect(written).toEqual([]);
    },
    SLOW_MS,
  );
});
