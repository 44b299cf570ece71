/** The platform's inputs: file, environment, defaults and mistakes. */
import { describe, expect, test } from "bun:test";
import { claim, statefulSet } from "../../../src/seinode/objects/index.ts";
import { nearest } from "../../../src/config/index.ts";
import { parsePlatformFile } from "../../../src/seinode/platform/platform-file.ts";
import { PLATFORM_INPUTS } from "../../../src/seinode/platform/platform-inputs.ts";
import { type Platform, readPlatform } from "../../../src/seinode/platform/platform.ts";
import { fullNode } from "../nodes.ts";

function parsed(text: string) {
  return parsePlatformFile({ path: "/p.yaml", text, nearest });
}

function platform(text: string, env: Record<string, string> = {}): Platform {
  const reading = readPlatform(env, parsed(text));
  if (!reading.ok) throw new Error(reading.problems.join("\n"));
  return reading.platform;
}

/** A file as an installation of the reference has it, whole. */
const REFERENCE = `
scheduling:
  nodepoolName: sei-node
  nodepoolArchive: sei-archive
  nodepoolValidator: sei-validator
  nodepoolSeed: sei-seed
  tolerationKey: sei.io/workload
  serviceAccount: seid-node
storage:
  classPerf: gp3-10k-750
  classDefault: gp3
  classArchive: gp3-archive
  sizeDefault: 2000Gi
  sizeArchive: 25000Gi
  sizeSeed: 20Gi
resources:
  validator: { cpuRequest: "16", memory: 128Gi }
  node: { cpuRequest: 32, memory: 256Gi }
  replayer: { cpuRequest: "24" }
  archive: { cpuRequest: "64", memory: 512Gi }
  seed: { cpuRequest: 1, memory: 2Gi }
snapshot: { bucket: snapshots, region: eu-central-1 }
genesis: { bucket: genesis, region: us-west-2 }
resultExport: { bucket: results, region: us-west-2, prefix: shadow/ }
images:
  sidecar: example.com/sidecar:1
  kubeRBACProxy: example.com/proxy:1
  cosmosExporter: example.com/exporter:1
stateSync:
  syncers:
    pacific-1: ["a.example:26657,b.example:26657", "c.example:26657"]
`;

test("a file of the reference works as it is, and what is not used is named", () => {
  const file = parsed(REFERENCE);
  expect(file.problems).toEqual([]);
  expect(file.unused).toEqual([
    "scheduling.nodepoolSeed",
    "storage.classDefault",
    "storage.sizeSeed",
    "resources.seed.cpuRequest",
    "resources.seed.memory",
    "resultExport.bucket",
    "resultExport.region",
    "resultExport.prefix",
    "images.kubeRBACProxy",
    "images.cosmosExporter",
    "stateSync.syncers",
  ]);
  // Every key that there is stands in it.
  expect([...file.values.keys(), ...file.unused, "resources.replayer.memory"].toSorted()).toEqual(
    PLATFORM_INPUTS.map(({ key }) => key).toSorted(),
  );
  const standard = { tolerationKey: "sei.io/workload", storageClass: "gp3-10k-750", size: "2000Gi" };
  expect(platform(REFERENCE)).toEqual({
    roles: {
      node: { ...standard, pool: "sei-node", cpu: "32", memory: "256Gi" },
      replayer: { ...standard, pool: "sei-node", cpu: "24", memory: null },
      validator: { ...standard, pool: "sei-validator", cpu: "16", memory: "128Gi" },
      archive: {
        tolerationKey: "sei.io/workload",
        storageClass: "gp3-archive",
        size: "25000Gi",
        pool: "sei-archive",
        cpu: "64",
        memory: "512Gi",
      },
    },
    serviceAccount: "seid-node",
    sidecarImage: "example.com/sidecar:1",
    genesis: { bucket: "genesis", region: "us-west-2" },
    snapshot: { bucket: "snapshots", region: "eu-central-1" },
  });
});

test("what the file says reaches the objects of each mode", () => {
  const modes = { node: "fullNode", validator: "validator", archive: "archive" } as const;
  const requested = Object.values(modes).map((mode) => {
    const { node, spec } = fullNode({ fullNode: undefined, [mode]: {} });
    const pod = Object(statefulSet(node, spec, platform(REFERENCE)))["spec"].template.spec;
    const { requests } = Object(claim(node, spec, platform(REFERENCE)))["spec"].resources;
    return [pod.containers[0].resources.requests.cpu, pod.tolerations[0].value, requests.storage];
  });
  expect(requested).toEqual([
    ["32", "sei-node", "2000Gi"],
    ["16", "sei-validator", "2000Gi"],
    ["64", "sei-archive", "25000Gi"],
  ]);
});

describe("the environment", () => {
  test("wins over the file, for every role it names", () => {
    const env = { SEI_RESOURCE_CPU_DEFAULT: "4", SEI_STORAGE_SIZE_DEFAULT: "20Gi", SEI_GENESIS_BUCKET: "" };
    const { roles, genesis } = platform(REFERENCE, env);
    expect(Object.values(roles).map(({ cpu }) => cpu)).toEqual(["4", "4", "4", "64"]);
    expect(Object.values(roles).map(({ size }) => size)).toEqual(["20Gi", "20Gi", "20Gi", "25000Gi"]);
    // An empty variable is as good as none.
    expect(genesis.bucket).toBe("genesis");
  });

  test("tells every mistake at once, and so does the file, also where it is overridden", () => {
    const env = {
      SEI_TOLERATION_KEY: "not a key",
      SEI_STORAGE_SIZE_DEFAULT: "0Gi",
      SEI_RESOURCE_CPU_DEFAULT: "four",
      SEI_SIDECAR_IMAGE: "a b",
      SEI_STORAGE_CLASS_PERF: "",
    };
    const file = parsed("storage:\n  sizeDefault: big\n  clasPerf: x\n");
    expect(readPlatform(env, file)).toEqual({
      ok: false,
      problems: [
        '/p.yaml:2:16: storage.sizeDefault: got "big", want a size such as 2000Gi',
        "/p.yaml:3:3: storage.clasPerf: got an unknown key, want one that docs/platform.md lists. Did you mean storage.classPerf?",
        'SEI_TOLERATION_KEY: got "not a key", want a label key such as sei.io/workload',
        'SEI_STORAGE_SIZE_DEFAULT: got "0Gi", want a size such as 2000Gi',
        'SEI_RESOURCE_CPU_DEFAULT: got "four", want a quantity such as 4, 500m or 32Gi',
        'SEI_SIDECAR_IMAGE: got "a b", want an image reference',
        "SEI_TOLERATION_KEY: set without SEI_NODEPOOL_NAME, which is the value that is tolerated",
      ],
    });
  });

  test.each<[string, string, Record<string, string>, readonly string[]]>([
    ["the file's own pool", "scheduling: {tolerationKey: a.b/c, nodepoolName: x}", {}, []],
    ["a pool of the environment", "scheduling: {tolerationKey: a.b/c}", { SEI_NODEPOOL_NAME: "x" }, []],
    [
      "no pool at all",
      "scheduling: {tolerationKey: a.b/c}",
      {},
      [
        "/p.yaml:1:29: scheduling.tolerationKey: set without scheduling.nodepoolName, which is the value that is tolerated",
      ],
    ],
  ])("a toleration beside %s", (_title, text, env, problems) => {
    const reading = readPlatform(env, parsed(text));
    expect(reading.ok ? [] : reading.problems).toEqual([...problems]);
  });
});

test.each([
  ["an empty file", ""],
  ["comments alone", "# nothing yet\n"],
  ["an empty document", "---\n"],
  ["null", "null\n"],
  ["sections with nothing in them", "storage:\nresources:\n  node:\nstateSync:\n  syncers:\n    pacific-1:\n"],
  ["empty texts", 'storage: {classPerf: ""}\n'],
])("%s says nothing and is fine", (_title, text) => {
  expect(parsed(text).problems).toEqual([]);
  expect(platform(text)).toEqual(platform(""));
});

test.each([
  ["a byte order mark", "\uFEFFstorage: {classPerf: fast}\n"],
  ["an anchor and its alias", "storage: {classArchive: &c fast, classPerf: *c}\n"],
  ["a section by alias", "resources: {node: &r {cpuRequest: 4}, seed: *r}\nstorage: {classPerf: fast}\n"],
  ["flow and quotes", '{"storage": {\'classPerf\': "fast"}}'],
  ["CRLF", "storage:\r\n  classPerf: fast\r\n"],
])("%s is accepted", (_title, text) => {
  expect(parsed(text).problems).toEqual([]);
  expect(platform(text).roles.node.storageClass).toBe("fast");
});

const manyAliases = `images: {sidecar: &a "x:1"}\n${"storage: {classPerf: *a}\n".repeat(101)}`;
const aliasBomb = `a: &a [x]\n${["b", "c", "d", "e", "f", "g"].map((name, index) => `${name}: &${name} [${`*${"abcdef"[index]},`.repeat(18)}]\n`).join("")}`;

test.each<[string, string, readonly string[]]>([
  ["a list", "- a\n", ["/p.yaml:1:1: got a list, want a mapping"]],
  ["a word", "hello\n", ['/p.yaml:1:1: got "hello", want a mapping']],
  ["a tab", "storage:\n\tclassPerf: x\n", ["/p.yaml:2:1: no YAML: Tabs are not allowed as indentation"]],
  ["a section twice", "storage: {}\nstorage: {}\n", ['/p.yaml:2:1: got the key "storage" twice, want it once']],
  [
    "a key twice",
    "storage:\n  classPerf: a\n  classPerf: a\n",
    ['/p.yaml:3:3: storage: got the key "classPerf" twice, want it once'],
  ],
  ["a section that is a list", "storage: []\n", ["/p.yaml:1:10: storage: got a list, want a mapping"]],
  [
    "a number for a text",
    "storage:\n  classPerf: 4\n",
    ["/p.yaml:2:14: storage.classPerf: got the number 4, want text. Put it in quotes"],
  ],
  [
    "a switch for a text that is not used",
    "images: {cosmosExporter: true}\n",
    ["/p.yaml:1:26: images.cosmosExporter: got the boolean true, want text. Put it in quotes"],
  ],
  [
    "a mapping for a text",
    "storage:\n  classPerf: {name: a}\n",
    ["/p.yaml:2:14: storage.classPerf: got a mapping, want text"],
  ],
  [
    "quantities that do not parse",
    "resources:\n  seed: {memory: much}\n  node: {cpuRequest: -1, memory: 1 Gi}\n",
    [
      '/p.yaml:2:18: resources.seed.memory: got "much", want a quantity such as 4, 500m or 32Gi',
      '/p.yaml:3:22: resources.node.cpuRequest: got "-1", want a quantity such as 4, 500m or 32Gi',
      '/p.yaml:3:34: resources.node.memory: got "1 Gi", want a quantity such as 4, 500m or 32Gi',
    ],
  ],
  [
    "an unknown role",
    "resources: {validators: {}}\n",
    [
      "/p.yaml:1:13: resources.validators: got an unknown key, want one that docs/platform.md lists. Did you mean resources.validator?",
    ],
  ],
  [
    "a key near to none",
    "snapshot: {owner: me}\n",
    [
      "/p.yaml:1:12: snapshot.owner: got an unknown key, want one that docs/platform.md lists. It may be bucket, region",
    ],
  ],
  [
    "keys that reach a prototype",
    "snapshot: {__proto__: {}, constructor: x}\n",
    [
      "/p.yaml:1:12: snapshot.__proto__: got an unknown key, want one that docs/platform.md lists. It may be bucket, region",
      "/p.yaml:1:27: snapshot.constructor: got an unknown key, want one that docs/platform.md lists. It may be bucket, region",
    ],
  ],
  ["a key that is no text", "? [a]\n: b\n", ["/p.yaml:1:3: got a list as a key, want text"]],
  [
    "syncers that are no lists of texts",
    "stateSync:\n  syncers:\n    a: [x:1, 2]\n    b: x:1\n    c: [y:1]\n",
    [
      "/p.yaml:3:5: stateSync.syncers.a: got a list, want a list of host:port",
      '/p.yaml:4:5: stateSync.syncers.b: got "x:1", want a list of host:port',
    ],
  ],
  ["an alias of nothing", "storage: *s\n", ['/p.yaml:1:10: got the alias "s", want an anchor of that name before it']],
  ["an unknown tag", "storage: {classPerf: !env x}\n", ["/p.yaml:1:22: no YAML: Unresolved tag: !env"]],
  ["more than 100 aliases", manyAliases, ["/p.yaml:102:22: got more than 100 aliases, want fewer"]],
  ["an alias bomb", aliasBomb, ["/p.yaml:7:38: got more than 100 aliases, want fewer"]],
  [
    "a value of control characters",
    'storage: {classPerf: "a\\u001b\\u202eb"}\n',
    [
      '/p.yaml:1:22: storage.classPerf: got "a??b", want the name of an object: lower case letters, digits, hyphens and dots',
    ],
  ],
])("%s is refused by line and column", (_title, text, want) => {
  expect(parsed(text).problems).toEqual([...want]);
});

test.each([
  ["a list", "["],
  ["a mapping", "{a: "],
])("%s in itself twenty thousand times is refused, and nothing is thrown", (_title, open) => {
  const { problems } = parsed(open.repeat(20_000));
  expect(problems.filter((line) => line.endsWith("no YAML: it is nested too deeply"))).not.toEqual([]);
});

test("two documents are one too many", () => {
  expect(parsed("storage: {}\n---\nimages: {}\n").problems.join()).toStartWith("/p.yaml:2:1: no YAML: ");
});

test("of very many mistakes the first hundred are told, and the rest is counted", () => {
  const { problems } = parsed(Array.from({ length: 300 }, (_, index) => `k${index}: 1\n`).join(""));
  expect(problems).toHaveLength(101);
  expect(problems.at(-1)).toBe("/p.yaml: and 200 mistakes more");
});
