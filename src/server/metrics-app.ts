/** `/metrics` over HTTP. Built here, never listening here. */
import { Hono } from "hono";
import { PROMETHEUS_CONTENT_TYPE } from "../telemetry/index.ts";

/** `render` gives the whole Prometheus text in pieces, which many replies share. */
export interface MetricsAppOptions {
  readonly render: () => Promise<readonly Uint8Array[]>;
}

/** `GET /metrics`; all else is 404. */
export function metricsApp({ render }: MetricsAppOptions): Hono {
  const app = new Hono();
  app.get("/metrics", async (context) => {
    const pieces = await render();
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const headers = { "content-type": PROMETHEUS_CONTENT_TYPE, "content-length": String(length) };
    return context.body(streamOf(pieces), 200, headers);
  });
  app.notFound((context) => context.text("not found\n", 404));
  // A defect in rendering is told to the scraper as a failed scrape, without its words.
  app.onError((_error, context) => context.text("metrics cannot be rendered\n", 500));
  return app;
}

/** The pieces themselves, one when the one before was taken: a slow reader keeps no copy of a page. */
function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const rest = pieces.values();
  return new ReadableStream(
    {
      pull(controller) {
        const next = rest.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
}
