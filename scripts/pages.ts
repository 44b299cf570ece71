/**
 * Writes every generated page: docs/cli.md, docs/platform.md, docs/reference.md, docs/tasks.md and docs/metrics.md from the
 * tables in the code, config/crd from its schema, and docs/rooms.svg and the table of rooms in ARCHITECTURE.md from the imports. Tests
 * hold them equal.
 */
import { type Command, COMMANDS, envName } from "../src/config/index.ts";
import {
  ATTENTION_REASONS,
  type AttentionState,
  attentionState,
  CONDITION_REASONS,
  CONSENT_ANNOTATIONS,
  ERROR_CODES,
  EVENT_REASONS,
  type RbacRule,
} from "../src/model/index.ts";
import { builtinDetectors } from "../src/drift/index.ts";
import { tasks } from "../src/executor/index.ts";
import { CONNECTION_ERRORS } from "../src/kube/connect/index.ts";
import { flagUsage, yamlOf } from "../src/cli/index.ts";
import { PLATFORM_CONFIG_MAP, PLATFORM_KEY, PLATFORM_PATH_ENV } from "../src/controller/index.ts";
import { seiNodeCrd } from "../src/seinode/crd/index.ts";
import { metricsPage } from "../src/telemetry/index.ts";
import { deployFiles } from "./deploy-files.ts";
import { readRooms, roomsPicture, withRoomsTable } from "./rooms.ts";
import { PLATFORM_INPUTS, type PlatformInput } from "../src/seinode/platform/index.ts";

/** docs/cli.md. */
export function cliPage(): string {
  return `${[
    "# The command line",
    "",
    "Written from the flag table by `bun scripts/pages.ts`; a test holds the two equal.",
    "",
    "`tidekeeper COMMAND [flags]`. Data goes to stdout, everything else to stderr. Every flag has an environment twin;",
    "the flag wins, and an empty variable counts as unset. Lists in the environment are separated by commas.",
    "Durations need a unit: `500ms`, `10s`, `1m30s`, `1h`. A flag may be given once, unless it says otherwise.",
    "",
    "| exit code | meaning |",
    "| --- | --- |",
    "| 0 | done; also after SIGTERM or SIGINT |",
    "| 1 | failed; of `drift`: drift was found |",
    "| 2 | wrong use or configuration; every problem is a line on stderr, and nothing was contacted. Of `drift`: it cannot tell |",
    "| 70 | a defect of ours; the last line on stderr names it |",
    "| 130, 143 | a second SIGINT or SIGTERM did not wait for the end |",
    "",
    "`NO_COLOR` switches colours off, `FORCE_COLOR` on; without either, only a terminal outside CI gets them.",
    "",
    "In a container, give only the variables above: `BUN_OPTIONS` and `BUN_BE_BUN` change what any program built with",
    "Bun runs, and `BUN_INSPECT` opens a debugger's port in it, so never pass an untrusted ConfigMap by `envFrom`. Files",
    "named `.env` and `bunfig.toml` are not read.",
    ...COMMANDS.flatMap(commandPart),
  ].join("\n")}\n`;
}

function commandPart(command: Command): readonly string[] {
  const heading = [
    "",
    `## tidekeeper ${command.name}`,
    "",
    `${command.summary}.`.replace(/^./, (first) => first.toUpperCase()),
  ];
  const { args, examples = [], exits } = command;
  const usage = args === "" ? [] : ["", `\`tidekeeper ${command.name} ${args}\``];
  const shown = examples.map(([line, what]) => `${line}   # ${what}`);
  const besides = [
    ...usage,
    ...(shown.length === 0 ? [] : ["", "```sh", ...shown, "```"]),
    ...(exits === undefined ? [] : ["", `Exit codes: ${exits}.`]),
  ];
  if (command.flags.length === 0) return [...heading, ...besides];
  return [
    ...heading,
    ...besides,
    "",
    "| flag | environment | default | meaning |",
    "| --- | --- | --- | --- |",
    ...command.flags.map(
      (flag) =>
        `| ${cell(`\`${flagUsage(flag)}\``)} | \`${envName(flag)}\` | ${flag.defaultText === null ? "" : `\`${flag.defaultText}\``} | ${cell(flag.help)} |`,
    ),
  ];
}

/** docs/platform.md. */
export function platformPage(): string {
  return `${[
    "# Platform inputs",
    "",
    "What the cluster offers to nodes: pools, storage, requests, images, buckets. Everything has a default, so a plain",
    "cluster needs none of it. Written from the table of inputs by `bun scripts/pages.ts`; a test holds the two equal.",
    "",
    "Inputs come from a YAML file and from the environment; a variable wins over the file, and an empty value is as good",
    "as none. They are read once, at the start. All mistakes of both come back in one run, a line each, with exit code 2.",
    "",
    "| the file is named by | and where it is missing |",
    "| --- | --- |",
    "| `--platform-config PATH`, or its twin `TIDEKEEPER_PLATFORM_CONFIG` | that is a mistake |",
    `| \`${PLATFORM_PATH_ENV}\`, the reference's name, where neither is given | it is as good as an empty one, and a log line says so |`,
    "",
    "A file written for the reference works as it is: what we have no use for is accepted, and named once in a warning.",
    "Unknown keys, keys that stand twice, wrong types and merge keys are refused, each by line and column. A file has at",
    "most 1 MiB and 100 aliases.",
    "",
    "```yaml",
    "storage:",
    "  classPerf: gp3-10k-750",
    "  sizeDefault: 2000Gi",
    "resources:",
    "  validator: { cpuRequest: 16, memory: 128Gi }",
    "```",
    "",
    "## In a cluster",
    "",
    `\`tidekeeper manifests\` mounts the ConfigMap \`${PLATFORM_CONFIG_MAP}\` of its namespace, key \`${PLATFORM_KEY}\`, at`,
    `\`/etc/tidekeeper\`, and names the file by \`${PLATFORM_PATH_ENV}\`. The ConfigMap is optional: without it the volume is`,
    "empty, and the missing file counts as an empty one. The flag is not used there, since a file that it names must exist.",
    "",
    "```sh",
    `kubectl create configmap ${PLATFORM_CONFIG_MAP} -n tidekeeper-system --from-file=${PLATFORM_KEY}`,
    "kubectl rollout restart deployment tidekeeper -n tidekeeper-system",
    "```",
    "",
    `The reference's own ConfigMap serves as well: mount it, and let \`${PLATFORM_PATH_ENV}\` name its file.`,
    "",
    "An edit reaches the program at its next start, and objects when they are next applied: an upgrade or an edit here",
    "moves no fleet at once.",
    "",
    "## Every input",
    "",
    "| key in the file | environment | default | meaning |",
    "| --- | --- | --- | --- |",
    ...PLATFORM_INPUTS.filter(({ isUsed }) => isUsed).map(
      ({ key, env, defaultText, meaning }) =>
        `| \`${key}\` | ${env === null ? "" : `\`${env}\``} | ${defaultCell(defaultText)} | ${cell(meaning)} |`,
    ),
    "",
    "## Accepted and not used",
    "",
    "| key in the file | meaning to the reference |",
    "| --- | --- |",
    ...PLATFORM_INPUTS.filter(({ isUsed }) => !isUsed).map(({ key, meaning }) => `| \`${key}\` | ${cell(meaning)} |`),
  ].join("\n")}\n`;
}

/** A default that is a value or a key stands as code, one that is told in words does not. */
function defaultCell(text: PlatformInput["defaultText"]): string {
  return text === "none" || text.includes(" ") || text.includes("'") ? text : `\`${text}\``;
}

/** docs/reference.md. */
export function referencePage(): string {
  return `${[
    "# Reasons and codes",
    "",
    "The closed sets that alerts and scripts may rely on. Written from the code by `bun scripts/pages.ts`; a test holds",
    "the two equal. A plugin's drifts and conditions bring reasons of their own.",
    ...table("Condition reasons", "reason", conditionReasons()),
    "",
    "## States that want a person",
    "",
    "Each is told by its reason in four ways: in `kubectl get seinodes` as WHY (the reason of condition `Ready`), as an Event",
    "when it begins, as a log line `A person is wanted` (and `No person is wanted any more`), and as a series of",
    "`tidekeeper_seinode_needs_attention{namespace,name,reason}` as long as it lasts.",
    "",
    "| reason | Event | why it is so, in condition | what to do |",
    "| --- | --- | --- | --- |",
    ...ATTENTION_REASONS.map((reason) => stateRow(reason, attentionState(reason))),
    ...table("Event reasons", "reason", EVENT_REASONS),
    ...table("Error codes of tasks", "code", ERROR_CODES),
    ...table("Error codes of connecting", "code", CONNECTION_ERRORS),
    ...table("Annotations that give consent", "annotation", CONSENT_ANNOTATIONS),
  ].join("\n")}\n`;
}

/** Reasons of conditions: those of the loop, and those that the built-in detectors declare. */
export function conditionReasons(): Readonly<Record<string, string>> {
  return Object.assign({}, CONDITION_REASONS, ...builtinDetectors.map(({ reasons }) => reasons));
}

/** docs/tasks.md. */
export function tasksPage(): string {
  return `${[
    "# Tasks",
    "",
    "What a plan may be made of. Written from what each task declares by `bun scripts/pages.ts`; a test holds the two equal.",
    "",
    "Params are those that stand in a plan; `!` = one that must be there. What the controller does itself acts on the node it",
    "works for: there they are for people who read the plan. The time is what a step of init may be seen under way; a plan of a",
    "Running node has 15 min for all its steps. Rights are what a task needs besides what is watched.",
    "",
    "| task | done by | what it does | params | time | rights |",
    "| --- | --- | --- | --- | --- | --- |",
    ...tasks.map(
      ({ type, by, about, params, deadlineMs, rbac }) =>
        `| \`${type}\` | ${by} | ${cell(about)} | ${paramsCell(params)} | ${hours(deadlineMs)} | ${rbac.map(rightOf).join("; ")} |`,
    ),
  ].join("\n")}\n`;
}

function paramsCell(params: Readonly<Record<string, string>>): string {
  const all = Object.entries(params).map(([name, kind]) => `\`${name}\`: ${kind}`);
  return all.length === 0 ? "none" : all.join(", ");
}

function hours(ms: number): string {
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}

function rightOf({ resources, verbs }: RbacRule): string {
  return `${resources.join(", ")} (${verbs.join(", ")})`;
}

/** config/crd/sei.io_seinodes.yaml. */
export function crdFile(): string {
  return `# Written from src/seinode/crd/crd.ts by \`bun scripts/pages.ts\`; a test holds the two equal.\n${yamlOf(seiNodeCrd())}`;
}

function stateRow(reason: string, { event, sources, remedy }: AttentionState): string {
  const where = sources.map((type) => `\`${type === "Drift" ? "Ready" : type}\``).join(", ");
  return `| \`${reason}\` | ${event ?? "none: a whole fleet comes to it at once, so it is told by its watch"} | ${where} | ${cell(remedy)} |`;
}

function table(title: string, column: string, rows: Readonly<Record<string, string>>): readonly string[] {
  const lines = Object.entries(rows).map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`);
  return ["", `## ${title}`, "", `| ${column} | meaning |`, "| --- | --- |", ...lines];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(deployFiles()))
    await Bun.write(new URL(`../${path}`, import.meta.url), text);
  const rooms = await readRooms();
  const map = new URL("../ARCHITECTURE.md", import.meta.url);
  await Bun.write(new URL("../docs/rooms.svg", import.meta.url), roomsPicture(rooms));
  await Bun.write(map, withRoomsTable(await Bun.file(map).text(), rooms));
  await Bun.write(new URL("../docs/cli.md", import.meta.url), cliPage());
  await Bun.write(new URL("../docs/platform.md", import.meta.url), platformPage());
  await Bun.write(new URL("../docs/reference.md", import.meta.url), referencePage());
  await Bun.write(new URL("../docs/tasks.md", import.meta.url), tasksPage());
  await Bun.write(new URL("../docs/metrics.md", import.meta.url), metricsPage());
  await Bun.write(new URL("../config/crd/sei.io_seinodes.yaml", import.meta.url), crdFile());
}
