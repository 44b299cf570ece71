/** A real Prometheus over the controllers of a test, with our rules, sooner: minutes would be a long test. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "../../install/deploy-tools.ts";
import { textOf } from "../../house/sources.ts";
import { eventually } from "./eventually.ts";
import { takenAs } from "./taken-as.ts";

/** A running one. */
export interface Prometheus {
  /** From now on these are scraped, by their metrics' URLs. */
  readonly scrape: (urls: readonly string[]) => void;
  /** Names of the alerts that fire now, each with its labels. */
  readonly firing: () => Promise<readonly Readonly<Record<string, string>>[]>;
  readonly stop: () => Promise<void>;
}

const PORT = 19_190;

/** How what counts in minutes becomes seconds; what an alert asks for stays. */
const SOONER: readonly (readonly [RegExp, string])[] = [
  [/\[(?:15m|1h)\]/g, "[30s]"],
  [/offset (?:15m|1h)/g, "offset 30s"],
  [/> 60$/, "> 3"],
  [/le="60"/g, 'le="1"'],
  [/> 3 \*/g, "> 0.5 *"],
];

/** Starts it; resolves when it is ready. */
export async function startPrometheus(): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "tidekeeper-prometheus-"));
  const write = (name: string, content: unknown): void => writeFileSync(join(folder, name), JSON.stringify(content));
  // In one step: it is read as soon as it changes.
  const target = (urls: readonly string[]): void => {
    write("targets.next", [{ targets: urls.map((url) => new URL(url).host) }]);
    renameSync(join(folder, "targets.next"), join(folder, "targets.json"));
  };
  target([]);
  write("rules.yaml", await soonerRules());
  // As the monitors have it: the labels `namespace` and `name` are the node's.
  const job = {
    job_name: "tidekeeper",
    honor_labels: true,
    file_sd_configs: [{ files: ["targets.json"], refresh_interval: "1s" }],
  };
  const often = { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" };
  write("prometheus.yaml", { global: often, rule_files: ["rules.yaml"], scrape_configs: [job] });
  const child = Bun.spawn(
    [
      tool("prometheus"),
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${PORT}`,
      "--log.level=error",
    ],
    { stdin: "ignore", stdout: "ignore", stderr: "inherit" },
  );
  const ask = async (path: string) => fetch(`http://127.0.0.1:${PORT}${path}`);
  await eventually("Prometheus to be ready", async () => (await ask("/-/ready").catch(() => null))?.ok ?? false);
  return {
    scrape: target,
    async firing() {
      const reply: unknown = await (await ask("/api/v1/alerts")).json();
      const { data } = takenAs<{ data: { alerts: { state: string; labels: Record<string, string> }[] } }>(reply);
      return data.alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels);
    },
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      rmSync(folder, { recursive: true });
    },
  };
}

async function soonerRules(): Promise<unknown> {
  const rules = takenAs<{ groups: { name: string; rules: { expr: string; for?: string }[] }[] }>(
    Bun.YAML.parse(await textOf("deploy/alerts/tidekeeper.rules.yaml")),
  );
  return {
    groups: rules.groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({
        ...rule,
        expr: SOONER.reduce((expr, [long, short]) => expr.replace(long, short), rule.expr),
        ...(rule.for === undefined ? {} : { for: "1s" }),
      })),
    })),
  };
}
