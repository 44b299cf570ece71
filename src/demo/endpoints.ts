/** The health and metrics endpoints of the demo. */
import type { DemoConfig, ListenAddress } from "../config/index.ts";
import { healthApp, type HealthCheck, metricsApp } from "../server/index.ts";
import { type Instruments, metricsRender, nodeStateOf } from "../telemetry/index.ts";
import { listen, type Listener, realWorld } from "../host/index.ts";
import type { Setup } from "./setup.ts";

/** What is served while the script runs. */
export interface Endpoints {
  /** Where, for people; a line each. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

const AWAY: HealthCheck = { name: "controller", check: () => ({ ok: false, why: "the controller is stopped" }) };

/** Serves health and metrics of whichever controller runs. Throws `ListenError`. */
export function openEndpoints(
  { healthAddress, metricsAddress }: Pick<DemoConfig, "healthAddress" | "metricsAddress">,
  { setup, instruments }: { readonly setup: Setup; readonly instruments: Instruments },
): Endpoints {
  const health = (request: Request): Response | Promise<Response> => {
    const session = setup.session();
    return healthApp({ live: session?.live ?? [], ready: session?.ready ?? [AWAY] }).fetch(request);
  };
  const states = function* () {
    for (const node of setup.session()?.controller.caches.nodes.reader.values() ?? []) yield nodeStateOf(node);
  };
  const { clock, timers } = realWorld;
  const render = metricsRender({ instruments, nodes: states, measure: () => {}, clock, timers });
  const metrics = metricsApp({ render });
  const listeners: Listener[] = [];
  const lines: string[] = [];
  const open = (name: string, address: ListenAddress | null, serve: { path: string; fetch: typeof health }): void => {
    if (address === null) return;
    const listener = listen({ name, address, fetch: serve.fetch });
    listeners.push(listener);
    const host = address.host === null ? "localhost" : address.host.includes(":") ? `[${address.host}]` : address.host;
    lines.push(`  ${name.padEnd(8)} http://${host}:${listener.port}${serve.path}`);
  };
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.stop()));
  };
  try {
    open("health", healthAddress, { path: "/readyz?verbose", fetch: health });
    open("metrics", metricsAddress, { path: "/metrics", fetch: (request) => metrics.fetch(request) });
  } catch (error) {
    void close();
    throw error;
  }
  return { lines, close };
}
