/** Writes docs/metrics.md from the metric catalogue. */
import { metricsPage } from "../src/telemetry/metrics-page.ts";

await Bun.write(new URL("../docs/metrics.md", import.meta.url), metricsPage());
