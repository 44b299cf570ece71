/**
 * HTTP/1.1 over sockets: connections, what is written and read on them, deadlines, TLS, proxies. Knows no API server and no
 * sidecar.
 *
 * Invariants:
 * - a reply that is not plainly one reply is an error (test/http/reply-reader.test.ts);
 * - every call ends by its deadline and reads no more than its cap (test/http/https-transport.test.ts, test/http/http-direct.test.ts);
 * - only a subject alternative name tells who a server is (test/http/https-tls.test.ts).
 */
export { createDirectTransport } from "./http-direct.ts";
export { createApiTransport } from "./https-transport.ts";
export { timerDelay } from "./longest-delay.ts";
export type { ApiTransportOptions, DirectTransportOptions } from "./options.ts";
export { parsedFields } from "./reply-head.ts";
export { tlsOptions } from "./tls-options.ts";
