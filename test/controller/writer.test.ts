/** Status patches: their lock, their replies, their failures. */
import { describe, expect, test } from "bun:test";
import { statusWriter, type StatusWriterOptions } from "../../src/controller/writer.ts";
import type { KubeClient, Result } from "../../src/kube/client/index.ts";
import { readNode } from "../../src/seinode/read/index.ts";
import { rawNode } from "../seinode/read/raw-objects.ts";
import { emptyCaches } from "./filled-caches.ts";
import { failing, giving, scriptedClient } from "./scripted-client.ts";

const KEY = "chain/rpc-1";

/** The raw node at a later version. */
function rawAt(resourceVersion: string, status: object = {}): Record<string, unknown> {
  const raw = rawNode(status);
  return { ...raw, metadata: { ...Object(raw["metadata"]), resourceVersion } };
}

/** Options of a writer that never has to wait. */
function at(client: KubeClient, mayWrite = true): StatusWriterOptions {
  return { client, direct: client, turn: () => Promise.resolve(() => {}), mayWrite: () => mayWrite };
}

function writerOf(...replies: readonly Result<unknown>[]) {
  const { client, asked } = scriptedClient(replies);
  const { nodes } = emptyCaches();
  const node = readNode(rawAt("7"));
  if (node === null) throw new Error("the raw node cannot be read");
  nodes.writer.upsert(node);
  return { writer: statusWriter(at(client), nodes), asked, nodes, node };
}

describe("a patch", () => {
  test("locks on version and UID, so that a node of the same name gets none of it", async () => {
    const { writer, asked, node } = writerOf(giving(rawAt("8")));
    await writer.patch(node, { phase: "Running" });
    const body = { metadata: { resourceVersion: "7", uid: "node-uid" }, status: { phase: "Running" } };
    expect(asked).toEqual([{ verb: "patch", what: "seinodes/rpc-1/status", body }]);
  });

  test("that is stored enters the store at once, and its status comes back as it is", async () => {
    const { writer, nodes, node } = writerOf(giving(rawAt("8", { phase: "Running", other: 1 })));
    const reply = await writer.patch(node, { phase: "Running" });
    expect(reply).toMatchObject({ kind: "stored", status: { phase: "Running", other: 1 } });
    expect(nodes.reader.get(KEY)?.metadata.resourceVersion).toBe("8");
  });

  test("that met another's write reads the node into the store before it says so", async () => {
    const { writer, nodes, node, asked } = writerOf(failing("conflict"), giving(rawAt("9")));
    expect(await writer.patch(node, {})).toEqual({ kind: "conflict" });
    expect(asked.map(({ verb }) => verb)).toEqual(["patch", "get"]);
    expect(nodes.reader.get(KEY)?.metadata.resourceVersion).toBe("9");
  });

  test.each([
    ["to a node that is gone", failing("notFound"), { kind: "gone" }],
    ["whose reply never came", failing("deadline", { maybeDone: true }), { kind: "lost", why: "deadline" }],
    ["that the server failed at", failing("serverError", { maybeDone: true }), { kind: "lost", why: "serverError" }],
    ["that was refused", failing("forbidden"), { kind: "refused", why: "forbidden" }],
    ["that came too often", failing("tooManyRequests"), { kind: "refused", why: "tooManyRequests" }],
    ["whose reply is no node", giving({ kind: "Status" }), { kind: "lost", why: "the reply is no SeiNode" }],
  ])("%s", async (_title, reply, want) => {
    const { writer, node, nodes } = writerOf(reply);
    expect(await writer.patch(node, {})).toMatchObject(want);
    expect(nodes.reader.get(KEY)?.metadata.resourceVersion).toBe("7");
  });
});

describe("a live read", () => {
  test.each<[string, Result<unknown>, boolean, string | null]>([
    ["brings what is newer", giving(rawAt("9")), true, "9"],
    ["takes nothing back to what is older", giving(rawAt("6")), true, "7"],
    ["takes out what is gone", failing("notFound"), true, null],
    ["that got no answer tells so", failing("unreachable"), false, "7"],
    ["that brought no node tells so", giving({}), false, "7"],
  ])("%s", async (_title, reply, known, version) => {
    const { writer, nodes } = writerOf(reply);
    expect(await writer.refresh(KEY)).toBe(known);
    expect(nodes.reader.get(KEY)?.metadata.resourceVersion ?? null).toBe(version);
  });
});

test("a node that was made again while it was looked for, in vain, stays", async () => {
  const { nodes } = emptyCaches();
  const again = rawAt("9");
  again["metadata"] = { ...Object(again["metadata"]), uid: "second-uid" };
  const [first, second] = [readNode(rawAt("7")), readNode(again)];
  if (first === null || second === null) throw new Error("the raw nodes cannot be read");
  nodes.writer.upsert(first);
  const { client } = scriptedClient([]);
  const get: KubeClient["get"] = async () => {
    nodes.writer.remove(KEY, first);
    nodes.writer.upsert(second);
    return failing("notFound");
  };
  expect(await statusWriter(at({ ...client, get }), nodes).refresh(KEY)).toBe(true);
  expect(nodes.reader.get(KEY)?.metadata.uid).toBe("second-uid");
});

describe("the order of patches", () => {
  const plan = { phase: "Active", id: "p", tasks: [] };

  test.each([
    ["an Active plan is what a gate waits for", { plan }, "opening"],
    ["a plan that ended only tidies up", { plan: null }, "closing"],
    ["a node whose state was only seen is asked again after it", { conditions: [] }, "opening"],
  ])("%s", async (_title, status, want) => {
    const { client } = scriptedClient([giving(rawAt("8"))]);
    const { nodes } = emptyCaches();
    const node = readNode(rawAt("7")) ?? expect.unreachable("the raw node cannot be read");
    const turns: string[] = [];
    const turn = async (priority: string): Promise<() => void> => {
      turns.push(priority);
      return () => void turns.push("given back");
    };
    await statusWriter({ ...at(client), turn }, nodes).patch(node, status);
    expect(turns).toEqual([want, "given back"]);
  });

  test("one whose turn comes after the Lease was lost is not sent", async () => {
    const { client, asked } = scriptedClient([giving(rawAt("8"))]);
    const { nodes } = emptyCaches();
    const node = readNode(rawAt("7")) ?? expect.unreachable("the raw node cannot be read");
    const reply = await statusWriter(at(client, false), nodes).patch(node, { plan: null });
    expect([reply.kind, asked]).toEqual(["refused", []]);
  });
});
