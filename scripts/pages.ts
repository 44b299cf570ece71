/**
 * Writes docs/cli.md and docs/reference.md from the tables in the code, and config/crd from its schema;
 * test/house/catalogues.test.ts holds them equal.
 */
import { COMMANDS, envName } from "../src/config/index.ts";
import type { Command } from "../src/config/index.ts";
import { CONSENT_ANNOTATIONS } from "../src/core/consent.ts";
import { CONNECTION_ERRORS } from "../src/kube/connection.ts";
import { CONDITION_REASONS, ERROR_CODES, EVENT_REASONS } from "../src/core/reasons.ts";
import { flagUsage } from "../src/cli/help.ts";
import { yamlOf } from "../src/cli/manifests.ts";
import { seiNodeCrd } from "../src/seinode/crd.ts";

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
    "| 1 | failed |",
    "| 2 | wrong use or configuration; every problem is a line on stderr, and nothing was contacted |",
    "| 70 | a defect of ours; the last line on stderr names it |",
    "| 130, 143 | a second SIGINT or SIGTERM did not wait for the end |",
    "",
    "`NO_COLOR` switches colours off, `FORCE_COLOR` on; without either, only a terminal outside CI gets them.",
    "",
    "In a container, give only the variables above: `BUN_OPTIONS` and `BUN_BE_BUN` change what any program built with",
    "Bun runs, so never pass an untrusted ConfigMap by `envFrom`. Files named `.env` and `bunfig.toml` are not read.",
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
  if (command.flags.length === 0) return heading;
  return [
    ...heading,
    "",
    "| flag | environment | default | meaning |",
    "| --- | --- | --- | --- |",
    ...command.flags.map(
      (flag) =>
        `| ${cell(`\`${flagUsage(flag)}\``)} | \`${envName(flag)}\` | ${flag.defaultText === null ? "" : `\`${flag.defaultText}\``} | ${cell(flag.help)} |`,
    ),
  ];
}

/** docs/reference.md. */
export function referencePage(): string {
  return `${[
    "# Reasons and codes",
    "",
    "The closed sets that alerts and scripts may rely on. Written from the code by `bun scripts/pages.ts`; a test holds",
    "the two equal. A plugin's drifts and conditions bring reasons of their own.",
    ...table("Condition reasons", "reason", CONDITION_REASONS),
    ...table("Event reasons", "reason", EVENT_REASONS),
    ...table("Error codes of tasks", "code", ERROR_CODES),
    ...table("Error codes of connecting", "code", CONNECTION_ERRORS),
    ...table("Annotations that give consent", "annotation", CONSENT_ANNOTATIONS),
  ].join("\n")}\n`;
}

/** config/crd/sei.io_seinodes.yaml. */
export function crdFile(): string {
  return `# Written from src/seinode/crd.ts by \`bun scripts/pages.ts\`; a test holds the two equal.\n${yamlOf(seiNodeCrd())}`;
}

function table(title: string, column: string, rows: Readonly<Record<string, string>>): readonly string[] {
  const lines = Object.entries(rows).map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`);
  return ["", `## ${title}`, "", `| ${column} | meaning |`, "| --- | --- |", ...lines];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) {
  await Bun.write(new URL("../docs/cli.md", import.meta.url), cliPage());
  await Bun.write(new URL("../docs/reference.md", import.meta.url), referencePage());
  await Bun.write(new URL("../config/crd/sei.io_seinodes.yaml", import.meta.url), crdFile());
}
