/** Every SeiNode of a namespace, read live, page by page: what no mirror may be trusted with. */
import type { SeiNode } from "../model/index.ts";
import type { Reply } from "../executor/index.ts";
import { parseLean, resourcePath } from "../kube/client/index.ts";
import { requestPage } from "../kube/watch/index.ts";
import type { ApiTransport } from "../base/index.ts";
import { readNode } from "../seinode/read/index.ts";
import { RESOURCES } from "./caches.ts";

const PAGE_OBJECTS = 500;
/** More than a namespace has: a guard against a server whose list never ends. */
const MAX_PAGES = 200;

/** Reads them; `failed` when not all could be read, in whatever way. One that is no SeiNode is passed over. */
export function liveNodes(transport: ApiTransport, signal: AbortSignal) {
  return async (namespace: string): Promise<Reply<readonly SeiNode[]>> => {
    const root = resourcePath({ ...RESOURCES.nodes, namespace });
    const nodes: SeiNode[] = [];
    let next: string | null = "";
    for (let page = 0; next !== null && page < MAX_PAGES; page += 1) {
      const query = new URLSearchParams({ limit: String(PAGE_OBJECTS), ...(next === "" ? {} : { continue: next }) });
      const { ending, items } = await requestPage({
        transport,
        path: `${root}?${query.toString()}`,
        parse: parseLean,
        signal,
      });
      if (ending.kind !== "page")
        return { kind: "failed", why: `SeiNodes of ${namespace}: the list ended: ${ending.kind}` };
      nodes.push(...items.map(readNode).filter((node) => node !== null));
      next = ending.continueToken;
    }
    return next === null ? { kind: "ok", value: nodes } : { kind: "failed", why: `SeiNodes of ${namespace}: no end` };
  };
}
