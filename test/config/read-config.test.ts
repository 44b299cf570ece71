/** Command line and environment: what comes out, and every mistake by name. */
import { expect, test } from "bun:test";
import { readConfig } from "../../src/config/read-config.ts";
import type { Config, RunConfig } from "../../src/config/config.ts";

function accepted(argv: readonly string[], env: Record<string, string> = {}): Config {
  const result = readConfig(argv, env);
  if (!result.ok) throw new Error(result.problems.join("\n"));
  return result.config;
}

function run(argv: readonly string[], env: Record<string, string> = {}): RunConfig {
  const config = accepted(["run", ...argv], env);
  if (config.command !== "run") throw new Error(`got the command ${config.command}`);
  return config;
}

function refused(argv: readonly string[], env: Record<string, string> = {}): readonly string[] {
  const result = readConfig(argv, env);
  return result.ok ? [] : result.problems;
}

const DEFAULTS: RunConfig = {
  command: "run",
  kubeconfig: null,
  context: null,
  namespace: null,
  selector: null,
  mode: "act",
  plugins: [],
  detectors: null,
  sidecarTransport: "auto",
  platformConfig: null,
  leaderElect: true,
  shards: 1,
  leaderElectNamespace: null,
  leaderElectIdentity: null,
  otherManagerLeases: [],
  healthAddress: { host: null, port: 8081 },
  metricsAddress: { host: null, port: 8080 },
  probeIntervalMs: 10_000,
  concurrency: 256,
  maxUnavailable: { value: 1, isPercent: true },
  logLevel: "info",
  logFormat: null,
};

test("run without anything has the defaults", () => {
  expect(run([])).toEqual(DEFAULTS);
});

test("the configuration is frozen, lists included", () => {
  const config = run(["--plugin", "a.ts", "--detectors", "image-drift"]);
  expect([config, config.plugins, config.detectors, config.detectors?.[0]].every(Object.isFrozen)).toBe(true);
});

const MANIFESTS = {
  command: "manifests",
  namespace: "tidekeeper-system",
  image: "tidekeeper:latest",
  shards: 1,
  replicas: 2,
  mode: "act",
  plugins: [],
  detectors: null,
  logLevel: "info",
  scope: "cluster",
  watchNamespace: null,
  args: [],
  requests: {},
  limits: {},
  priorityClass: null,
  with: [],
  without: [],
} as const;

test.each<[string, string[], Record<string, string>, Partial<RunConfig>]>([
  ["a value after the flag", ["--kubeconfig", "k.yaml"], {}, { kubeconfig: "k.yaml" }],
  ["a value after an equals sign", ["--context=kind=x"], {}, { context: "kind=x" }],
  ["a short flag", ["-n", "sei"], {}, { namespace: "sei" }],
  ["a short flag with its value attached", ["-nsei"], {}, { namespace: "sei" }],
  ["a short flag with an equals sign", ["-l=app=sei"], {}, { selector: "app=sei" }],
  ["a set selector", ["-l", "tier in (a, b),!c"], {}, { selector: "tier in (a, b),!c" }],
  ["every namespace, said out loud", ["-A"], {}, { namespace: null }],
  ["a switch", ["--leader-elect"], {}, { leaderElect: true }],
  ["a switch turned off", ["--leader-elect=false"], {}, { leaderElect: false }],
  ["a repeated flag keeps its order", ["--plugin", "b.ts", "--plugin=a"], {}, { plugins: ["b.ts", "a"] }],
  [
    "detectors in an order, with modes",
    ["--detectors", "sidecar-ready=observe,image-drift,x=off"],
    {},
    {
      detectors: [
        { name: "sidecar-ready", mode: "observe" },
        { name: "image-drift", mode: "act" },
        { name: "x", mode: "off" },
      ],
    },
  ],
  [
    "an address with a host",
    ["--metrics-bind-address", "127.0.0.1:9"],
    {},
    { metricsAddress: { host: "127.0.0.1", port: 9 } },
  ],
  ["an IPv6 address", ["--metrics-bind-address", "[::1]:9"], {}, { metricsAddress: { host: "::1", port: 9 } }],
  [
    "Leases of others, each once",
    ["--other-manager-lease", "a/b.io", "--other-manager-lease=a/b.io"],
    {},
    { otherManagerLeases: [{ namespace: "a", name: "b.io" }] },
  ],
  [
    "Leases of others in the environment",
    [],
    { TIDEKEEPER_OTHER_MANAGER_LEASE: "a/x, b/y" },
    {
      otherManagerLeases: [
        { namespace: "a", name: "x" },
        { namespace: "b", name: "y" },
      ],
    },
  ],
  ["an address switched off", ["--health-probe-bind-address", "0"], {}, { healthAddress: null }],
  ["a compound duration", ["--probe-interval", "1m30s"], {}, { probeIntervalMs: 90_000 }],
  ["a fraction of a unit", ["--probe-interval", "1.5s"], {}, { probeIntervalMs: 1_500 }],
  ["milliseconds", ["--probe-interval", "2500ms"], {}, { probeIntervalMs: 2_500 }],
  ["an environment twin", [], { TIDEKEEPER_MODE: "observe" }, { mode: "observe" }],
  ["a flag wins over its twin", ["--mode", "act"], { TIDEKEEPER_MODE: "observe" }, { mode: "act" }],
  ["a flag wins over a twin that is wrong", ["--mode", "act"], { TIDEKEEPER_MODE: "x" }, { mode: "act" }],
  ["an empty twin counts as unset", [], { TIDEKEEPER_MODE: "" }, { mode: "act" }],
  ["a list in the environment", [], { TIDEKEEPER_PLUGIN: "a.ts, b.ts" }, { plugins: ["a.ts", "b.ts"] }],
  ["a switch in the environment", [], { TIDEKEEPER_LEADER_ELECT: "false" }, { leaderElect: false }],
  ["-A wins over a namespace from the environment", ["-A"], { TIDEKEEPER_NAMESPACE: "sei" }, { namespace: null }],
  ["-n wins over -A from the environment", ["-n", "a"], { TIDEKEEPER_ALL_NAMESPACES: "true" }, { namespace: "a" }],
  [
    "variables that a Service of our name puts into Pods are left alone",
    [],
    { TIDEKEEPER_PORT: "tcp://10.0.0.1:80", TIDEKEEPER_SERVICE_HOST: "10.0.0.1" },
    {},
  ],
  [
    "the metrics port on another host than the health port",
    ["--metrics-bind-address", "a:8081", "--health-probe-bind-address", "b:8081"],
    {},
    { metricsAddress: { host: "a", port: 8081 }, healthAddress: { host: "b", port: 8081 } },
  ],
])("run takes %s", (_title, argv, env, changed) => {
  expect(run(argv, env)).toEqual({ ...DEFAULTS, ...changed });
});

test.each<[string, string[], string]>([
  [
    "no command",
    [],
    "command: got none, want one of run, demo, manifests, drift, explain, history, get, doctor, completion, version, help. Start with tidekeeper help",
  ],
  [
    "a command mistyped",
    ["rnu"],
    'command: got "rnu", want one of run, demo, manifests, drift, explain, history, get, doctor, completion, version, help. Did you mean run?',
  ],
  [
    "a flag mistyped",
    ["run", "--leader-elct"],
    '"--leader-elct": got an unknown flag, want one of this command\'s. Did you mean --leader-elect?',
  ],
  [
    "a flag like no other",
    ["run", "--zzzzzzzzz"],
    '"--zzzzzzzzz": got an unknown flag, want one of this command\'s. --help lists the flags',
  ],
  [
    "another command's flag",
    ["demo", "--kubeconfig", "x"],
    '"--kubeconfig": got an unknown flag, want one of this command\'s. --help lists the flags',
  ],
  ["a flag twice", ["run", "--mode", "act", "--mode", "act"], "--mode: got it twice, want it once"],
  [
    "no value at the end",
    ["run", "--context"],
    "--context: got no value, want NAME. Values that start with a dash need --context=VALUE",
  ],
  [
    "a flag where a value belongs",
    ["run", "--context", "--mode=act"],
    '--context: got the flag "--mode=act", want NAME. Values that start with a dash need --context=VALUE',
  ],
  ["an empty value", ["run", "--kubeconfig="], '--kubeconfig: got "", want a value'],
  [
    "a duration without a unit",
    ["run", "--probe-interval", "30"],
    '--probe-interval: got "30", want a duration from 1s to 1h. It has no unit; use 30s',
  ],
  [
    "a duration of nothing",
    ["run", "--probe-interval", "0s"],
    '--probe-interval: got "0s", want a duration from 1s to 1h',
  ],
  [
    "a negative duration",
    ["run", "--probe-interval=-5s"],
    '--probe-interval: got "-5s", want a duration from 1s to 1h',
  ],
  [
    "a duration that overflows timers",
    ["run", "--probe-interval", "600h"],
    '--probe-interval: got "600h", want a duration from 1s to 1h',
  ],
  [
    "too many reconciles at once",
    ["run", "--concurrency", "1025"],
    '--concurrency: got "1025", want a whole number from 1 to 1024',
  ],
  ["half a reconcile", ["run", "--concurrency", "1.5"], '--concurrency: got "1.5", want a whole number from 1 to 1024'],
  [
    "a bare port",
    ["run", "--metrics-bind-address", "8080"],
    '--metrics-bind-address: got "8080", want host:port, :port, or 0 to switch it off. Did you mean :8080?',
  ],
  [
    "a port past the last",
    ["run", "--metrics-bind-address", ":65536"],
    '--metrics-bind-address: got ":65536", want host:port, :port, or 0 to switch it off',
  ],
  [
    "both servers on one port",
    ["run", "--metrics-bind-address", ":8081"],
    "--metrics-bind-address: got port 8081, want another than the health probes'",
  ],
  [
    "everywhere and somewhere at once",
    ["run", "-A", "-n", "x"],
    '--all-namespaces: got it with --namespace "x", want one of the two',
  ],
  [
    "a detector named twice",
    ["run", "--detectors", "a,a=off"],
    '--detectors: got "a,a=off", want each detector once. a is named twice',
  ],
  ["a namespace that is no name", ["run", "-n", "Sei!"], '--namespace: got "Sei!", want a namespace name'],
  ["a word too many", ["run", "now"], '"now": got an argument, want flags alone after run'],
  ["control characters, escaped", ["run", "--mode", "\u001b[31m\n"], '--mode: got "\\u001b[31m\\n", want act, observe'],
  ["no shard at all", ["run", "--shards", "0"], '--shards: got "0", want a whole number from 1 to 64'],
  ["more shards than there may be", ["run", "--shards", "65"], '--shards: got "65", want a whole number from 1 to 64'],
  ["half a shard", ["run", "--shards", "1.5"], '--shards: got "1.5", want a whole number from 1 to 64'],
  [
    "shards without Leases",
    ["run", "--shards", "8", "--leader-elect=false"],
    "--shards: got 8 with --leader-elect=false, want leader election: a shard is a Lease",
  ],
  [
    "an identity that many share",
    ["run", "--leader-elect-identity", "shards-8"],
    '--leader-elect-identity: got "shards-8", want another name: shards-N is what replicas with N shards are called together',
  ],
  [
    "a Lease without its namespace",
    ["run", "--other-manager-lease", "bc1f5b0a.sei.io"],
    '--other-manager-lease: got "bc1f5b0a.sei.io", want at most 10 Leases as NAMESPACE/NAME, such as sei-system/bc1f5b0a.sei.io',
  ],
  [
    "an identity that many share, of some namespace",
    ["run", "--leader-elect-identity", "shards-8.0123abcd"],
    '--leader-elect-identity: got "shards-8.0123abcd", want another name: shards-N is what replicas with N shards are called together',
  ],
  ["a speed of nothing", ["demo", "--speed", "0"], '--speed: got "0", want a number from 0.1 to 100'],
  [
    "a switch with a value glued on",
    ["run", "-Ax"],
    '"-Ax": got an unknown flag, want one of this command\'s. --help lists the flags',
  ],
  [
    "an argument of run that run would not take",
    ["manifests", "--arg=--probe-interval=5"],
    '--arg: --probe-interval: got "5", want a duration from 1s to 1h. It has no unit; use 5s',
  ],
  [
    "an argument that is no flag",
    ["manifests", "--arg=selector"],
    '--arg: got "selector", want a flag of tidekeeper run',
  ],
  [
    "an argument that the manifests set themselves",
    ["manifests", "--arg=--shards=8"],
    "--arg: got --shards, want a flag that the manifests do not set. See tidekeeper help manifests",
  ],
  [
    "an amount of nothing",
    ["manifests", "--requests=128Mi"],
    '--requests: got "128Mi", want amounts such as cpu=100m,memory=128Mi, each resource once',
  ],
  [
    "a part that there is not",
    ["manifests", "--with=rbac"],
    '--with: got "rbac", want some of network-policy, service-monitor, pod-monitor, prometheus-rule, dashboard',
  ],
])("refuses %s", (_title, argv, problem) => {
  expect(refused(argv)).toEqual([problem]);
});

test("a wrong variable is called by its own name", () => {
  expect(refused(["run"], { TIDEKEEPER_CONCURRENCY: "many" })).toEqual([
    'TIDEKEEPER_CONCURRENCY: got "many", want a whole number from 1 to 1024',
  ]);
});

test("all problems come at once", () => {
  const problems = refused(["run", "--mode", "x", "--concurrency", "0", "--bogus", "value"], {
    TIDEKEEPER_LOG_LEVEL: "loud",
  });
  expect(problems).toHaveLength(4);
});

test("a long value is cut", () => {
  const [problem = ""] = refused(["run", "--mode", "x".repeat(10_000)]);
  expect(problem.length).toBeLessThan(150);
});

test.each<[string, string[], Config]>([
  [
    "demo",
    ["demo", "--speed", "2.5", "--keep", "--plugin", "x.ts"],
    {
      command: "demo",
      speed: 2.5,
      keep: true,
      plugins: ["x.ts"],
      healthAddress: { host: null, port: 8081 },
      metricsAddress: { host: null, port: 8080 },
    },
  ],
  ["version as JSON", ["version", "-o", "json"], { command: "version", output: "json" }],
  ["--version", ["--version"], { command: "version", output: "text" }],
  ["help", ["help"], { command: "help", topic: null }],
  ["--help", ["--help"], { command: "help", topic: null }],
  ["help of a command", ["help", "run"], { command: "help", topic: "run" }],
  ["--help after a command, whatever else is wrong", ["run", "--bogus", "-h"], { command: "help", topic: "run" }],
  ["manifests", ["manifests", "-n", "ops", "--shards", "8"], { ...MANIFESTS, namespace: "ops", shards: 8 }],
  [
    "everything of manifests",
    [
      "manifests",
      "--replicas=3",
      "--mode=observe",
      "--plugin=a.ts",
      "--detectors=image=off",
      "--log-level=debug",
      "--scope=namespace",
      "--watch-namespace=sei",
      "--arg=--selector=app=sei",
      "--arg=--probe-interval=20s",
      "--requests=cpu=1,memory=256Mi",
      "--limits=memory=1Gi",
      "--priority-class=system-cluster-critical",
      "--with=dashboard,service-monitor",
      "--without=namespace",
    ],
    {
      ...MANIFESTS,
      replicas: 3,
      mode: "observe",
      plugins: ["a.ts"],
      detectors: [{ name: "image", mode: "off" }],
      logLevel: "debug",
      scope: "namespace",
      watchNamespace: "sei",
      args: ["--selector=app=sei", "--probe-interval=20s"],
      requests: { cpu: "1", memory: "256Mi" },
      limits: { memory: "1Gi" },
      priorityClass: "system-cluster-critical",
      with: ["service-monitor", "dashboard"],
      without: ["namespace"],
    },
  ],
])("reads %s", (_title, argv, config) => {
  expect(accepted(argv)).toEqual(config);
});
