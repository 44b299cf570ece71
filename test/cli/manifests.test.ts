/** `tidekeeper manifests`: what is printed. */
import { expect, test } from "bun:test";
import { parseAllDocuments } from "yaml";
import { allManifests, printManifests } from "../../src/cli/manifests.ts";

const CONFIG = { command: "manifests", namespace: "ops", image: "registry.example/tidekeeper:1", shards: 1 } as const;

async function printed(): Promise<string> {
  let text = "";
  const host = {
    argv: [],
    env: {},
    program: "tidekeeper",
    platform: "test",
    isTerminal: { stdin: false, stdout: false, stderr: false },
    columns: null,
    async write(stream: "stdout" | "stderr", chunk: string) {
      if (stream === "stdout") text += chunk;
    },
    exit(): never {
      throw new Error("exit");
    },
    giveBackMemory() {},
    collectGarbage() {},
  };
  expect(await printManifests(CONFIG, { host })).toBe(0);
  return text;
}

test("what is printed reads back as what was meant, without aliases", async () => {
  const text = await printed();
  const documents: unknown[] = parseAllDocuments(text).map((document) => document.toJS());
  expect(documents).toEqual([...allManifests(CONFIG)]);
  expect(text).not.toMatch(/: [&*]a\d/);
});

test("the CRD is that of config/crd, word for word", async () => {
  const file = await Bun.file(new URL("../../config/crd/sei.io_seinodes.yaml", import.meta.url)).text();
  const [comment, ...body] = file.split("\n");
  expect(comment).toStartWith("# ");
  expect((await printed()).split("---\n")).toContain(body.join("\n"));
});

test("the namespace comes first and the Deployment last, and all that is namespaced is in it", () => {
  const all = allManifests(CONFIG);
  expect([all.at(0)?.["kind"], all.at(-1)?.["kind"]]).toEqual(["Namespace", "Deployment"]);
  const namespaces = all.map((one) => JSON.parse(JSON.stringify(one)).metadata.namespace ?? "ops");
  expect(new Set(namespaces)).toEqual(new Set(["ops"]));
});

test("the platform file is mounted where it is read, and may be missing", () => {
  const deployment = JSON.parse(JSON.stringify(allManifests(CONFIG).at(-1)));
  const { containers, volumes } = deployment.spec.template.spec;
  expect(volumes).toEqual([{ name: "platform", configMap: { name: "tidekeeper-platform", optional: true } }]);
  expect(containers[0].volumeMounts).toEqual([{ name: "platform", mountPath: "/etc/tidekeeper", readOnly: true }]);
  // By the name that a missing file is no mistake for.
  expect(containers[0].args).toEqual(["run", "--leader-elect-namespace=ops"]);
  expect(containers[0].env).toContainEqual({ name: "SEI_CONTROLLER_CONFIG", value: "/etc/tidekeeper/platform.yaml" });
});

test("the Pod is restricted: no root, no privilege, nothing to write to", () => {
  const deployment = JSON.parse(JSON.stringify(allManifests(CONFIG).at(-1)));
  const { securityContext, containers } = deployment.spec.template.spec;
  expect(securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(containers).toHaveLength(1);
  expect(containers[0].image).toBe(CONFIG.image);
  expect(containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("the runtime is told how much memory its Pod asks for, or it would take the machine's for its own", () => {
  const [container] = JSON.parse(JSON.stringify(allManifests(CONFIG))).at(-1).spec.template.spec.containers;
  expect(container.env.find((one: { name: string }) => one.name === "BUN_JSC_forceRAMSize")).toEqual({
    name: "BUN_JSC_forceRAMSize",
    valueFrom: { resourceFieldRef: { resource: "requests.memory" } },
  });
  expect(container.resources.requests.memory).toBe("128Mi");
});

test("with shards the Role names each of their Leases, and the Pods are told how many there are", () => {
  const told = (shards: number) => {
    const all = JSON.parse(JSON.stringify(allManifests({ ...CONFIG, shards })));
    const role = all.find((one: { kind: string }) => one.kind === "Role");
    return [role.rules[0].resourceNames, all.at(-1).spec.template.spec.containers[0].args];
  };
  expect(told(1)).toEqual([["tidekeeper.sei.io"], ["run", "--leader-elect-namespace=ops"]]);
  expect(told(3)).toEqual([
    ["tidekeeper.sei.io", ...[0, 1, 2].map((shard) => `shard-${shard}.tidekeeper.sei.io`)],
    ["run", "--leader-elect-namespace=ops", "--shards=3"],
  ]);
});
