/** The program's own doors, opened as `run` opens them. */
import { connectionPorts } from "../../../src/controller/index.ts";
import { realWorld } from "../../../src/host/index.ts";
import { loadConnection } from "../../../src/kube/connect/index.ts";
import type { ApiTransport } from "../../../src/base/index.ts";

/** Time and dice of this machine. */
export const hostTime = { clock: realWorld.clock, timers: realWorld.timers, random: realWorld.random };

/** The real transport with the credentials of a kubeconfig; `origin` when the server is reached some other way. */
export function clusterTransport(kubeconfigPath: string, origin?: string): ApiTransport {
  let opened: Promise<ApiTransport> | null = null;
  const open = async (): Promise<ApiTransport> => {
    const connection = await loadConnection(
      { kubeconfig: kubeconfigPath, context: null },
      connectionPorts(realWorld, new AbortController().signal),
    );
    return realWorld.transports.api({
      origin: origin ?? connection.origin + connection.basePath,
      tls: connection.tls,
      authorization: connection.authorization,
      headers: connection.headers,
      userAgent: "tidekeeper/test",
    });
  };
  const door = (): Promise<ApiTransport> => (opened ??= open());
  return {
    request: async (request, limits) => (await door()).request(request, limits),
    stream: async (request, limits) => (await door()).stream(request, limits),
  };
}
