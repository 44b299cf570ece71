/** The log of a real run: that each line alone says which node, what, why, and what comes next. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { UNSUPPORTED_FIELDS } from "../../src/seinode/read/index.ts";
import { faultsIn } from "../fixtures/plain-words.ts";
import { type ApiProxy, startApiProxy } from "./harness/api-proxy.ts";
import { type ControllerProcess, install, type Installation, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, conditionOf, fullNode, isAtRest, replacePod, seiNodePath, untilNode } from "./harness/fleet.ts";
import { deny } from "./harness/policies.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 240_000;
const LOOKING = ["--probe-interval=1s"];
const WORDS = "this image was not signed off";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

type Line = Readonly<Record<string, unknown>>;

describeCluster("what the log says", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let token = "";
  let installation: Installation;
  let door: ApiProxy;
  let controller: ControllerProcess;
  const at = (name: string): string => `${home}/${name}`;
  const lines = (): readonly Line[] =>
    controller
      .log()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => takenAs<Line>(JSON.parse(line)));
  const said = (msg: string, isMeant: (line: Line) => boolean = () => true): readonly Line[] =>
    lines().filter((line) => line["msg"] === msg && isMeant(line));
  const untilSaid = (msg: string, isMeant?: (line: Line) => boolean, withinMs = 30_000): Promise<readonly Line[]> =>
    eventually(
      `the line ${msg}`,
      async () => {
        const found = said(msg, isMeant);
        return found.length > 0 && found;
      },
      withinMs,
    );
  const start = async (flags: readonly string[]): Promise<void> => {
    controller = await startController({ installation: door.installation, flags: [...LOOKING, ...flags] });
  };

  beforeAll(async () => {
    home = await namespace("words");
    installation = await install(cluster, home);
    const config = takenAs<{ users: [{ user: { token: string } }] }>(
      JSON.parse(readFileSync(installation.kubeconfigPath, "utf8")),
    );
    token = config.users[0].user.token;
    door = await startApiProxy(cluster, installation);
    await start([]);
    await controller.leads();
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["gate", "denied", "first", "second", "third"] });
  }, SLOW_MS);
  afterEach(() => {
    const texts = lines().flatMap((line) =>
      ["why", "what", "problem", "hint", "next"].flatMap((key) => (typeof line[key] === "string" ? [line[key]] : [])),
    );
    expect(texts.filter((text) => faultsIn(text, token).some((fault) => !fault.endsWith("characters")))).toEqual([]);
    expect(controller.log()).not.toContain(token);
  });
  afterAll(async () => {
    door.heal();
    await controller.kill();
    door.close();
  }, SLOW_MS);

  test(
    "of a gate that is opened: the drift, the plan with its tasks once it is stored, and its end",
    async () => {
      await replacePod(api, home, "gate");
      const ofGate = ({ node, detector }: Line): boolean => node === at("gate") && detector === "sidecar-ready";
      const [end] = await untilSaid("Plan ended", ofGate);
      const [drift] = said("Drift found", ofGate);
      const [stored] = said("Plan stored", ofGate);
      expect(drift).toMatchObject({ mode: "act", reason: "SidecarNotReady", why: expect.stringContaining("503") });
      expect(stored).toMatchObject({ reason: "SidecarNotReady", tasks: ["mark-ready"], plan: end?.["plan"] });
      expect(end).toMatchObject({ level: "info", outcome: "complete", healed: true });
    },
    SLOW_MS,
  );

  test(
    "of a roll-out that is refused: the task, the code, the API server's words and the time of the next try",
    async () => {
      const isOld = 'object.spec.template.spec.containers[0].image in ["sei:1"]';
      const meant = { namespace: home, node: "denied", resource: "statefulsets" } as const;
      const lift = await deny(api, meant, { expression: isOld, message: WORDS });
      await api.patch(seiNodePath(home, "denied"), { spec: { image: "sei:2" } });
      const [end] = await untilSaid("Plan ended", ({ node, outcome }) => node === at("denied") && outcome === "failed");
      await lift();
      expect(end).toMatchObject({ level: "warn", detector: "image", task: "apply-statefulset", code: "API_REFUSED" });
      expect(String(end?.["why"])).toContain(WORDS);
      const { ts, nextTry } = takenAs<{ ts: string; nextTry: string }>(end);
      expect(nextTry).toMatch(TIME);
      const inMs = Date.parse(nextTry) - Date.parse(ts);
      expect(inMs > 5000 && inMs <= 10_000).toBe(true);
      await untilNode(api, { namespace: home, name: "denied", withinMs: 60_000 }, isAtRest);
    },
    SLOW_MS,
  );

  test(
    "of a status that cannot be written: one node at once, all that it befalls a minute later, in one line",
    async () => {
      // One is spoilt alone first, so that it is known whom the first line names.
      door.deny(/\/seinodes\/(?:first|second|third)\/status/);
      const shut = (name: string) => sidecars.shut({ namespace: home, nodes: [name] });
      await shut("first");
      const ofStatus = ({ what }: Line): boolean => String(what).startsWith("the status patch was refused: ");
      const [line] = await untilSaid("Reconcile met a problem", ofStatus);
      expect(line).toMatchObject({ level: "error", node: at("first") });
      expect(String(line?.["nextTry"])).toMatch(TIME);
      await shut("second");
      await shut("third");
      const [all] = await untilSaid("Reconcile met a problem", ({ nodes }) => nodes !== undefined, 80_000);
      door.heal();
      expect(all?.["nodes"]).toBe(3);
      expect([...takenAs<string[]>(all?.["names"])].toSorted()).toEqual([at("first"), at("second"), at("third")]);
      expect(said("Reconcile met a problem", ofStatus).length).toBe(2);
      // No plan of theirs was stored, so none is told of.
      const isTheirs = ({ node }: Line): boolean => node === at("second") || node === at("third");
      const early = said("Plan stored", (one) => isTheirs(one) && String(one["ts"]) < String(all?.["ts"]));
      expect(early.map(({ reason }) => reason)).not.toContain("SidecarNotReady");
      for (const name of ["first", "second", "third"]) {
        await untilNode(api, { namespace: home, name, withinMs: 90_000 }, isAtRest);
      }
    },
    SLOW_MS,
  );

  test(
    "of watches that are refused: one line for all, with the remedy, and their end",
    async () => {
      const isMeant = /(?:persistentvolumeclaims|services|jobs)\?/;
      door.deny(isMeant);
      door.cut(isMeant);
      const [line] = await untilSaid("A watch failed", ({ status }) => status === 403);
      door.heal();
      expect(line).toMatchObject({
        level: "warn",
        resource: "jobs.batch, persistentvolumeclaims, services",
        status: 403,
        hint: expect.stringContaining("tidekeeper manifests"),
      });
      await untilSaid("Watches work again", ({ resource }) => resource === line?.["resource"], 60_000);
      expect(said("A watch failed", ({ status }) => status === 403).length).toBe(1);
    },
    SLOW_MS,
  );

  test(
    "of a step that waits: the task, what it waits for, and when it is tried again",
    async () => {
      await sidecars.behave({ startDelayMs: [5000, 5000] }, { namespace: home, nodes: ["slow"] });
      await api.apply(fullNode(home, "slow"));
      const [line] = await untilSaid("Task has to wait", ({ node }) => node === at("slow"));
      expect(line).toMatchObject({ level: "info", task: expect.any(String), why: expect.any(String) });
      expect(String(line?.["nextTry"])).toMatch(TIME);
      await untilNode(api, { namespace: home, name: "slow", withinMs: 60_000 }, isAtRest);
    },
    SLOW_MS,
  );

  test(
    "in the mode observe, of a detector that fails, of specs that are not supported, and of sidecars that do not answer",
    async () => {
      await controller.kill();
      const secret = (secretName: string) => ({ secret: { secretName } });
      const snapshot = { snapshot: { stateSync: {}, rpcServers: ["a:1", "b:1"] } };
      const specs = {
        seed: { seed: { nodeKey: secret("n") } },
        keys: { validator: { signingKey: secret("s"), nodeKey: secret("n") } },
        keyring: { validator: { operatorKeyring: secret("k") } },
        "full-rpc": { fullNode: snapshot },
        "validator-rpc": { validator: snapshot },
        "replayer-rpc": { peers: [{ static: { addresses: ["a@b:1"] } }], replayer: snapshot },
      };
      for (const [name, mode] of Object.entries(specs)) {
        await api.apply({ ...fullNode(home, name), spec: { chainId: "sei-test", image: "sei:1", ...mode } });
      }
      const plugin = `${cluster.dir}/throws.ts`;
      writeFileSync(plugin, 'export default { name: "throws", detect() { throw new Error("boom"); } };\n', {
        mode: 0o644,
      });
      await sidecars.shut({ namespace: home, nodes: ["gate"] });
      await start(["--mode=observe", `--plugin=${plugin}`]);
      const [drift] = await untilSaid("Drift found", ({ node }) => node === at("gate"));
      expect(drift).toMatchObject({ mode: "observe", reason: "SidecarNotReady", would: ["mark-ready"] });
      const [failing] = await untilSaid("Detector failed", ({ detector }) => detector === "throws");
      expect(failing).toMatchObject({ node: expect.stringContaining(`${home}/`), why: "detect() threw: boom" });
      expect(said("Detector failed").length).toBe(1);
      const [refused] = await untilSaid("Specs are not supported: nothing is written for these nodes");
      expect(refused).toMatchObject({ level: "warn", nodes: 6 });
      expect(takenAs<string[]>(refused?.["names"]).length).toBe(5);
      for (const name of Object.keys(specs)) {
        const stalled = await untilNode(
          api,
          { namespace: home, name },
          (node) => conditionOf(node, "Stalled") !== "none",
        );
        expect(conditionOf(stalled, "Stalled")).toBe("True/UnsupportedSpec");
      }
      await Bun.sleep(3000);
      expect(said("Drift found", ({ node }) => node === at("gate")).length).toBe(1);
      expect(said("Plan stored")).toEqual([]);
    },
    SLOW_MS,
  );

  // Where nobody has kubectl there is no such command to be tried.
  const withKubectl = Bun.which("kubectl") === null ? (): void => undefined : test;
  withKubectl(
    "docs/moving-over.md lists exactly those nodes with kubectl alone",
    async () => {
      const page = readFileSync(new URL("../../docs/moving-over.md", import.meta.url), "utf8");
      const block = /^ {3}(kubectl get seinodes -A -o go-template=[\s\S]*?) {3}```$/m.exec(page)?.[1] ?? "";
      const run = async (command: string): Promise<string> => {
        const env = { ...process.env, KUBECONFIG: cluster.kubeconfigPath };
        const child = Bun.spawn(["bash", "-c", command], { env, stdout: "pipe", stderr: "pipe" });
        const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
        expect([errors, await child.exited]).toEqual(["", 0]);
        return text;
      };
      const listed = (await run(block)).split("\n").filter((line) => line.startsWith(`${home}/`));
      const fields = new Set(listed.map((line) => line.split(" spec.")[1] ?? ""));
      expect([...fields].toSorted()).toEqual([...UNSUPPORTED_FIELDS].toSorted());
      const names = new Set(listed.map((line) => line.split(" ")[0] ?? ""));
      const refused = (await api.list<{ metadata: { name: string } }>(seiNodePath(home, "").replace(/\/$/, "")))
        .map((node) => takenAs<Parameters<typeof conditionOf>[0]>(node))
        .filter((node) => conditionOf(node, "Stalled") === "True/UnsupportedSpec")
        .map((node) => at(node.metadata.name));
      expect([...names].toSorted()).toEqual(refused.toSorted());
      const counted = await run(`${block.trimEnd()} | cut -d" " -f1 | sort -u | wc -l`);
      expect(Number(counted)).toBeGreaterThanOrEqual(names.size);
    },
    SLOW_MS,
  );
});
