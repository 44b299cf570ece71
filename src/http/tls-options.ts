/** What a TLS handshake is to verify, in the terms of `node:tls`. */
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { errorOfCode } from "./transport-fault.ts";
import type { ApiTls } from "./options.ts";

/** What `node:tls` and agents of `node:https` take. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly allowPartialTrustChain: boolean;
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/**
 * A handshake as kubectl makes it: a given CA may be an intermediate or the server's own certificate, and only a
 * subject alternative name tells who the server is. `host` is who is dialled, without brackets.
 */
export function tlsOptions(tls: ApiTls, host: string): TlsOptions {
  const name = tls.serverName ?? host;
  return {
    // Always said, or `NODE_TLS_REJECT_UNAUTHORIZED` would decide.
    rejectUnauthorized: !tls.insecure,
    allowPartialTrustChain: true,
    checkServerIdentity: (_host, certificate) => identityFault(name, certificate),
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key }),
    // An address is no name to ask a server for; what it presents is checked against it all the same.
    ...(isIP(name) === 0 ? { servername: name } : {}),
  };
}

/** Why a certificate is not that of `name`; a common name alone is no name (RFC 6125, and what Go does). */
function identityFault(name: string, certificate: PeerCertificate): Error | undefined {
  const names = certificate.subjectaltname ?? "";
  if (!/(?:^|, )(?:DNS|IP Address):/.test(names)) return errorOfCode("CERT_WITHOUT_SUBJECT_ALTERNATIVE_NAME");
  if (isIP(name) === 0 && !/(?:^|, )DNS:/.test(names)) return errorOfCode("ERR_TLS_CERT_ALTNAME_INVALID");
  return checkServerIdentity(name, certificate);
}
