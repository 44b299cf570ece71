import type { ApiTransport, HttpRequest, HttpResponse } from "../../src/kube/transport.ts";
import { TransportError } from "../../src/kube/transport.ts";
import { textAt, valueAt } from "../../src/kube/watch-event.ts";

type LeaseObject = {
  metadata: { name: string; namespace: string; resourceVersion: string };
  spec: Record<string, unknown>;
};

/** One Lease behind an API server's door: apply, merge patch under an optimistic lock, list and watch. */
export class LeaseServer {
  lease: LeaseObject | null = null;
  writes = 0;
  #version = 10;
  readonly #watchers = new Set<(line: string) => void>();

  /** A way to the server that can be cut without the other end knowing. */
  door(): ApiTransport & { cut: boolean } {
    const door = {
      cut: false,
      request: async (request: HttpRequest): Promise<HttpResponse> => {
        if (door.cut) throw new TransportError("UNREACHABLE", "cut");
        return this.#answer(request);
      },
      stream: async (_request: HttpRequest, { signal }: { signal?: AbortSignal }) => {
        if (door.cut) throw new TransportError("UNREACHABLE", "cut");
        return { status: 200, headers: {}, body: this.#watch(signal, () => !door.cut) };
      },
    };
    return door;
  }

  /** Somebody else's hand. */
  put(spec: Record<string, unknown> | null): void {
    const before = this.lease;
    this.#version += 1;
    const metadata = { name: "tk", namespace: "ns", resourceVersion: String(this.#version) };
    this.lease = spec === null ? null : { metadata, spec };
    if (this.lease !== null) this.#tell("MODIFIED", this.lease);
    else if (before !== null) this.#tell("DELETED", { ...before, metadata });
  }

  #answer({ method, path, body }: HttpRequest): HttpResponse {
    if (method === "GET") return this.lease === null ? reply(404, { reason: "NotFound" }) : reply(200, this.lease);
    const sent: unknown = JSON.parse(body ?? "null");
    if (path.includes("fieldManager")) {
      if (this.lease === null) this.put({});
      return reply(201, this.lease);
    }
    if (this.lease === null) return reply(404, { reason: "NotFound" });
    if (textAt(valueAt(sent, "metadata"), "resourceVersion") !== this.lease.metadata.resourceVersion)
      return reply(409, { reason: "Conflict" });
    const spec = { ...this.lease.spec };
    for (const [name, value] of Object.entries(Object(valueAt(sent, "spec")))) {
      if (value === null) delete spec[name];
      else spec[name] = value;
    }
    this.writes += 1;
    this.put(spec);
    return reply(200, this.lease);
  }

  #tell(type: string, object: unknown): void {
    for (const watcher of this.#watchers) watcher(`${JSON.stringify({ type, object })}\n`);
  }

  async *#watch(signal: AbortSignal | undefined, isHeard: () => boolean): AsyncIterable<Uint8Array> {
    let wake = Promise.withResolvers<void>();
    const lines: string[] = [];
    const listen = (line: string) => {
      if (isHeard()) lines.push(line);
      wake.resolve();
    };
    this.#watchers.add(listen);
    signal?.addEventListener("abort", () => (this.#watchers.delete(listen), wake.resolve()));
    if (this.lease !== null) listen(`${JSON.stringify({ type: "ADDED", object: this.lease })}\n`);
    const annotations = { "k8s.io/initial-events-end": "true" };
    const metadata = { resourceVersion: String(this.#version), annotations };
    listen(`${JSON.stringify({ type: "BOOKMARK", object: { metadata } })}\n`);
    for (;;) {
      await wake.promise;
      if (signal?.aborted === true) return;
      wake = Promise.withResolvers<void>();
      for (const line of lines.splice(0)) yield new TextEncoder().encode(line);
    }
  }
}

function reply(status: number, body: unknown): HttpResponse {
  return { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
}
