import { type Connection, ConnectionError, type ConnectionPorts, type ConnectionTls, fileToken } from "./connection.ts";
import { proxyName, proxyOfEnvironment } from "./proxy.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server of the cluster we run in, as our service account; null outside a cluster. */
export async function inClusterConnection(ports: ConnectionPorts): Promise<Connection | null> {
  const host = ports.env["KUBERNETES_SERVICE_HOST"];
  const port = ports.env["KUBERNETES_SERVICE_PORT"] || "443";
  const token = host === undefined || host === "" ? null : await ports.readFile(`${FOLDER}/token`);
  if (host === undefined || token === null) return null;
  const readTls = async (): Promise<ConnectionTls> => {
    const ca = await ports.readFile(`${FOLDER}/ca.crt`);
    if (ca !== null && ports.certificateEnd(ca) !== null) {
      return { ca, cert: null, key: null, serverName: null, insecure: false };
    }
    throw new ConnectionError(
      "CERTIFICATE_INVALID",
      `connect: service account ${FOLDER}/ca.crt: got no certificate, want the CA of this cluster. Is the token volume mounted whole?`,
    );
  };
  const address = host.includes(":") ? `[${host}]` : host;
  const origin = `https://${address}:${port}`;
  const proxy = proxyOfEnvironment(new URL(origin), ports.env);
  return {
    origin,
    basePath: "",
    tls: await readTls(),
    renewTls: readTls,
    authorization: fileToken(`${FOLDER}/token`, ports),
    headers: {},
    proxy,
    namespace: (await ports.readFile(`${FOLDER}/namespace`))?.trim() ?? null,
    source: "in-cluster",
    description: `service account, server ${address}:${port}${proxy === null ? "" : ` through ${proxyName(proxy)}`}`,
    warnings: [],
  };
}
