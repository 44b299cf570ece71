/** The connection of a Pod by its service account. */
import { messageOf } from "../../base/index.ts";
import { type Connection, type ConnectionPorts, type ConnectionTls, fileToken } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import { proxyName, proxyOfEnvironment } from "./proxy.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server of the cluster we run in, as our service account; null outside a cluster. */
export async function inClusterConnection(ports: ConnectionPorts): Promise<Connection | null> {
  const host = ports.env["KUBERNETES_SERVICE_HOST"];
  const port = ports.env["KUBERNETES_SERVICE_PORT"] || "443";
  const token = host === undefined || host === "" ? null : await read("token", ports);
  if (host === undefined || token === null) return null;
  const readTls = async (): Promise<ConnectionTls> => {
    const ca = await read("ca.crt", ports);
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
    namespace: (await read("namespace", ports))?.trim() ?? null,
    source: "in-cluster",
    description: `service account, server ${address}:${port}${proxy === null ? "" : ` through ${proxyName(proxy)}`}`,
    warnings: [],
  };
}

/** A file of the service account; one that is there and cannot be read is a fault, not an absence. */
async function read(name: string, ports: ConnectionPorts): Promise<string | null> {
  return ports.readFile(`${FOLDER}/${name}`).catch((error: unknown) => {
    const why = messageOf(error);
    throw new ConnectionError("CERTIFICATE_INVALID", `connect: service account: ${why}`);
  });
}
