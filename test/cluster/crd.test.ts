/** The CRD on a real API server: what it lets in comes back whole, what it refuses is refused by name. */
import { beforeAll, describe, expect, test } from "bun:test";
import { isEqual } from "../../src/model/index.ts";
import { isObject, type Json, type JsonObject } from "../../src/base/index.ts";
import { seiNodeCrd, specSchema } from "../../src/seinode/crd/index.ts";
import { readNode } from "../../src/seinode/read/index.ts";
import { refusedSpecs } from "../fixtures/refused-specs.ts";
import { examples, samples } from "../fixtures/samples.ts";
import { schemasOf } from "../fixtures/schemas-of.ts";
import type { ApiReply, KubeObject } from "./harness/admin-api.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { untilStrict } from "./harness/loose-schema.ts";
import { takenAs } from "./harness/taken-as.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";

describeCluster("the CRD on a real API server", ({ api, namespace }) => {
  let home = "";
  let path = "";

  beforeAll(async () => {
    home = await namespace("crd");
    path = `/apis/sei.io/v1alpha1/namespaces/${home}/seinodes`;
    await api.apply(takenAs<KubeObject>(seiNodeCrd()));
    await untilStrict(api, home);
  });

  const create = (name: string, spec: Json, more: JsonObject = {}): Promise<ApiReply> =>
    api.request("POST", path, { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name, ...more }, spec });

  test("is structural, so that the API server prunes and defaults by it", async () => {
    const crd = await api.get(CRDS);
    expect(conditionOf(crd, "NamesAccepted")).toBe("True");
    expect(conditionOf(crd, "NonStructuralSchema")).toBeNull();
  });

  test("is stored as it is printed, so that applying it again changes nothing", async () => {
    expect((await api.get<JsonObject>(CRDS))?.["spec"]).toEqual(seiNodeCrd()["spec"]);
  });

  describe("lets in", () => {
    test.each([...samples(), ...examples()].map((sample) => [sample.title, sample] as const))(
      "%s, and nothing of it is lost",
      async (_title, { name, manifest, spec, status }) => {
        const posted = await api.request("POST", path, manifest);
        expect(posted.text).toContain(`"name":"${name}"`);
        expect(posted.status).toBe(201);
        expect(lost(spec, (await api.get<JsonObject>(`${path}/${name}`))?.["spec"])).toEqual([]);
        if (status === null) return;
        await api.patch(`${path}/${name}/status`, { status });
        expect((await api.get<JsonObject>(`${path}/${name}`))?.["status"]).toEqual(status);
      },
    );

    test("a status without a plan any more", async () => {
      await create("cleared", { chainId: "a", image: "b", fullNode: {} });
      const plan = { id: "x", phase: "Active", tasks: [] };
      await api.patch(`${path}/cleared/status`, { status: { phase: "", plan, adoptedWorkflow: { name: "w" } } });
      const gone = { plan: null, adoptedWorkflow: null, endpoint: null };
      const cleared = await api.patch<JsonObject>(`${path}/cleared/status`, { status: gone });
      expect(cleared["status"]).toEqual({ phase: "" });
    });

    test("keys that reach a prototype, which are read as nothing", async () => {
      const texts: Json = JSON.parse('{"__proto__":"x","constructor":"y","a":"b"}');
      const made = await create("prototype", { chainId: "a", image: "b", fullNode: {}, overrides: texts });
      expect(made.text).toContain('"__proto__":"x"');
      expect(readNode(made.json)?.spec["overrides"]).toEqual(texts);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
  });

  test("shows the node in columns, and more of it when asked for", async () => {
    const at = "2026-01-02T03:04:05Z";
    const told = (type: string, status: string, reason: string) => ({ ...conditionNamed(type), status, reason });
    const status = {
      phase: "Running",
      currentImage: "sei:1",
      currentSidecarImage: "seictl:1",
      conditions: [
        told("Ready", "False", "NotReady"),
        told("Drift", "True", "ImageChanged"),
        told("HeldByWorkflow", "Unknown", "GateHistoryUnknown"),
        told("Stalled", "True", "X"),
      ],
      plan: { id: "a", phase: "Active", detector: "image", reason: "ImageChanged", tasks: [], createdAt: at },
      statefulSet: { name: "shown", uid: "u" },
    };
    const other = await namespace("columns");
    const nodes = `/apis/sei.io/v1alpha1/namespaces/${other}/seinodes`;
    const node = { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata: { name: "shown" } };
    await api.request("POST", nodes, { ...node, spec: { chainId: "a", image: "b", fullNode: {} } });
    await api.patch(`${nodes}/shown/status`, { status });
    const { columnDefinitions, rows } = await api.table(nodes);
    const columns = columnDefinitions.map(({ name, priority }, index) => [name, priority, rows[0]?.cells[index]]);
    expect(columns).toEqual([
      ["Name", 0, "shown"],
      ["Ready", 0, "False"],
      ["Why", 0, "NotReady"],
      ["Phase", 0, "Running"],
      ["Image", 0, "sei:1"],
      ["Drift", 0, "ImageChanged"],
      ["Held", 0, "GateHistoryUnknown"],
      ["Plan", 0, "ImageChanged"],
      ["Detector", 1, "image"],
      ["Sidecar", 1, "seictl:1"],
      ["Stalled", 1, "X"],
      ["Age", 0, expect.any(String)],
    ]);
  });

  test("fills in what was not given", async () => {
    const secret = { secretName: "a" };
    const spec = { chainId: "a", image: "b", sidecar: {}, validator: { operatorKeyring: { secret } } };
    const node = readNode((await create("defaults", spec)).json);
    expect(node?.spec).toEqual({
      ...spec,
      paused: false,
      sidecar: { port: 7777 },
      validator: { operatorKeyring: { secret: { ...secret, keyName: "node_admin", seidMount: false } } },
    });
  });

  const messages = new Map<string, string>(
    schemasOf("spec", specSchema()).flatMap(([at, schema]) =>
      takenAs<{ message: string }[]>(schema["x-kubernetes-validations"] ?? []).map(
        ({ message }, index) => [`${at} rule ${index}`, message] as const,
      ),
    ),
  );

  test.each(refusedSpecs().map(({ rule, spec }) => [rule, spec] as const))(
    "refuses what breaks %s",
    async (rule, spec) => {
      const reply = await create("refused", spec);
      const [at = ""] = rule.split(" ");
      expect(reply.text).toMatch(new RegExp(at.replaceAll(".", "\\.").replaceAll("[]", "\\[\\d+\\]")));
      expect(reply.text).toContain(messages.get(rule) ?? "");
      expect(reply.status).toBe(422);
    },
  );

  describe("of a node that is there already", () => {
    const base = { chainId: "pacific-1", image: "sei:1" };
    const named = (secretName: string): JsonObject => ({ secret: { secretName } });
    const keyring = (secretName: string, passphrase: string): JsonObject => ({
      secret: { secretName, passphraseSecretRef: { secretName: passphrase, key: "p" } },
    });
    const keys = { signingKey: named("s"), nodeKey: named("n"), operatorKeyring: keyring("k", "p") };
    const validator = { ...base, validator: keys };
    const imported = { ...base, fullNode: {}, dataVolume: { import: { pvcName: "a" } } };

    const seed = { ...base, seed: { nodeKey: named("n") } };
    const fixed = (at: string): RegExp =>
      new RegExp(`${at}\\.secret\\.\\S*secretName: Invalid value: .*secretName is immutable`);
    test.each([
      [
        "another claim",
        imported,
        { dataVolume: { import: { pvcName: "b" } } },
        /import\.pvcName: .*pvcName is immutable/,
      ],
      ["no claim", imported, { dataVolume: { import: null } }, /spec\.dataVolume: .*import cannot be removed once set/],
      ["another signing key", validator, { validator: { signingKey: named("t") } }, fixed("validator.signingKey")],
      ["another node key", validator, { validator: { nodeKey: named("t") } }, fixed("validator.nodeKey")],
      ["another keyring", validator, { validator: { operatorKeyring: keyring("t", "p") } }, fixed("operatorKeyring")],
      [
        "another passphrase",
        validator,
        { validator: { operatorKeyring: keyring("k", "t") } },
        fixed("operatorKeyring"),
      ],
      ["another identity of a seed", seed, { seed: { nodeKey: named("t") } }, fixed("seed.nodeKey")],
      ["a second mode", imported, { archive: {} }, /spec: Invalid value: .*exactly one of fullNode, archive/],
    ])("refuses %s", async (title, before, patch, why) => {
      const name = title.replaceAll(" ", "-");
      expect((await create(name, before)).status).toBe(201);
      const reply = await api.request("PATCH", `${path}/${name}`, { spec: patch }, MERGE);
      expect(reply.text).toMatch(why);
      expect(reply.status).toBe(422);
    });

    test.each([
      ["a first imported claim", { ...base, fullNode: {} }, { dataVolume: { import: { pvcName: "b" } } }],
      ["the keys of a validator", { ...base, validator: {} }, { validator: keys }],
      ["another image, port and label", imported, { image: "sei:2", sidecar: { port: 1 }, podLabels: { a: "b" } }],
      ["another mode", imported, { fullNode: null, archive: {} }],
      ["another name of a key", validator, { validator: { operatorKeyring: { secret: { keyName: "other" } } } }],
    ])("takes %s", async (title, before, patch) => {
      const name = title.replaceAll(/\W+/g, "-");
      expect((await create(name, before)).status).toBe(201);
      await api.patch(`${path}/${name}`, { spec: patch });
    });
  });

  test.each([
    ["a phase that is none", { phase: "Updating" }, "status.phase"],
    ["a condition twice", { conditions: [conditionNamed("A"), conditionNamed("A")] }, "status.conditions[1]"],
    ["a condition that is half", { conditions: [{ type: "A" }] }, "status.conditions[0].status"],
    [
      "an endless message",
      { conditions: [{ ...conditionNamed("A"), message: "a".repeat(40_000) }] },
      "status.conditions[0].message",
    ],
    ["a plan in a phase that is none", { plan: { id: "a", phase: "Busy", tasks: [] } }, "status.plan.phase"],
    ["a plan without tasks", { plan: { id: "a", phase: "Active" } }, "status.plan.tasks"],
    [
      "a task in a state that is none",
      { plan: { phase: "Active", tasks: [{ type: "a", id: "b", status: "Odd" }] } },
      "status.plan.tasks[0].status",
    ],
    [
      "params that are a list",
      { plan: { phase: "Active", tasks: [{ type: "a", id: "b", status: "Pending", params: [] }] } },
      "status.plan.tasks[0].params",
    ],
    [
      "too long a history",
      { history: Array.from({ length: 11 }, () => ({ id: "a", outcome: "Complete" })) },
      "status.history",
    ],
  ])("refuses a status with %s", async (title, status, at) => {
    const name = title.replaceAll(" ", "-");
    await create(name, { chainId: "a", image: "b", fullNode: {} });
    const reply = await api.request("PATCH", `${path}/${name}/status`, { status }, MERGE);
    expect(reply.text).toContain(at);
    expect(reply.status).toBe(422);
  });
});

const MERGE = "application/merge-patch+json";

function conditionNamed(type: string): JsonObject {
  return { type, status: "True", reason: "R", message: "", lastTransitionTime: "2026-01-02T03:04:05Z" };
}

/** Paths of what was sent and did not come back the same; what was filled in besides does not count. */
function lost(sent: Json | undefined, got: Json | undefined, path = "spec"): readonly string[] {
  if (!isObject(sent) || !isObject(got)) return isEqual(sent, got) ? [] : [path];
  return Object.entries(sent).flatMap(([name, value]) => lost(value, got[name], `${path}.${name}`));
}

function conditionOf(object: unknown, type: string): string | null {
  const conditions: unknown[] = Object(Object(object)["status"])["conditions"] ?? [];
  const found = conditions.find((item) => Object(item)["type"] === type);
  return found === undefined ? null : String(Object(found)["status"]);
}
