/** What a command that looks has of a cluster: a connection, a door for reading alone, typed APIs, and the clock's error. */
import type { ApiTransport } from "../base/index.ts";
import type { Cluster } from "../config/index.ts";
import { apiTransport, connectionPorts } from "../controller/index.ts";
import type { World } from "../host/index.ts";
import { type Connection, loadConnection } from "../kube/connect/index.ts";
import { Failure } from "./failure.ts";
import { readOnly } from "./read-only.ts";
import { type TypedApis, typedApis } from "./typed-apis.ts";

/** What a command is given. */
export interface Stage {
  readonly world: World;
  readonly stopping: AbortSignal;
}

/** A cluster to look at. */
export interface Reading extends Stage {
  readonly connection: Connection;
  /** Reads alone go through. */
  readonly api: ApiTransport;
  /** Null = every namespace. */
  readonly namespace: string | null;
  /** Loaded at the first call. */
  readonly apis: () => Promise<TypedApis>;
  /** By how much our clock is ahead of the API server's, as its replies say, to the second; null before the first. */
  readonly aheadMs: () => number | null;
}

/** Connects; asks nothing yet. */
export async function openReading(cluster: Cluster, { world, stopping }: Stage): Promise<Reading> {
  if (world.env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    throw new Failure(["NODE_TLS_REJECT_UNAUTHORIZED: got 0, want it unset: it would switch TLS verification off"], 2);
  }
  const connection = await loadConnection(cluster, connectionPorts(world, stopping));
  const warn = (warning: string): void => void world.write("stderr", `tidekeeper: warning: ${warning}\n`);
  for (const warning of connection.warnings) warn(warning);
  const timed = clockWitness(
    apiTransport(connection, world, (why) => {
      if (why !== null) warn(`credentials cannot be read anew: ${why}`);
    }),
    world,
  );
  const api = readOnly(timed.transport);
  let loading: Promise<TypedApis> | null = null;
  return {
    world,
    stopping,
    connection,
    api,
    namespace: cluster.isEverywhere ? null : (cluster.namespace ?? connection.namespace ?? "default"),
    apis: () => (loading ??= typedApis(api, stopping)),
    aheadMs: timed.aheadMs,
  };
}

/** Reads the time of the API server off its replies, whose `Date` is to the second. */
function clockWitness(
  transport: ApiTransport,
  { clock }: Pick<World, "clock">,
): { readonly transport: ApiTransport; readonly aheadMs: () => number | null } {
  let aheadMs: number | null = null;
  return {
    aheadMs: () => aheadMs,
    transport: {
      async request(request, limits) {
        const askedAt = clock.wall();
        const reply = await transport.request(request, limits);
        const told = Date.parse(reply.headers["date"] ?? "");
        // It was written some time between question and answer, and cut to the second.
        if (!Number.isNaN(told)) aheadMs = (askedAt + clock.wall()) / 2 - (told + 500);
        return reply;
      },
      stream: (request, limits) => transport.stream(request, limits),
    },
  };
}
