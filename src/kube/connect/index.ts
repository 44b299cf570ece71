/**
 * Whom to speak to, and as whom: kubeconfig, service account, credential programs, proxies, certificates.
 *
 * Invariants:
 * - every fault of a kubeconfig is told before any request (test/kube/connect/kubeconfig-connection.test.ts).
 */
export { CONNECTION_ERRORS, ConnectionError } from "./connection-error.ts";
export type { Connection, ConnectionPorts, ExecReply } from "./connection.ts";
export { execCredential } from "./exec-credential.ts";
export { loadConnection } from "./load-connection.ts";
export { renewingTransport } from "./renewing-transport.ts";
export { systemRoots } from "./system-roots.ts";
