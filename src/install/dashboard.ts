/** A dashboard for Grafana: how the fleet is, what was healed and how fast, how the controller is. */
import type { JsonObject } from "../base/index.ts";
import { type MetricName, specOf } from "../telemetry/index.ts";

/** A panel and its queries, each with the legend of its series. */
interface Panel {
  readonly title: string;
  readonly kind: "stat" | "timeseries" | "table";
  readonly unit: "short" | "s" | "bytes" | "reqps";
  readonly queries: readonly (readonly [expr: string, legend: string])[];
}

function metric(name: MetricName, part: "" | "_bucket" | "_count" = ""): string {
  return specOf(name).prometheus + part;
}

const NODES = '{namespace=~"$namespace"}';

/** Every replica tells of every node: each is counted once. */
function nodes(name: MetricName, is: string): string {
  return `count(max by (namespace, name) (${metric(name)}${NODES}) ${is}) or vector(0)`;
}

function quantiles(name: MetricName, by: string, matching = ""): Panel["queries"] {
  return [0.5, 0.99].map((share) => [
    `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric(name, "_bucket")}${matching}[$__rate_interval])))`,
    `{{${by}}} p${share * 100}`,
  ]);
}

const PANELS: readonly Panel[] = [
  { title: "Gates open", kind: "stat", unit: "short", queries: [[nodes("sidecarReady", "== 1"), "open"]] },
  { title: "Gates shut", kind: "stat", unit: "short", queries: [[nodes("sidecarReady", "== 0"), "shut"]] },
  { title: "Gates unknown", kind: "stat", unit: "short", queries: [[nodes("sidecarUnknown", "== 1"), "unknown"]] },
  {
    title: "Who leads",
    kind: "table",
    unit: "short",
    queries: [[`${metric("leading")} == 1`, "{{pod}}{{instance}}"]],
  },
  {
    title: "Nodes that want a person",
    kind: "table",
    unit: "short",
    queries: [
      [
        `max by (namespace, name, reason) (${metric("needsAttention")}${NODES}) == 1`,
        "{{namespace}}/{{name}} {{reason}}",
      ],
    ],
  },
  {
    title: "Nodes by phase",
    kind: "timeseries",
    unit: "short",
    queries: [[`count by (phase) (max by (namespace, name, phase) (${metric("phase")}${NODES}))`, "{{phase}}"]],
  },
  {
    title: "From a Pod's creation to detected, planned, healed",
    kind: "timeseries",
    unit: "s",
    queries: quantiles("podTime", "stage"),
  },
  {
    title: "From the sight of a drift to the end of its plan",
    kind: "timeseries",
    unit: "s",
    queries: quantiles("healTime", "detector"),
  },
  {
    title: "Plans that ended",
    kind: "timeseries",
    unit: "short",
    queries: [
      [
        `sum by (plan_type, outcome) (increase(${metric("planDuration", "_count")}${NODES}[$__rate_interval]))`,
        "{{plan_type}} {{outcome}}",
      ],
    ],
  },
  {
    title: "Probes of sidecars",
    kind: "timeseries",
    unit: "reqps",
    queries: [[`sum by (outcome) (rate(${metric("healthProbes")}${NODES}[$__rate_interval]))`, "{{outcome}}"]],
  },
  {
    title: "Requests to the API server",
    kind: "timeseries",
    unit: "reqps",
    queries: [[`sum by (method, code) (rate(${metric("apiRequests")}[$__rate_interval]))`, "{{method}} {{code}}"]],
  },
  {
    title: "Time of a reconcile",
    kind: "timeseries",
    unit: "s",
    queries: quantiles("reconcileTime", "controller"),
  },
  { title: "Queue", kind: "timeseries", unit: "short", queries: [[metric("queueDepth"), "{{instance}}"]] },
  {
    title: "Memory",
    kind: "timeseries",
    unit: "bytes",
    queries: [[metric("residentMemory"), "{{instance}}"]],
  },
  {
    title: "CPU",
    kind: "timeseries",
    unit: "short",
    queries: [[`rate(${metric("cpuSeconds")}[$__rate_interval])`, "{{instance}}"]],
  },
  {
    title: "Lag of the event loop",
    kind: "timeseries",
    unit: "s",
    queries: [[metric("loopDelayMax"), "{{instance}}"]],
  },
];

const COLUMNS = 3;
const WIDTH = 8;
const HEIGHT = 7;

/** Every query, for whoever checks them. */
export const DASHBOARD_QUERIES: readonly string[] = PANELS.flatMap(({ queries }) => queries.map(([expr]) => expr));

/** The dashboard as Grafana imports it. */
export function dashboard(): JsonObject {
  return {
    title: "Tidekeeper",
    uid: "tidekeeper",
    tags: ["tidekeeper"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [DATASOURCE, NAMESPACES] },
    panels: PANELS.map(panelOf),
  };
}

/** A ConfigMap that Grafana's sidecar finds by its label. */
export function dashboardConfigMap(namespace: string): JsonObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "tidekeeper-dashboard", namespace, labels: { grafana_dashboard: "1" } },
    data: { "tidekeeper.json": dashboardText() },
  };
}

/** The text of deploy/dashboards/tidekeeper.json. */
export function dashboardText(): string {
  return `${JSON.stringify(dashboard(), null, 2)}\n`;
}

const SOURCE = { type: "prometheus", uid: "${datasource}" };
const DATASOURCE = { name: "datasource", type: "datasource", query: "prometheus" };
const NAMESPACES = {
  name: "namespace",
  type: "query",
  datasource: SOURCE,
  query: `label_values(${metric("phase")}, namespace)`,
  includeAll: true,
  multi: true,
  allValue: ".*",
  current: { text: "All", value: "$__all" },
};

function panelOf({ title, kind, unit, queries }: Panel, index: number): JsonObject {
  const gridPos = {
    x: (index % COLUMNS) * WIDTH,
    y: Math.floor(index / COLUMNS) * HEIGHT,
    w: WIDTH,
    h: HEIGHT,
  };
  return {
    id: index + 1,
    title,
    type: kind,
    gridPos,
    datasource: SOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([expr, legendFormat], at) => ({
      refId: `Q${at}`,
      datasource: SOURCE,
      expr,
      legendFormat,
      ...(kind === "timeseries" ? {} : { instant: true }),
    })),
  };
}
