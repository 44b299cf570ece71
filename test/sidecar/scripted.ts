/** Transports that answer from a script and keep what they were asked. */
import { createSidecar, type Sidecar } from "../../src/sidecar/sidecar.ts";
import type { HttpRequest, HttpResponse } from "../../src/base/index.ts";

export const never = new AbortController().signal;

export interface Scripted {
  readonly sidecar: Sidecar;
  readonly sent: { readonly url: string; readonly request: HttpRequest; readonly limits: object }[];
}

/** One answer to everything, or by the path that is asked. */
export type Answer = HttpResponse | Error | ((path: string) => HttpResponse | Error);

/** Of a sidecar: this to `/v0/healthz`, that to `/v0/tasks`. */
export function gate(healthz: HttpResponse | Error, tasks: HttpResponse | Error = json(200, [])): Answer {
  return (path) => (path.endsWith("/v0/tasks") ? tasks : healthz);
}

export function reply(status: number, body = "", headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: new TextEncoder().encode(body) };
}

export function json(status: number, body: unknown): HttpResponse {
  return reply(status, JSON.stringify(body), { "content-type": "application/json" });
}

export function failure(code: string, cause?: string): Error {
  const inner = Object.assign(new Error("connect 10.0.0.7:7777"), { code: cause });
  return Object.assign(new Error("10.0.0.7:7777 after 2000 ms", { cause: inner }), { code });
}

export function direct(answer: Answer, host = "10.0.0.7", port = 7777): Scripted {
  return scripted(answer, { kind: "direct", host, port });
}

export function proxied(answer: Answer, pod = "sei-a-0", namespace = "chain"): Scripted {
  return scripted(answer, { kind: "apiserver", namespace, pod, port: 7777 });
}

function scripted(answer: Answer, route: Parameters<typeof createSidecar>[0]["route"]): Scripted {
  const sent: Scripted["sent"] = [];
  const give = async (path: string): Promise<HttpResponse> => {
    const given = typeof answer === "function" ? answer(path) : answer;
    if (given instanceof Error) throw given;
    return given;
  };
  const sidecar = createSidecar({
    route,
    direct: {
      request(target, request, limits) {
        sent.push({ url: `http://${target.host}:${target.port}${request.path}`, request, limits });
        return give(request.path);
      },
    },
    api: {
      request(request, limits) {
        sent.push({ url: `api:${request.path}`, request, limits });
        return give(request.path);
      },
    },
  });
  return { sidecar, sent };
}
