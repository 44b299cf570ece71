/** From an earlier version to this one and back, while gates are being shut: every gate is opened, and no Pod goes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { describeTools, output, tool } from "../install/deploy-tools.ts";
import { type ControllerProcess, install, type Installation, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { earlierProgram, type EarlierProgram, hasEarlierProgram } from "./harness/earlier-program.ts";
import { bringUp, isAtRest, seiNode, untilNode } from "./harness/fleet.ts";

const SLOW_MS = 120_000;
const NAMES = Array.from({ length: 12 }, (_one, index) => `n${index}`);
const CURRENT = [process.execPath, new URL("../../src/cli/main.ts", import.meta.url).pathname];

/** A shallow clone has no earlier version, and that is no fault of it: these are left out there, not skipped. */
const besideEarlier = hasEarlierProgram()
  ? describe
  : (title: string, _tests: () => void) => console.log(`(left out) upgrade, ${title}`);

describeCluster("an upgrade", ({ api, namespace, sidecars, kubeconfigPath, ...cluster }) => {
  besideEarlier("from an earlier version, and back", () => {
    let home = "";
    let installation: Installation;
    let earlier: EarlierProgram;
    const loaded = new AbortController();
    const podUids = async (): Promise<readonly string[]> =>
      (await api.list(`/api/v1/namespaces/${home}/pods`)).map(({ metadata: { name, uid } }) => `${name} ${uid}`);
    /** What a rolling update does to the one that leads: the next stands by when it goes. */
    const follow = async (before: ControllerProcess | null, program: readonly string[]): Promise<ControllerProcess> => {
      const next = await startController({ installation, program, flags: ["--probe-interval=1s"] });
      if (before !== null) expect(await before.kill()).toBe(0);
      await next.leads(30_000);
      return next;
    };
    const load = async (): Promise<number> => {
      let count = 0;
      for (let at = 0; !loaded.signal.aborted; at += 1) {
        count += await sidecars.shut({ namespace: home, nodes: [NAMES[at % NAMES.length] ?? ""] });
        await Bun.sleep(250);
      }
      return count;
    };

    beforeAll(async () => {
      earlier = earlierProgram();
      home = await namespace("upgrade");
      installation = await install({ api, namespace, sidecars, kubeconfigPath, ...cluster }, home);
    }, SLOW_MS);
    afterAll(() => earlier.remove());

    test(
      "no gate stays shut, no plan fails, no Pod is replaced",
      async () => {
        let controller = await follow(null, earlier.program);
        await bringUp(api, { namespace: home, names: NAMES });
        const pods = await podUids();
        const shut = load();
        for (const program of [CURRENT, earlier.program, CURRENT]) {
          controller = await follow(controller, program);
          await Bun.sleep(5_000);
        }
        loaded.abort();
        expect(await shut).toBeGreaterThan(NAMES.length);
        for (const name of NAMES) {
          const node = await untilNode(api, { namespace: home, name, withinMs: 60_000 }, isAtRest);
          const bad = node.status?.history?.filter(({ outcome }) => outcome === "Failed") ?? [];
          expect([name, bad]).toEqual([name, []]);
        }
        expect(await podUids()).toEqual(pods);
        expect((await seiNode(api, home, "n0")).status?.history?.length).toBeGreaterThan(1);
        expect(await controller.kill()).toBe(0);
      },
      SLOW_MS,
    );

    describeTools("by kubectl", () => {
      test(
        "the Deployment of the earlier manifests takes those of this version, and the other way round",
        async () => {
          const env = { KUBECONFIG: kubeconfigPath };
          const space = await namespace("upgraded");
          const path = `/apis/apps/v1/namespaces/${space}/deployments/tidekeeper`;
          const uids: (string | undefined)[] = [];
          for (const program of [earlier.program, CURRENT, earlier.program]) {
            const text = await output([
              ...program,
              "manifests",
              `--namespace=${space}`,
              "--image=registry.example/tk:1",
            ]);
            // The CRD is the newest one's for good: an older one would forget fields.
            const input = text.split("---\n").filter((part) => !part.includes("kind: CustomResourceDefinition"));
            const argv = [tool("kubectl"), "apply", "--server-side", "--force-conflicts", "-f", "-"];
            await output(argv, { env, input: input.join("---\n") });
            uids.push((await api.get(path))?.metadata.uid);
          }
          expect(uids).toEqual([uids[0], uids[0], uids[0]]);
          expect(uids[0]).toBeString();
        },
        SLOW_MS,
      );
    });
  });
});
