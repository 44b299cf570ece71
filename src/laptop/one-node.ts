/** Reads one SeiNode, or says why there is none. */
import { createClient, type ResourceRef } from "../kube/client/index.ts";
import { GROUP, PLURAL, type SeiNode, VERSION } from "../model/index.ts";
import { readNode } from "../seinode/read/index.ts";
import { arrayAt, field } from "../base/index.ts";
import { Failure } from "./failure.ts";
import { missingNodes } from "./missing-nodes.ts";
import type { Reading } from "./reading.ts";
import { refusalLine } from "./watch-failure.ts";

const SEINODES: ResourceRef = { group: GROUP, version: VERSION, plural: PLURAL };

/** The node of this name in the namespace that is looked at, or in the only one that has it. Rejects with `Failure`. */
export async function oneNode(reading: Reading, command: string, name: string): Promise<SeiNode> {
  const { api, connection, stopping: signal } = reading;
  const namespace = reading.namespace ?? connection.namespace ?? "default";
  const client = createClient(api);
  const found = await client.get({ ...SEINODES, namespace, name }, { signal });
  if (found.ok) {
    const node = readNode(found.value);
    if (node !== null) return node;
  }
  const known =
    found.ok || found.failure.kind === "notFound" ? await client.get({ ...SEINODES, namespace }, { signal }) : found;
  if (!known.ok) {
    const { status, message } = known.failure;
    const line = refusalLine({ resource: `${PLURAL}.${GROUP}`, why: message, status: status ?? 0 }, connection.origin);
    throw new Failure([`${command}: ${line}`], 1);
  }
  const names = arrayAt(known.value, "items").map(
    (item) => `${namespace}/${String(field(field(item, "metadata"), "name"))}`,
  );
  throw new Failure(missingNodes([name], names, { command, namespace }), 1);
}
