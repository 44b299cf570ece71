/** Makes the etcd of the test cluster forget its past. */
import { takenAs } from "./taken-as.ts";

const ETCD = "http://127.0.0.1:2379";

/** Makes etcd forget every revision before the newest one, as it does by itself every five minutes; returns that one. */
export async function compactEtcd(): Promise<number> {
  const ask = async (path: string, body: object): Promise<unknown> => {
    const reply = await fetch(`${ETCD}${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`etcd: ${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  };
  const range = takenAs<{ header: { revision: string } }>(await ask("/v3/kv/range", { key: btoa("/"), limit: 1 }));
  const revision = Number(range.header.revision);
  await ask("/v3/kv/compaction", { revision: String(revision), physical: true });
  return revision;
}
