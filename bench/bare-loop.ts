/**
 * `bun bench/bare-loop.ts KUBECONFIG NAMESPACE`: what there is to compare with: the least code that opens gates.
 *
 * It watches Pods, asks each new sidecar every 150 ms, and heals a shut gate with two status patches and a POST in
 * between. It proves nothing before it acts, remembers nothing and has no Lease. Orders come on stdin, a line each:
 * `follow` begins to watch and resolves when every Pod was seen; `probe` asks every sidecar once and does nothing with
 * the answer; `poll` asks every sidecar once and heals; `patch STATUS` patches the status of every node with this JSON.
 * All go 64 at a time, and the milliseconds they took are printed.
 */
import { request } from "node:http";
import { adminApi, type KubeObject } from "../test/cluster/harness/admin-api.ts";
import { follow } from "../test/cluster/harness/follow.ts";

interface Pod extends KubeObject {
  readonly status: { readonly podIP?: string };
}

const [kubeconfigPath = "", namespace = ""] = process.argv.slice(2);
const AT_ONCE = 64;
const AGAIN_MS = 150;
const api = adminApi(kubeconfigPath);
let isFollowing = false;
const pods = new Map<string, { readonly node: string; readonly ip: string }>();

for await (const line of console) {
  const space = line.indexOf(" ");
  const from = performance.now();
  await carryOut(space < 0 ? line : line.slice(0, space), line.slice(space + 1));
  console.log(`${performance.now() - from}`);
}

async function carryOut(order: string, argument: string): Promise<unknown> {
  switch (order) {
    case "follow":
      return follows();
    case "probe":
      return atOnce([...pods.values()], ({ ip }) => ask(ip, "GET", "/v0/healthz"));
    case "poll":
      return atOnce([...pods.values()], ({ node, ip }) => heal(node, ip));
    default:
      return patchAll(JSON.parse(argument));
  }
}

async function follows(): Promise<void> {
  void follow<Pod>(api, `/api/v1/namespaces/${namespace}/pods`, (pod, gone) => {
    const uid = pod.metadata.uid ?? "";
    const node = pod.metadata.labels?.["sei.io/node"];
    const ip = pod.status.podIP;
    if (gone || pod.metadata.deletionTimestamp !== undefined) return void pods.delete(uid);
    if (ip === undefined || node === undefined || pods.has(uid)) return;
    pods.set(uid, { node, ip });
    if (isFollowing) void untilAnswered(uid, node, ip);
  });
  while (pods.size === 0) await Bun.sleep(20);
  isFollowing = true;
}

async function untilAnswered(uid: string, node: string, ip: string): Promise<void> {
  while (pods.has(uid) && !(await heal(node, ip).catch(() => false))) await Bun.sleep(AGAIN_MS);
}

/** True when the sidecar answered at all. */
async function heal(node: string, ip: string): Promise<boolean> {
  const status = await ask(ip, "GET", "/v0/healthz");
  if (status !== 503) return true;
  const id = crypto.randomUUID();
  const task = { id: crypto.randomUUID(), type: "mark-ready", status: "Pending" };
  await patch(node, { plan: { id, phase: "Active", tasks: [task] }, conditions: [condition("False", "NotReady")] });
  await ask(ip, "POST", "/v0/tasks", JSON.stringify({ id: task.id, type: task.type }));
  await patch(node, { plan: null, conditions: [condition("True", "Ready")] });
  return true;
}

async function patchAll(status: unknown): Promise<void> {
  await atOnce([...pods.values()], ({ node }) => patch(node, status));
}

async function patch(node: string, status: unknown): Promise<void> {
  await api.patch(`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes/${node}/status`, { status });
}

function condition(status: string, reason: string): object {
  return { type: "SidecarReady", status, reason, message: "", lastTransitionTime: new Date().toISOString() };
}

async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const line = items.values();
  const worker = async (): Promise<void> => {
    for (const item of line) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function ask(host: string, method: string, path: string, body?: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request({ host, port: 7777, method, path, agent: false, timeout: 2000 }, (reply) => {
    reply.resume();
    resolve(reply.statusCode ?? 0);
  });
  sent.on("error", reject);
  sent.on("timeout", () => sent.destroy());
  sent.end(body);
  return promise;
}
