/** The door to the API server of a connection: its credentials are read anew while we run. */
import { type Connection, renewingTransport } from "../kube/connect/index.ts";
import type { ApiTransport } from "../base/index.ts";
import { currentVersion, type World } from "../host/index.ts";

/** The door; `onProblem` hears why credentials cannot be read anew, and null when they can again. */
export function apiTransport(
  connection: Connection,
  world: World,
  onProblem: (why: string | null) => void,
): ApiTransport {
  const { origin, basePath, authorization, headers, proxy } = connection;
  const userAgent = `tidekeeper/${currentVersion(world.platform).version}`;
  return renewingTransport({
    clock: world.clock,
    timers: world.timers,
    tls: connection.tls,
    renew: connection.renewTls,
    build: (tls) => world.transports.api({ origin: origin + basePath, tls, authorization, headers, proxy, userAgent }),
    onProblem,
  });
}
