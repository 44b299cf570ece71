/** Command lines of the commands that only look: what comes out, and every mistake by name. */
import { expect, test } from "bun:test";
import { readConfig } from "../../src/config/read-config.ts";

function accepted(argv: readonly string[], env: Record<string, string> = {}): unknown {
  const result = readConfig(argv, env);
  if (!result.ok) throw new Error(result.problems.join("\n"));
  return result.config;
}

function refused(argv: readonly string[]): readonly string[] {
  const result = readConfig(argv, {});
  return result.ok ? [] : result.problems;
}

const CLUSTER = { kubeconfig: null, context: null, namespace: null, isEverywhere: false };
const JUDGING = { plugins: [], detectors: null, sidecarTransport: "auto", platformConfig: null };

test.each<[string, readonly string[], unknown]>([
  ["drift alone", ["drift"], { command: "drift", ...CLUSTER, ...JUDGING, selector: null, output: "table", nodes: [] }],
  [
    "drift of some",
    ["drift", "-n", "sei", "a", "seinode/b", "seinode.sei.io/a", "-o", "name"],
    { command: "drift", ...CLUSTER, ...JUDGING, namespace: "sei", selector: null, output: "name", nodes: ["a", "b"] },
  ],
  [
    "everywhere",
    ["get", "-A", "-w"],
    { command: "get", ...CLUSTER, isEverywhere: true, selector: null, output: "table", nodes: [], watch: true },
  ],
  [
    "a name before its flags",
    ["history", "a", "-o", "json"],
    { command: "history", ...CLUSTER, output: "json", node: "a" },
  ],
  [
    "explain",
    ["explain", "a", "--plugin=x.ts"],
    { command: "explain", ...CLUSTER, ...JUDGING, plugins: ["x.ts"], output: "text", node: "a" },
  ],
  [
    "doctor",
    ["doctor", "--leader-elect-namespace", "ops"],
    {
      command: "doctor",
      ...CLUSTER,
      sidecarTransport: "auto",
      leaderElectNamespace: "ops",
      plugins: [],
      output: "text",
    },
  ],
  ["a shell", ["completion", "zsh"], { command: "completion", shell: "zsh" }],
  [
    "words of a line, flags among them",
    ["__complete", "drift", "-n", "--"],
    { command: "__complete", words: ["drift", "-n", "--"] },
  ],
])("%s", (_title, argv, config) => {
  expect(accepted(argv)).toEqual(config);
});

test("the environment names the namespace where no flag does", () => {
  const env = { TIDEKEEPER_NAMESPACE: "sei" };
  expect(accepted(["drift"], env)).toMatchObject({ namespace: "sei", isEverywhere: false });
  expect(accepted(["drift", "-A"], env)).toMatchObject({ namespace: null, isEverywhere: true });
});

test.each<[string, readonly string[], readonly string[]]>([
  [
    "an unknown flag",
    ["drift", "--selektor=x"],
    ['"--selektor": got an unknown flag, want one of this command\'s. Did you mean --selector?'],
  ],
  ["no name", ["explain"], ["explain: got no name, want that of a SeiNode, such as tidekeeper explain rpc-0"]],
  ["two names", ["explain", "a", "b"], ['"b": got another name, want one SeiNode']],
  [
    "a name that is none",
    ["history", "A b"],
    ['"A b": got no name of an object, want letters, digits, dashes and dots in lower case'],
  ],
  ["a name and a selector", ["get", "a", "-l", "x=y"], ['--selector: got it with the name "a", want one of the two']],
  [
    "two places",
    ["drift", "-A", "-n", "sei"],
    ['--all-namespaces: got it with --namespace "sei", want one of the two'],
  ],
  ["an output that is none", ["get", "-o", "jsn"], ['--output: got "jsn", want table, wide, json, yaml, name']],
  ["another shell", ["completion", "bsh"], ['completion: got "bsh", want one of bash, zsh, fish. Did you mean bash?']],
  ["no shell", ["completion"], ["completion: got no shell, want one of bash, zsh, fish"]],
  ["a word too many", ["doctor", "x"], ['"x": got an argument, want flags alone after doctor']],
])("refuses %s", (_title, argv, problems) => {
  expect(refused(argv)).toEqual(problems);
});
