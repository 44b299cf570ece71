/** Certificates and keys of a kubeconfig, checked before any request. */
import { messageOf } from "../../base/index.ts";
import { ConnectionError } from "./connection-error.ts";
import type { ConnectionPorts, ConnectionTls } from "./connection.ts";
import type { ExecCredential } from "./exec-credential.ts";
import { invalidError, isSet, type Place, textOrNull } from "./kubeconfig.ts";
import { systemRoots } from "./system-roots.ts";

/** Whom to trust. */
export type Trust = Pick<ConnectionTls, "ca" | "serverName" | "insecure">;

/** As kubectl: a CA beside `insecure-skip-tls-verify` is refused, since one of the two is a mistake. */
export async function trustOf(cluster: Place, ports: ConnectionPorts): Promise<Trust> {
  const own = await pem(cluster, "certificate-authority", ports);
  const insecure = isSet(cluster.body, "insecure-skip-tls-verify");
  if (own !== null && insecure) {
    throw invalidError(
      `${cluster.label}: got insecure-skip-tls-verify and certificate-authority, want one of them. Remove the first`,
    );
  }
  if (own !== null) checkBundle(own, `${cluster.label}: certificate-authority`, ports);
  const isPlain = (textOrNull(cluster.body, "server") ?? "").startsWith("http:");
  const ca = own === null && !insecure && !isPlain ? await systemRoots(ports) : own;
  return { ca, serverName: textOrNull(cluster.body, "tls-server-name"), insecure };
}

/** The CA that the kubeconfig names itself; null where the machine's roots are meant. */
export function hasOwnCa(cluster: Place): boolean {
  return ["certificate-authority", "certificate-authority-data"].some(
    (name) => textOrNull(cluster.body, name) !== null,
  );
}

/** The client's certificate: the kubeconfig's own, else the one that a program gave. */
export async function pairOf(
  user: Place,
  { ports, credential }: { readonly ports: ConnectionPorts; readonly credential: ExecCredential | null },
): Promise<Pick<ConnectionTls, "cert" | "key">> {
  const own = await pem(user, "client-certificate", ports);
  // As kubectl does, a key without its certificate is ignored.
  const [cert, key] =
    own === null ? [credential?.cert ?? null, credential?.key ?? null] : [own, await pem(user, "client-key", ports)];
  if (cert !== null) checkCertificate(cert, `${user.label}: client-certificate`, ports);
  checkPair(user, { cert, key }, ports);
  return { cert, key };
}

/** A PEM text from `<name>-data` (base64), else from the file that `<name>` names. */
async function pem(at: Place, name: string, ports: ConnectionPorts): Promise<string | null> {
  const data = textOrNull(at.body, `${name}-data`);
  const path = textOrNull(at.body, name);
  if (data !== null && path !== null) throw bad(`${at.label}: got ${name} and ${name}-data, want one of them`);
  if (data !== null) return decoded(data, `${at.label}: ${name}-data`);
  return path === null ? null : fileText(at, { name, path }, ports);
}

function decoded(data: string, where: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(data.replaceAll(/\s/g, "")));
  } catch {
    throw bad(`${where}: got no base64`);
  }
}

/** The text of a file that the kubeconfig names. */
export async function fileText(
  at: Place,
  { name, path }: { readonly name: string; readonly path: string },
  ports: ConnectionPorts,
): Promise<string> {
  const absolute = resolvePath(at, path);
  const text = await ports.readFile(absolute).catch((error: unknown) => {
    throw bad(`${at.label}: ${name}: ${messageOf(error)}`);
  });
  if (text === null) throw bad(`${at.label}: ${name}: no such file ${absolute}`);
  return text;
}

/** A path as it is meant: relative to its kubeconfig. */
export function resolvePath(at: Place, path: string): string {
  return path.startsWith("/") ? path : `${at.folder}/${path}`;
}

/** A bundle may hold an expired authority beside its successor. */
function checkBundle(text: string, where: string, ports: ConnectionPorts): void {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [text];
  const isGood = (block: string): boolean => (ports.certificateEnd(block) ?? 0) >= ports.clock.wall();
  if (!blocks.some(isGood)) checkCertificate(text, where, ports);
}

function checkCertificate(text: string, where: string, ports: ConnectionPorts): void {
  const end = ports.certificateEnd(text);
  if (end === null) throw bad(`${where}: got no PEM certificate`);
  if (end < ports.clock.wall()) throw bad(`${where}: expired on ${new Date(end).toISOString().slice(0, 10)}`);
}

function checkPair(
  user: Place,
  { cert, key }: { readonly cert: string | null; readonly key: string | null },
  ports: ConnectionPorts,
): void {
  if (cert === null) return;
  if (key === null) throw bad(`${user.label}: got client-certificate without client-key`);
  const fit = ports.keyFits(cert, key);
  if (fit === "encrypted")
    throw bad(`${user.label}: client-key: it is encrypted, and there is nobody to ask for the passphrase`);
  if (fit === "malformed") throw bad(`${user.label}: client-key: got no PEM private key`);
  if (fit === "mismatch") throw bad(`${user.label}: client-key: it does not belong to client-certificate`);
}

function bad(message: string): ConnectionError {
  return new ConnectionError("CERTIFICATE_INVALID", message);
}
