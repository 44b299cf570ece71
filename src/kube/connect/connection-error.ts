/** A connection to the API server that cannot be made. */
import { oneLine, PlainError } from "../../base/index.ts";

/** Codes of a connection that cannot be made, with what each means. */
export const CONNECTION_ERRORS = {
  KUBECONFIG_MISSING: "The kubeconfig file is not there or cannot be read.",
  KUBECONFIG_INVALID: "The kubeconfig is no YAML, or lacks a context, cluster or user that it names.",
  KUBECONFIG_UNSUPPORTED: "The kubeconfig asks for something that is not served, and that must not be ignored.",
  CERTIFICATE_INVALID: "A CA, client certificate or key is missing, malformed, expired, or the two do not match.",
  TOKEN_OVER_HTTP: "A token would travel in clear text.",
  CREDENTIAL_PLUGIN_FAILED: "The exec credential plugin failed, took too long or printed no credential.",
  NOT_IN_CLUSTER: "Neither a kubeconfig nor a service account was found.",
} as const;

/** A connection that cannot be made. The message is one line without secrets. */
export class ConnectionError extends PlainError {
  readonly code: keyof typeof CONNECTION_ERRORS;
  constructor(code: keyof typeof CONNECTION_ERRORS, message: string) {
    // A kubeconfig's own words are told in it, and may hold anything.
    super(oneLine(message));
    this.name = "ConnectionError";
    this.code = code;
  }
}
