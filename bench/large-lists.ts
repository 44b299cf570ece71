/**
 * Memory of a first sync without WatchList where objects are large: `bun bench/large-lists.ts`.
 *
 * 210 SeiNodes of 1.3 MB, served by another process as an API server does: by pages, as many objects as asked for.
 */
import { createStores, RESOURCES } from "../src/controller/index.ts";
import { realWorld } from "../src/host/index.ts";
import { parseLean, resourcePath } from "../src/kube/client/index.ts";
import { startReflector } from "../src/kube/watch/index.ts";
import { readNode } from "../src/seinode/read/index.ts";
import { usageOf } from "./usage.ts";

const NODES = 210;
const BOUND_MB = 200;

/** One as the API server tells it. */
function told(at: number): string {
  const metadata = {
    namespace: "sei",
    name: `n${at}`,
    uid: `uid-${at}`,
    resourceVersion: String(at + 1),
    generation: 1,
  };
  const overrides = Object.fromEntries(
    Array.from({ length: 1300 }, (_, key) => [`k${key}`, `${at} `.padEnd(1000, ".")]),
  );
  return JSON.stringify({ metadata, spec: { chainId: "a", image: "b", fullNode: {}, overrides }, status: {} });
}

async function* page(from: number, limit: number): AsyncGenerator<string> {
  const end = Math.min(NODES, from + limit);
  const metadata = { resourceVersion: "1000", ...(end < NODES ? { continue: String(end) } : {}) };
  yield `{"metadata":${JSON.stringify(metadata)},"items":[`;
  for (let at = from; at < end; at += 1) yield `${at === from ? "" : ","}${told(at)}`;
  yield "]}";
}

function serve(): void {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { searchParams } = new URL(request.url);
      if (searchParams.has("sendInitialEvents")) return Response.json({ code: 422 }, { status: 422 });
      if (searchParams.has("watch")) return new Response(new ReadableStream({ pull: () => Bun.sleep(60_000) }));
      const body = page(Number(searchParams.get("continue") ?? 0), Number(searchParams.get("limit") ?? NODES));
      return new Response(body);
    },
  });
  console.log(server.port);
}

async function measure(): Promise<void> {
  const child = Bun.spawn(["bun", import.meta.path, "serve"], { stdout: "pipe", stderr: "inherit" });
  const said = await child.stdout.getReader().read();
  const port = new TextDecoder().decode(said.value).trim();
  const tls = { ca: null, cert: null, key: null, serverName: null, insecure: false };
  const transport = realWorld.transports.api({
    origin: `http://127.0.0.1:${port}`,
    tls,
    authorization: () => Promise.resolve(null),
    userAgent: "bench",
  });
  const { nodes } = createStores();
  const stop = new AbortController();
  const before = usageOf(process.pid).rssMb;
  const from = performance.now();
  const synced = Promise.withResolvers<number>();
  const late = setTimeout(() => synced.resolve(-1), 120_000);
  startReflector({
    ...realWorld,
    transport,
    path: resourcePath(RESOURCES.nodes),
    project: readNode,
    parse: parseLean,
    store: nodes,
    signal: stop.signal,
    report: (report) => (report.type === "synced" ? synced.resolve(report.objects) : console.log(report.type)),
  });
  const objects = await synced.promise;
  clearTimeout(late);
  const { peakMb } = usageOf(process.pid);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  console.log(
    `synced ${objects} of ${NODES} in ${seconds} s; ${before} MB before, ${peakMb} MB at most; bound ${BOUND_MB} MB`,
  );
  stop.abort();
  child.kill();
  process.exit(objects === NODES && peakMb <= BOUND_MB ? 0 : 1);
}

if (process.argv[2] === "serve") serve();
else await measure();
