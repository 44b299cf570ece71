/** A collector that keeps what it is sent, and a reader of OTLP/JSON. */

export interface Point {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram: its count. */
  readonly value: number;
}

export interface Receiver {
  readonly url: string;
  readonly bodies: unknown[];
  readonly headers: Headers[];
  readonly stop: () => Promise<void>;
}

export function receive(reply: () => Promise<Response>): Receiver {
  const bodies: unknown[] = [];
  const headers: Headers[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    maxRequestBodySize: 64 * 1024 * 1024,
    async fetch(request) {
      headers.push(request.headers);
      bodies.push(await request.json());
      return reply();
    },
  });
  return { url: `http://127.0.0.1:${server.port}/v1/metrics`, bodies, headers, stop: () => server.stop(true) };
}

/** The attributes of the resource. */
export function resourceOf(body: unknown): Record<string, string> {
  return labelsOf(field(list(field(body, "resourceMetrics"))[0], "resource"));
}

/** The points of one metric. */
export function pointsOf(body: unknown, name: string): Point[] {
  const scopes = list(field(body, "resourceMetrics")).flatMap((resource) => list(field(resource, "scopeMetrics")));
  const metrics = scopes.flatMap((scope) => list(field(scope, "metrics")));
  const found = metrics.filter((metric) => field(metric, "name") === name);
  return found.flatMap((metric) => {
    const data = field(metric, "gauge") ?? field(metric, "sum") ?? field(metric, "histogram");
    return list(field(data, "dataPoints")).map((point) => ({
      labels: labelsOf(point),
      value: Number(field(point, "asDouble") ?? field(point, "asInt") ?? field(point, "count")),
    }));
  });
}

function labelsOf(holder: unknown): Record<string, string> {
  const pairs = list(field(holder, "attributes")).map((pair) => {
    const value = field(pair, "value");
    return [String(field(pair, "key")), String(field(value, "stringValue") ?? field(value, "boolValue"))];
  });
  return Object.fromEntries(pairs);
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(key);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
