/** One question to a sidecar over either route, and who it was that answered. */
import {
  type ApiTransport,
  type CallLimits,
  type DirectTransport,
  field,
  type HttpRequest,
  type HttpResponse,
  parseJson,
  textAt,
} from "../base/index.ts";
import { safeText } from "./reply-text.ts";
import { routeFault, type SidecarRoute } from "./route.ts";

/** What a question came to. Every `cause` is stable: no address, port, duration or time, since it ends in conditions. */
export type Asked =
  | { readonly kind: "replied"; readonly reply: HttpResponse }
  /** The API server answered in the sidecar's place and would not let us through. */
  | { readonly kind: "forbidden"; readonly status: number; readonly cause: string }
  | { readonly kind: "tooLarge" }
  /** The route itself is no sidecar's; nothing was sent. */
  | { readonly kind: "badRoute"; readonly cause: string }
  | { readonly kind: "silent"; readonly cause: string };

/** Sends one request to the sidecar of `route`. */
export type Ask = (request: HttpRequest, limits: CallLimits) => Promise<Asked>;

/** Asks over `route`; expected failures are answers, anything else is thrown on as the defect it is. */
export function askOver(route: SidecarRoute, direct: DirectTransport, api: Pick<ApiTransport, "request">): Ask {
  const fault = routeFault(route);
  return async (request, limits) => {
    if (fault !== null) return { kind: "badRoute", cause: fault };
    const headers = { accept: "application/json", "accept-encoding": "identity", ...request.headers };
    try {
      switch (route.kind) {
        case "direct":
          return { kind: "replied", reply: await direct.request(route, { ...request, headers }, limits) };
        case "apiserver": {
          const path = `/api/v1/namespaces/${route.namespace}/pods/${route.pod}:${route.port}/proxy${request.path}`;
          return sortProxied(await api.request({ ...request, headers, path }, limits));
        }
      }
    } catch (error) {
      return noReply(error, route.kind === "direct" ? "the sidecar" : "the API server");
    }
  };
}

/** The pod proxy tells of a refused connection or an EOF in a 503 of its own, with a `metav1.Status` for a body. */
function sortProxied(reply: HttpResponse): Asked {
  const status = statusIn(reply);
  if (status === null) return isCutJson(reply) ? CUT_REPLY : { kind: "replied", reply };
  if (reply.status === 401 || reply.status === 403) {
    const cause = `API server refused the pod proxy (${reply.status}): check the permissions get and create on pods/proxy`;
    return { kind: "forbidden", status: reply.status, cause };
  }
  return { kind: "silent", cause: `API server replied ${reply.status} for the sidecar: ${proxiedCause(status)}` };
}

const CUT_REPLY: Asked = { kind: "silent", cause: "API server replied for the sidecar with JSON that cannot be read" };

/** An error in JSON that was cut off may be a `Status`: taking it for the sidecar's own 503 would be a guess. */
function isCutJson({ status, headers, body }: HttpResponse): boolean {
  const isJson = /^application\/json\b/i.test(headers["content-type"] ?? "");
  return status >= 400 && isJson && body.length > 0 && parseJson(body) === undefined;
}

/** What an API server says in a reply that is an error of its own; null when it is none. */
export interface ApiServerStatus {
  readonly reason: string;
  readonly message: string;
}

/** The `metav1.Status` of an error; null when the reply holds none. */
export function statusIn(reply: HttpResponse): ApiServerStatus | null {
  const body = reply.status >= 400 ? parseJson(reply.body) : null;
  if (field(body, "kind") !== "Status" || field(body, "apiVersion") !== "v1") return null;
  return { reason: textAt(body, "reason"), message: textAt(body, "message") };
}

/** The message holds an address and a port, which must not reach a condition, so only known phrases pass. */
export function proxiedCause(status: ApiServerStatus): string {
  const known = [
    "connection refused",
    "no route to host",
    "i/o timeout",
    "connection reset",
    "no such host",
    "EOF",
    "address not allowed",
  ];
  const found = known.find((phrase) => status.message.includes(phrase));
  return found ?? (safeText(status.reason, 40) || "no reason given");
}

/** System errors worth telling apart, as people know them. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ConnectionRefused: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "no route to host",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "name lookup failed",
  ETIMEDOUT: "connection timed out",
  CREDENTIAL_PLUGIN_FAILED: "no credentials",
  KUBECONFIG_INVALID: "no credentials",
};

function noReply(error: unknown, whom: string): Asked {
  switch (field(error, "code")) {
    case "UNREACHABLE":
      return { kind: "silent", cause: `${whom} cannot be reached: ${systemError(error)}` };
    case "DEADLINE":
      return { kind: "silent", cause: `${whom} did not reply in time` };
    case "ABORTED":
      return { kind: "silent", cause: "the request was called off" };
    case "TLS":
      return { kind: "silent", cause: `${whom} cannot be trusted: TLS failed` };
    case "WITHHELD":
      return { kind: "silent", cause: textAt(error, "message") || "withheld" };
    case "TOO_LARGE":
      return { kind: "tooLarge" };
    default:
      throw error;
  }
}

function systemError(error: unknown): string {
  let link = field(error, "cause");
  for (let depth = 0; depth < 4; depth += 1) {
    const told = SYSTEM_ERRORS[textAt(link, "code")];
    if (told !== undefined) return told;
    link = field(link, "cause");
  }
  return "no connection";
}
