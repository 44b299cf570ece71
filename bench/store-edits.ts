/**
 * Memory of the mirror of SeiNodes while a tenant edits one of them without end: `bun bench/store-edits.ts`.
 *
 * 1,000 nodes; then 5,000 edits of one of 60 kB, 240 of one of 300 kB with ever other quotes, and their deletion. It
 * goes through what the controller does with an event: text, lean parsing, reading, the store, and its listeners.
 */
import { createPeerIndex, createStores, fleetStates } from "../src/controller/index.ts";
import { parseLean } from "../src/kube/client/index.ts";
import { readNode } from "../src/seinode/read/index.ts";
import { usageOf } from "./usage.ts";

const NODES = 1000;
const BOUND_MB = 20;
const { nodes } = createStores();
createPeerIndex(nodes.reader);
fleetStates(nodes.reader, () => true);
let version = 0;

/** An event as the wire brings it. */
function told(name: string, overrides: Readonly<Record<string, string>>): string {
  version += 1;
  const uid = `00000000-0000-4000-8000-${name.length.toString(16).padStart(2, "0")}${name.padStart(10, "0").slice(-10)}`;
  const metadata = { namespace: "sei", name, uid, resourceVersion: String(version), generation: version };
  const spec = { chainId: "pacific-1", image: "ghcr.io/sei-protocol/sei:v6.1.0", fullNode: {}, overrides };
  const status = { phase: "Running", currentImage: spec.image, observedGeneration: version };
  return JSON.stringify({ apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata, spec, status });
}

function edit(name: string, overrides: Readonly<Record<string, string>>): void {
  const node = readNode(parseLean(told(name, overrides)));
  if (node !== null) nodes.writer.upsert(node);
}

/** What stays: after a rest, with what the program gives back. */
async function restingMb(): Promise<number> {
  for (let turn = 0; turn < 4; turn += 1) {
    await Bun.sleep(100);
    Bun.gc(true);
  }
  Bun.shrink();
  await Bun.sleep(300);
  return usageOf(process.pid).rssMb;
}

function show(what: string, mb: number): void {
  console.log(`${what.padEnd(44)} ${mb.toFixed(1).padStart(8)} MB`);
}

for (let at = 0; at < NODES; at += 1) edit(`n${at}`, {});
const before = await restingMb();
show("1,000 nodes", before);
for (let at = 0; at < 5000; at += 1)
  edit("edited", { at: String(at), text: `${at} `.repeat(60_000 / `${at} `.length) });
show("after 5,000 edits of one of 60 kB", await restingMb());
for (let at = 0; at < 240; at += 1) {
  const quotes = Object.fromEntries(Array.from({ length: at + 1 }, (_, key) => [`k${key}`, "v"]));
  edit("quoted", { ...quotes, text: `y${at} `.repeat(300_000 / `y${at} `.length) });
}
show("after 240 edits of one of 300 kB", await restingMb());
for (const name of ["edited", "quoted"]) nodes.writer.remove(`sei/${name}`, null);
const after = await restingMb();
show("after their deletion", after);
show("most that was ever resident", usageOf(process.pid).peakMb);
console.log(`grew by ${(after - before).toFixed(1)} MB; bound ${BOUND_MB} MB`);
process.exitCode = after - before <= BOUND_MB ? 0 : 1;
