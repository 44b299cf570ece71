/** `/metrics` over HTTP. Built here, never listening here. */
import { Hono } from "hono";
import { PROMETHEUS_CONTENT_TYPE } from "../telemetry/index.ts";

/** `render` gives the whole Prometheus text, anew for each request. */
export interface MetricsAppOptions {
  readonly render: () => string;
}

/** `GET /metrics`; all else is 404. */
export function metricsApp({ render }: MetricsAppOptions): Hono {
  const app = new Hono();
  app.get("/metrics", (context) => context.body(render(), 200, { "content-type": PROMETHEUS_CONTENT_TYPE }));
  app.notFound((context) => context.text("not found\n", 404));
  // A defect in rendering is told to the scraper as a failed scrape, without its words.
  app.onError((_error, context) => context.text("metrics cannot be rendered\n", 500));
  return app;
}
