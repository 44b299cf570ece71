/** Requests to the API server, each with a deadline and a size cap, each answered by a value. */
import {
  type ApiTransport,
  field,
  type HttpRequest,
  parseJson,
  type Permit,
  TransportError,
} from "../../base/index.ts";
import { type ApiFailure, failureOf, failureOfTransport, malformedReply, type Result } from "./failure.ts";
import type { ParseJson } from "./lean-json.ts";
import { resourcePath, type ResourceRef } from "./paths.ts";

/** Limits of one request. */
export interface RequestLimits {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly permit?: Permit;
}

/** A read. */
export interface GetOptions extends RequestLimits {
  /** Reads this reply; the client's own unless given. */
  readonly parse?: ParseJson;
}

/** Who applies, and whether fields of others are taken over. */
export interface ApplyOptions extends RequestLimits {
  readonly fieldManager: string;
  readonly force: boolean;
}

/** What must still hold for a deletion. */
export interface DeleteOptions extends RequestLimits {
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** `Foreground`: it is gone only after all that it owns. Left out = the server's choice, which for a Job orphans its Pods. */
  readonly propagationPolicy?: "Foreground";
}

/** The API server. Values are parsed JSON that nobody has checked. */
export interface KubeClient {
  get(ref: ResourceRef, options?: GetOptions): Promise<Result<unknown>>;
  /** A JSON merge patch (RFC 7386). */
  mergePatch(ref: ResourceRef, body: unknown, limits?: RequestLimits): Promise<Result<unknown>>;
  /** Server-side apply: creates what is not there. */
  apply(ref: ResourceRef, body: unknown, options: ApplyOptions): Promise<Result<unknown>>;
  create(ref: ResourceRef, body: unknown, limits?: RequestLimits): Promise<Result<unknown>>;
  remove(ref: ResourceRef, options?: DeleteOptions): Promise<Result<unknown>>;
  /** Whether we may do this: a SelfSubjectAccessReview, which stores nothing. */
  accessReview(access: Access, limits?: RequestLimits): Promise<Result<boolean>>;
}

/** Something one may be permitted to do. `name` null = any object, `namespace` null = in every namespace. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  /** `resource` or `resource/subresource`. */
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string | null;
}

/** A write ends well before a Lease could pass to another process. */
const WRITE_DEADLINE_MS = 3000;
const READ_DEADLINE_MS = 10_000;
/** The largest reply that is read; objects are capped by the server at 1.5 MiB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A client over a transport. `parse` reads replies. */
export function createClient(transport: ApiTransport, parse: ParseJson = JSON.parse): KubeClient {
  const send = (request: HttpRequest, limits?: RequestLimits): Promise<Result<unknown>> =>
    answerOf({ transport, parse }, request, limits);
  return {
    get: (ref, { parse: own = parse, ...limits } = {}) =>
      answerOf({ transport, parse: own }, { method: "GET", path: resourcePath(ref) }, limits),
    mergePatch: (ref, body, limits) =>
      send(withBody("PATCH", resourcePath(ref), { body, type: "application/merge-patch+json" }), limits),
    apply: (ref, body, { fieldManager, force, ...limits }) => {
      const path = `${resourcePath(ref)}?fieldManager=${encodeURIComponent(fieldManager)}&force=${force}`;
      return send(withBody("PATCH", path, { body, type: "application/apply-patch+yaml" }), limits);
    },
    create: (ref, body, limits) =>
      send(withBody("POST", resourcePath(ref), { body, type: "application/json" }), limits),
    remove: (ref, { uid, resourceVersion, propagationPolicy, ...limits } = {}) => {
      const preconditions = { uid, resourceVersion };
      const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions, propagationPolicy };
      return send(withBody("DELETE", resourcePath(ref), { body, type: "application/json" }), limits);
    },
    accessReview: async (access, limits) => {
      const path = resourcePath(REVIEWS);
      const request = withBody("POST", path, { body: reviewOf(access), type: "application/json" });
      const result = await send(request, limits);
      if (!result.ok) return result;
      const allowed = allowedBy(result.value);
      return allowed === null
        ? no(malformedReply("got a reply that is no access review, want one with status.allowed", false))
        : { ok: true, value: allowed };
    },
  };
}

/** The client with every write under a permit, asked anew right before each is sent. */
export function withPermit(client: KubeClient, permit: Permit): KubeClient {
  return {
    ...client,
    mergePatch: (ref, body, limits) => client.mergePatch(ref, body, { ...limits, permit }),
    apply: (ref, body, options) => client.apply(ref, body, { ...options, permit }),
    create: (ref, body, limits) => client.create(ref, body, { ...limits, permit }),
    remove: (ref, options) => client.remove(ref, { ...options, permit }),
  };
}

const REVIEWS: ResourceRef = { group: "authorization.k8s.io", version: "v1", plural: "selfsubjectaccessreviews" };

function reviewOf({ verb, group, resource, namespace, name }: Access): unknown {
  const [plural, subresource] = resource.split("/");
  const where = { ...(namespace === null ? {} : { namespace }), ...(name === null ? {} : { name }) };
  const resourceAttributes = { verb, group, resource: plural, subresource, ...where };
  return {
    apiVersion: `${REVIEWS.group}/${REVIEWS.version}`,
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  };
}

/** An authorizer that could not judge says so in `evaluationError`; that is no denial. */
function allowedBy(review: unknown): boolean | null {
  const status = field(review, "status");
  const allowed = field(status, "allowed");
  if (typeof allowed !== "boolean") return null;
  const unsure = !allowed && field(status, "evaluationError") !== undefined;
  return unsure ? null : allowed;
}

function withBody(
  method: HttpRequest["method"],
  path: string,
  content: { readonly body: unknown; readonly type: string },
): HttpRequest {
  return {
    method,
    path,
    headers: { "content-type": content.type, accept: "application/json" },
    body: JSON.stringify(content.body),
  };
}

async function answerOf(
  { transport, parse }: { readonly transport: ApiTransport; readonly parse: ParseJson },
  request: HttpRequest,
  limits: RequestLimits = {},
): Promise<Result<unknown>> {
  const isMutation = request.method !== "GET";
  const deadlineMs = limits.deadlineMs ?? (isMutation ? WRITE_DEADLINE_MS : READ_DEADLINE_MS);
  try {
    const why = limits.permit?.() ?? null;
    if (why !== null) throw new TransportError("WITHHELD", why);
    const response = await transport.request(request, {
      deadlineMs,
      maxBytes: MAX_BYTES,
      ...(limits.signal === undefined ? {} : { signal: limits.signal }),
      ...(limits.permit === undefined ? {} : { permit: limits.permit }),
    });
    const body = parseJson(response.body, parse);
    if (response.status < 200 || response.status > 299) return no(failureOf(response, body));
    return body === undefined
      ? no(malformedReply("got a reply that is no JSON, want an object", isMutation))
      : { ok: true, value: body };
  } catch (error) {
    return no(failureOfTransport(error, isMutation));
  }
}

function no(failure: ApiFailure): Result<never> {
  return { ok: false, failure };
}
