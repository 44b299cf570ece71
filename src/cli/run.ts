/** `tidekeeper run`: reads what the run needs, refuses what is wrong, starts the controller and waits for its end. */
import { FLAGS, type ListenAddress, type RunConfig } from "../config/index.ts";
import { type Connection, ConnectionError, loadConnection } from "../kube/connect/index.ts";
import { createClient } from "../kube/client/index.ts";
import type { ApiTransport } from "../base/index.ts";
import { healthApp, metricsApp } from "../server/index.ts";
import {
  createInstruments,
  createLogger,
  type Instruments,
  type Logger,
  measureProcess,
  metricsRender,
  type NodeState,
} from "../telemetry/index.ts";
import {
  apiTransport,
  connectionPorts,
  findLeaseNamespace,
  fleetStates,
  type LeaseOptions,
  loadDetectors,
  loadPlatform,
  measureController,
  missingPermissions,
  pushOtlp,
  type Session,
  startSession,
} from "../controller/index.ts";
import {
  currentVersion,
  giveBackMemory,
  listen,
  type Listener,
  ListenError,
  processUsage,
  realWorld,
  watchLoopLag,
  type World,
} from "../host/index.ts";
import { bindAddress } from "./bind-address.ts";
import type { Shell } from "./shell.ts";

/** Why it cannot begin, a line each. */
class NoStart extends Error {
  readonly problems: readonly string[];
  readonly exitCode: 1 | 2;
  constructor(problems: readonly string[], exitCode: 1 | 2) {
    super(problems.join("; "));
    this.problems = problems;
    this.exitCode = exitCode;
  }
}

/** `tidekeeper run`: the controller, until stopped. Returns the exit code: 0 stopped, 1 failed, 2 wrong configuration. */
export async function runController(config: RunConfig, shell: Shell): Promise<number> {
  const world: World = { ...realWorld, ...shell.host };
  try {
    return await run(config, { world, stopping: shell.stopping });
  } catch (error) {
    const known = knownFailure(error);
    if (known === null) throw error;
    if (shell.stopping.aborted && error instanceof ConnectionError) return 0;
    await world.write("stderr", known.problems.map((problem) => `tidekeeper: ${problem}\n`).join(""));
    return known.exitCode;
  }
}

function knownFailure(error: unknown): Pick<NoStart, "problems" | "exitCode"> | null {
  if (error instanceof NoStart) return error;
  if (error instanceof ListenError) return { problems: [error.message], exitCode: 1 };
  return error instanceof ConnectionError ? { problems: [error.message], exitCode: 2 } : null;
}

interface RunContext {
  readonly world: World;
  readonly stopping: AbortSignal;
}

async function run(config: RunConfig, { world, stopping }: RunContext): Promise<number> {
  const platform = await loadPlatform(config, world);
  if (!platform.ok) throw new NoStart(platform.problems, 2);
  const list = await loadDetectors(config, world.timers);
  if (!list.ok) throw new NoStart(list.problems, 2);
  const { detectors } = list;
  if (world.env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    throw new NoStart(["NODE_TLS_REJECT_UNAUTHORIZED: got 0, want it unset: it would switch TLS verification off"], 2);
  }
  const connection = await loadConnection(config, connectionPorts(world, stopping));
  const log = loggerOf(config, world);
  const instruments = createInstruments();
  tellStart(connection, { log, instruments, world });
  for (const note of platform.notes) log.info("Platform config", { note });
  for (const warning of platform.warnings) log.warn("Platform config", { warning });
  const { promise: over, resolve: end } = Promise.withResolvers<string>();
  const route = config.sidecarTransport === "auto" ? ROUTES[connection.source] : config.sidecarTransport;
  const api = apiOf(connection, { log, world });
  const lease = await leaseOf(config, { connection, world, api, log, stopping });
  const missing = await missingPermissions({
    client: createClient(api),
    acts: config.mode === "act",
    route,
    namespace: config.namespace,
    leases: lease,
    signal: stopping,
  });
  if (missing.length > 0) throw new NoStart(missing, 1);
  const session = startSession({
    ...world,
    api,
    leaseApi: apiOf(connection, { log, world }),
    server: connection.origin,
    direct: world.transports.direct(),
    route,
    platform: platform.platform,
    detectors,
    mode: config.mode,
    namespace: config.namespace,
    selector: config.selector,
    probeIntervalMs: config.probeIntervalMs,
    concurrency: config.concurrency,
    maxUnavailable: config.maxUnavailable,
    lease,
    instance: lease?.identity ?? identityOf(config, world),
    instruments,
    log,
    onOver: (why) => end(why),
  });
  const states = fleetStates(session.controller.caches.nodes.reader, session.tells);
  const measureOwn = measureProcess(instruments, processUsage);
  const stopLag = watchLoopLag(world, ({ lastSeconds, meanSeconds, maxSeconds }) => {
    instruments.set("loopLag", lastSeconds, {});
    instruments.set("loopDelayMean", meanSeconds, {});
    instruments.set("loopDelayMax", maxSeconds, {});
    // For the push, which reads what was set last.
    measureController(session.controller, instruments);
    measureOwn();
  });
  const stopGiving = giveBackMemory(world);
  const endpoints = await openEndpoints(addressesOf(config, { world, connection }), {
    session,
    states,
    instruments,
    log,
    world,
    stopping,
  });
  stopping.addEventListener("abort", () => end(""), { once: true });
  if (stopping.aborted) end("");
  const why = await over;
  log.info(why === "" ? "Stopping" : "Ending", why === "" ? {} : { why });
  stopLag();
  stopGiving();
  await session.stop();
  await endpoints.close();
  if (why !== "") await world.write("stderr", `tidekeeper: run: ${why}\n`);
  return why === "" ? 0 : 1;
}

function apiOf(
  connection: Connection,
  { log, world }: { readonly log: Logger; readonly world: World },
): ReturnType<typeof apiTransport> {
  return apiTransport(connection, world, (why) =>
    why === null
      ? log.change("tls", "info", "Credentials are read again")
      : log.change("tls", "warn", "Credentials cannot be read anew: those before stay in use", { why }),
  );
}

/** In a cluster a Pod's address can be dialled; from elsewhere the API server's proxy leads there. */
const ROUTES = { "in-cluster": "direct", kubeconfig: "apiserver" } as const;

function loggerOf(config: RunConfig, world: World): Logger {
  const format = config.logFormat ?? (world.isTerminal.stderr ? "console" : "json");
  // Records go out in order by themselves; nobody waits for a slow reader of the log.
  const sink = (line: string): void => void world.write("stderr", line);
  return createLogger({ level: config.logLevel, format, sink, clock: world.clock });
}

function tellStart(
  connection: Connection,
  { log, instruments, world }: { readonly log: Logger; readonly instruments: Instruments; readonly world: World },
): void {
  const { version, commit, platform } = currentVersion(world.platform);
  log.info("Starting", { version, connection: connection.description });
  for (const warning of connection.warnings) log.warn("Connection", { warning });
  instruments.set("buildInfo", 1, { version, commit, runtime: platform });
  instruments.set("tlsInsecure", connection.tls.insecure ? 1 : 0, {});
}

function identityOf(config: RunConfig, world: World): string {
  const pod = world.env["POD_NAME"] ?? world.env["HOSTNAME"] ?? "tidekeeper";
  return config.leaderElectIdentity ?? `${pod}_${world.env["POD_UID"] ?? world.random.uuid4()}`;
}

async function leaseOf(
  config: RunConfig,
  {
    connection,
    world,
    api,
    log,
    stopping,
  }: RunContext & { readonly connection: Connection; readonly api: ApiTransport; readonly log: Logger },
): Promise<Required<LeaseOptions> | null> {
  if (!config.leaderElect) return null;
  const { shards, otherManagerLeases: others, namespace: scope, selector } = config;
  const inPod = connection.source === "in-cluster" ? connection.namespace : null;
  const known = config.leaderElectNamespace ?? world.env["POD_NAMESPACE"] ?? inPod;
  const namespace =
    known ??
    (await findLeaseNamespace({
      ...world,
      transport: api,
      scope: { namespace: scope, selector },
      signal: stopping,
    }));
  if (known === null) log.info("Namespace of the Lease", { namespace, hint: "--leader-elect-namespace names another" });
  return { namespace, identity: identityOf(config, world), shards, others };
}

function addressesOf(
  { healthAddress, metricsAddress }: RunConfig,
  { world: { env }, connection: { source } }: { readonly world: World; readonly connection: Connection },
): Pick<RunConfig, "healthAddress" | "metricsAddress"> {
  const { run } = FLAGS;
  return {
    healthAddress: bindAddress(healthAddress, { usual: run.healthAddress.fallback, env, source }),
    metricsAddress: bindAddress(metricsAddress, { usual: run.metricsAddress.fallback, env, source }),
  };
}

interface Endpoints {
  close(): Promise<void>;
}

/** Health, metrics and the OTLP push. */
async function openEndpoints(
  config: Pick<RunConfig, "healthAddress" | "metricsAddress">,
  parts: RunContext & {
    readonly session: Session;
    readonly states: () => Iterable<NodeState>;
    readonly instruments: Instruments;
    readonly log: Logger;
  },
): Promise<Endpoints> {
  const { session, states, instruments, log, world, stopping } = parts;
  const render = metricsRender({
    instruments,
    nodes: states,
    measure: () => measureController(session.controller, instruments),
    clock: world.clock,
    timers: world.timers,
  });
  const open = (
    name: string,
    address: ListenAddress | null,
    fetch: (request: Request) => Response | Promise<Response>,
  ) => (address === null ? [] : [{ name, listener: listen({ name, address, fetch }) }]);
  const listeners: { name: string; listener: Listener }[] = [];
  try {
    listeners.push(...open("health", config.healthAddress, healthApp(session).fetch));
    listeners.push(...open("metrics", config.metricsAddress, metricsApp({ render }).fetch));
  } catch (error) {
    await session.stop();
    throw error;
  }
  for (const { name, listener } of listeners) log.info("Listening", { name, port: listener.port });
  const push = await pushOtlp({ world, log, instruments, nodes: states, stopping });
  return {
    async close() {
      await push?.shutdown();
      await Promise.all(listeners.map(({ listener }) => listener.stop()));
    },
  };
}
