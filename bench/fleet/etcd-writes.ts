/** Writes past the API server, through etcd's own HTTP gateway. */
const TXN = "http://127.0.0.1:2379/v3/kv/txn";
/** Below etcd's own limits: 128 operations and 1.5 MiB a transaction. */
const PUTS = 100;
const BYTES = 1_000_000;
const AT_ONCE = 4;

/** One key and what is to stand there. */
export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** Puts all of them, many to a transaction. */
export async function putAll(entries: readonly Entry[]): Promise<void> {
  const line = batches(entries);
  const worker = async (): Promise<void> => {
    for (const batch of line) await put(batch);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function* batches(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let batch: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (batch.length >= PUTS || bytes + entry.value.length > BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += entry.value.length;
  }
  if (batch.length > 0) yield batch;
}

async function put(batch: readonly Entry[]): Promise<void> {
  const success = batch.map(({ key, value }) => ({
    requestPut: { key: base64(key), value: base64(value) },
  }));
  const reply = await fetch(TXN, { method: "POST", body: JSON.stringify({ success }) });
  if (!reply.ok) throw new Error(`etcd: put: ${reply.status} ${(await reply.text()).slice(0, 300)}`);
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
