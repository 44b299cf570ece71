/** Says in words why a connection failed. */
import { callError, PlainError, TransportError } from "../base/index.ts";

/** What is wrong with a server's certificate, by the code that TLS reports. */
const CERTIFICATE_FAULTS: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "an expired certificate, want a valid one. Check the clock, or renew the certificate"],
  ["CERT_NOT_YET_VALID", "a certificate that is not valid yet, want a valid one. Check the clock"],
  ["CERT_REVOKED", "a revoked certificate, want a valid one"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "a certificate for another name, want one for this host. Check tls-server-name"],
  [
    "CERT_WITHOUT_SUBJECT_ALTERNATIVE_NAME",
    "a certificate that names its host in the common name alone, want a subject alternative name. Renew the certificate",
  ],
  ["HOSTNAME_MISMATCH", "a certificate for another name, want one for this host. Check tls-server-name"],
]);
/** Codes of a chain that does not end at a root we trust. */
const UNKNOWN_AUTHORITY = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
]);
const UNKNOWN_CA = "a certificate of an unknown authority, want one signed by the configured CA. Check the CA";
/** System errors in words; others are told by their code. */
const SYSTEM_FAULTS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "a connection that broke off"],
  ["EPIPE", "a connection that broke off"],
  ["ENOTFOUND", "no address for this name"],
  ["EAI_AGAIN", "no answer to the name lookup"],
  ["EHOSTUNREACH", "no route to the host"],
  ["ENETUNREACH", "no route to the network"],
  ["ETIMEDOUT", "no answer to the connection attempt"],
]);

/** What a failed connection or reply means; `what` names the call. The text of `cause` stays out: it may quote us. */
export function transportFault(cause: unknown, what: string): TransportError {
  if (cause instanceof TransportError) return cause;
  // The text of this one is ours.
  if (cause instanceof PlainError) {
    return callError("UNREACHABLE", what, { clause: `no credentials: ${cause.message}`, cause });
  }
  const [kind, clause] = faultOf(codeOf(cause));
  return callError(kind, what, { clause, cause });
}

function faultOf(code: string): readonly [TransportError["code"], string] {
  const certificate = UNKNOWN_AUTHORITY.has(code) ? UNKNOWN_CA : CERTIFICATE_FAULTS.get(code);
  if (certificate !== undefined) return ["TLS", `got ${certificate}`];
  if (isTlsCode(code)) {
    const hint = "Check the client certificate, and that the port speaks TLS";
    return ["TLS", `got a TLS failure (${code}), want a handshake that succeeds. ${hint}`];
  }
  if (code === "HPE_HEADER_OVERFLOW") return ["TOO_LARGE", "got headers past the limit, want fewer or smaller ones"];
  if (code.startsWith("PROXY_")) {
    const words = proxyWords(code.slice("PROXY_".length));
    return [
      "UNREACHABLE",
      `got no way through the proxy (${words}), want a connection. Check proxy-url and HTTPS_PROXY`,
    ];
  }
  if (code === "ERR_INVALID_CHAR") return ["UNREACHABLE", "got a path or header that cannot be sent, want plain text"];
  const got = SYSTEM_FAULTS.get(code) ?? (code.startsWith("HPE_") ? "bytes that are no HTTP" : `no answer (${code})`);
  return ["UNREACHABLE", `got ${got}, want a reply`];
}

/** What a proxy came to: an HTTP status, `SOCKS_` and a reply code of RFC 1928, or why it could not be reached. */
function proxyWords(code: string): string {
  if (/^\d+$/.test(code)) return `status ${code}`;
  return SYSTEM_FAULTS.get(code) ?? code.replace(/^SOCKS_(\d+)$/, "SOCKS reply $1");
}

/** A cause of which only the code is known. */
export function errorOfCode(code: string): Error {
  return Object.assign(new Error("no reply"), { code });
}

function isTlsCode(code: string): boolean {
  return code === "EPROTO" || /^(ERR_SSL|ERR_TLS|ERR_OSSL|CERT_|ERR_BORINGSSL)/.test(code);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "no code";
}
