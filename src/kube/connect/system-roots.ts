/** The CA certificates of this machine. */
import { ConnectionError } from "./connection-error.ts";
import type { ConnectionPorts } from "./connection.ts";

/** Where the systems keep their roots, in the order in which kubectl (Go) looks. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The roots of this machine, for a server whose kubeconfig names no CA: `SSL_CERT_FILE`, else the system's bundle, which
 * is where a company's own authority stands. Null where there is none: then those that the program was built with.
 */
export async function systemRoots(ports: ConnectionPorts): Promise<string | null> {
  const named = ports.env["SSL_CERT_FILE"] ?? "";
  if (named !== "") {
    const text = await ports.readFile(named).catch(() => null);
    if (text !== null && text.includes("-----BEGIN CERTIFICATE-----")) return text;
    throw new ConnectionError(
      "CERTIFICATE_INVALID",
      `connect: SSL_CERT_FILE: got no certificates in ${named}, want at least one`,
    );
  }
  for (const path of BUNDLES) {
    const text = await ports.readFile(path).catch(() => null);
    if (text !== null && text.includes("-----BEGIN CERTIFICATE-----")) return text;
  }
  return null;
}
