/**
 * The typed APIs of `@kubernetes/client-node` over our own transport: its own loses the CA and the client certificate on
 * Bun. Loaded when a command asks for them, so that nothing else pays for them.
 */
import type {
  ApiextensionsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  EventsV1Api,
  VersionApi,
} from "@kubernetes/client-node";
import { type ApiTransport, oneLine, TransportError } from "../base/index.ts";

/** One API of each group that the commands ask. */
export interface TypedApis {
  readonly authentication: AuthenticationV1Api;
  readonly authorization: AuthorizationV1Api;
  readonly coordination: CoordinationV1Api;
  readonly core: CoreV1Api;
  readonly events: EventsV1Api;
  readonly extensions: ApiextensionsV1Api;
  readonly version: VersionApi;
}

const DEADLINE_MS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** The package wants an address; only what stands behind it is sent. */
const NOWHERE = "http://api-server";

/** Loads the package and puts its APIs on the transport. */
export async function typedApis(transport: ApiTransport, signal: AbortSignal): Promise<TypedApis> {
  const kubernetes = await import("@kubernetes/client-node");
  const { createConfiguration, ResponseContext, ServerConfiguration, wrapHttpLibrary } = kubernetes;
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(NOWHERE, {}),
    httpApi: wrapHttpLibrary({
      async send(request) {
        const body = request.getBody();
        const reply = await transport.request(
          {
            method: methodOf(request.getHttpMethod()),
            path: request.getUrl().slice(NOWHERE.length),
            headers: { accept: "application/json", ...request.getHeaders() },
            ...(typeof body === "string" ? { body } : {}),
          },
          { deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES, signal },
        );
        const text = new TextDecoder().decode(reply.body);
        return new ResponseContext(
          reply.status,
          { ...reply.headers },
          {
            text: () => Promise.resolve(text),
            binary: () => Promise.resolve(Buffer.from(reply.body)),
            stream: () => new Blob([text]).stream(),
          },
        );
      },
    }),
  });
  const on = <T>(Api: new (configuration: ReturnType<typeof createConfiguration>) => T): T => new Api(configuration);
  return {
    authentication: on(kubernetes.AuthenticationV1Api),
    authorization: on(kubernetes.AuthorizationV1Api),
    coordination: on(kubernetes.CoordinationV1Api),
    core: on(kubernetes.CoreV1Api),
    events: on(kubernetes.EventsV1Api),
    extensions: on(kubernetes.ApiextensionsV1Api),
    version: on(kubernetes.VersionApi),
  };
}

function methodOf(method: string): "GET" | "POST" | "PATCH" | "PUT" | "DELETE" {
  return method === "POST" || method === "PATCH" || method === "PUT" || method === "DELETE" ? method : "GET";
}

/** Why a call failed. */
export interface Fault {
  /** HTTP status; 0 where no reply came. */
  readonly status: number;
  /** One line: `got X, want Y`, or the API server's own words. */
  readonly why: string;
}

/** A call of the typed APIs as a value. */
export type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** Waits for the call; what it fails with becomes a value. */
export async function asked<T>(call: Promise<T>): Promise<Asked<T>> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    return { ok: false, fault: faultOf(error) };
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof TransportError) return { status: 0, why: error.clause };
  const [code, body]: unknown[] = [Reflect.get(Object(error), "code"), Reflect.get(Object(error), "body")];
  const status = typeof code === "number" ? code : 0;
  const said = messageIn(body);
  if (said !== "") return { status, why: said };
  return { status, why: status === 0 ? oneLine(error) : `got ${status}, want success` };
}

/** The `message` of a Status object, which comes as text or, where it was read, as an object. */
function messageIn(body: unknown): string {
  try {
    const status: unknown = typeof body === "string" ? JSON.parse(body) : body;
    const message: unknown = Reflect.get(Object(status), "message");
    return typeof message === "string" ? oneLine(message) : "";
  } catch {
    return "";
  }
}

/** Unix milliseconds of a time in a typed reply; null where there is none. Its type says `Date`, and it may be text (tried). */
export function timeOf(value: unknown): number | null {
  const ms = value instanceof Date ? value.getTime() : Date.parse(typeof value === "string" ? value : "");
  return Number.isNaN(ms) ? null : ms;
}
