/** A scripted API server for Leases. */
import {
  type ApiTransport,
  field,
  type HttpRequest,
  type HttpResponse,
  textAt,
  TransportError,
} from "../../../src/base/index.ts";

type LeaseObject = {
  metadata: { name: string; namespace: string; resourceVersion: string; annotations: Record<string, unknown> };
  spec: Record<string, unknown>;
};

/** One Lease behind an API server's door: apply, merge patch under an optimistic lock, list and watch. */
export class LeaseServer {
  lease: LeaseObject | null = null;
  writes = 0;
  conflicts = 0;
  readonly #name: string;
  #version = 10;
  readonly #watchers = new Set<(line: string) => void>();

  constructor(name = "tk") {
    this.#name = name;
  }

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
  put(spec: Record<string, unknown> | null, annotations = this.lease?.metadata.annotations ?? {}): void {
    const before = this.lease;
    this.#version += 1;
    const metadata = { name: this.#name, namespace: "ns", resourceVersion: String(this.#version), annotations };
    this.lease = spec === null ? null : { metadata, spec };
    if (this.lease !== null) this.#tell("MODIFIED", this.lease);
    else if (before !== null) this.#tell("DELETED", { ...before, metadata });
  }

  /** As after a restore from a backup: the same Lease, with a version that was long ago, and nobody is told. */
  setBack(): void {
    this.#version = 1;
    if (this.lease !== null)
      this.lease = { ...this.lease, metadata: { ...this.lease.metadata, resourceVersion: String(this.#version) } };
  }

  #answer({ method, path, body }: HttpRequest): HttpResponse {
    if (method === "GET" && path.includes("/leases?")) {
      const metadata = { resourceVersion: String(this.#version) };
      return reply(200, { kind: "LeaseList", metadata, items: this.lease === null ? [] : [this.lease] });
    }
    if (method === "GET") return this.lease === null ? reply(404, { reason: "NotFound" }) : reply(200, this.lease);
    const sent: unknown = JSON.parse(body ?? "null");
    if (path.includes("fieldManager")) {
      if (this.lease === null) this.put({});
      return reply(201, this.lease);
    }
    if (this.lease === null) return reply(404, { reason: "NotFound" });
    const metadata = field(sent, "metadata");
    const lock = textAt(metadata, "resourceVersion");
    if (lock !== "" && lock !== this.lease.metadata.resourceVersion) {
      this.conflicts += 1;
      return reply(409, { reason: "Conflict" });
    }
    this.writes += 1;
    this.put(
      merged(this.lease.spec, field(sent, "spec")),
      merged(this.lease.metadata.annotations, field(metadata, "annotations")),
    );
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

function merged(before: Record<string, unknown>, patch: unknown): Record<string, unknown> {
  const after = { ...before };
  for (const [name, value] of Object.entries(Object(patch))) {
    if (value === null) delete after[name];
    else after[name] = value;
  }
  return after;
}

function reply(status: number, body: unknown): HttpResponse {
  return { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
}
