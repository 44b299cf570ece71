/** Tells of every object of a collection, now and as it changes. */
import type { AdminApi, KubeObject } from "./admin-api.ts";

/** Called with every object as it is now; `gone` when it was deleted. */
export type Follower<T> = (object: T, gone: boolean) => void;

interface ObjectList<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

/** Lists, then watches, and again from the start whenever the watch ends. Never returns. */
export async function follow<T extends KubeObject>(api: AdminApi, path: string, tell: Follower<T>): Promise<never> {
  let known = new Map<string, T>();
  for (;;) {
    const list = await api.get<ObjectList<T>>(path);
    const now = new Map((list?.items ?? []).map((object) => [object.metadata.uid ?? "", object]));
    for (const [uid, object] of known) if (!now.has(uid)) tell(object, true);
    for (const object of now.values()) tell(object, false);
    known = now;
    const from = `${path}?allowWatchBookmarks=false&resourceVersion=${list?.metadata.resourceVersion ?? ""}`;
    for await (const event of api.watch<T>(from, new AbortController().signal)) {
      if (event.type === "ERROR") break;
      const gone = event.type === "DELETED";
      if (gone) known.delete(event.object.metadata.uid ?? "");
      else known.set(event.object.metadata.uid ?? "", event.object);
      tell(event.object, gone);
    }
  }
}
