import { type Connection, ConnectionError, type ConnectionPorts, fileToken } from "./connection.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server of the cluster we run in, as our service account; null outside a cluster. */
export async function inClusterConnection(ports: ConnectionPorts): Promise<Connection | null> {
  const host = ports.env["KUBERNETES_SERVICE_HOST"];
  const port = ports.env["KUBERNETES_SERVICE_PORT"] ?? "443";
  const token = host === undefined || host === "" ? null : await ports.readFile(`${FOLDER}/token`);
  if (host === undefined || token === null) return null;
  const ca = await ports.readFile(`${FOLDER}/ca.crt`);
  if (ca === null || ports.certificateEnd(ca) === null) {
    throw new ConnectionError(
      "CERTIFICATE_INVALID",
      `connect: service account ${FOLDER}/ca.crt: got no certificate, want the CA of this cluster. Is the token volume mounted whole?`,
    );
  }
  const address = host.includes(":") ? `[${host}]` : host;
  return {
    origin: `https://${address}:${port}`,
    basePath: "",
    tls: { ca, cert: null, key: null, serverName: null, insecure: false },
    authorization: fileToken(`${FOLDER}/token`, ports),
    headers: {},
    namespace: (await ports.readFile(`${FOLDER}/namespace`))?.trim() ?? null,
    source: "in-cluster",
    description: `service account, server ${address}:${port}`,
    warnings: [],
  };
}
