/**
 * `bun bench/fleet/player.ts`: the sidecars of a big fleet, in one process and as cheaply as can be, so that it is not
 * the sidecars that are measured. Every Pod address ends up on this machine. Sidecars either share one listener and are
 * told apart by the `Host` header, or have one of their own each, so that before one is up connections are refused for
 * real.
 *
 * Orders come over a control port, a JSON object each; all times are Unix milliseconds.
 */
import type { Socket, TCPSocketListener } from "bun";
import { takenAs } from "../../test/cluster/harness/taken-as.ts";
import { type PlayedSidecar, PLAYER_PORT, type PlayerOrder, SIDECAR_PORT, wallMs } from "./player-orders.ts";

interface Played {
  readonly name: string;
  readonly ip: string;
  ready: boolean;
  hangs: boolean;
  probes: number;
  shutAt: number | null;
  firstSeenShutAt: number | null;
  listeningAt: number | null;
  markedAt: number | null;
  tasks: string[];
  listener: TCPSocketListener<Connection> | null;
}

/** What has come over one connection and is no whole request yet. */
interface Connection {
  pending: string;
}

const byIp = new Map<string, Played>();
/** Those that are not up yet, and stay here. */
const later = new Map<string, Played>();
let shared: TCPSocketListener<Connection> | null = null;

const READY = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const SHUT = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

Bun.serve({
  hostname: "127.0.0.1",
  port: PLAYER_PORT,
  maxRequestBodySize: 256 * 1024 * 1024,
  fetch: async (request) => Response.json(carriedOut(takenAs<PlayerOrder>(await request.json()))),
});
console.log("ready");

function carriedOut(order: PlayerOrder): unknown {
  switch (order.do) {
    case "add":
      return add(order);
    case "replace":
      return replace(order);
    case "shut":
      for (const one of those(order.ips)) shut(one);
      return {};
    case "hang":
      for (const one of those(order.ips)) one.hangs = order.hangs;
      return {};
    case "forget":
      for (const one of those(order.ips)) one.probes = 0;
      return {};
    case "tell":
      return order.ips.map((ip) => tell(later.get(ip) ?? byIp.get(ip)));
    case "probes": {
      const probes = byIp.values().reduce((sum, one) => sum + one.probes, 0);
      const asked = those(order.ips);
      const unseen = order.ips.length - asked.filter((one) => one.probes > 0).length;
      return { probes, unseen, unmarked: order.ips.length - asked.filter((one) => one.markedAt !== null).length };
    }
  }
}

function those(ips: readonly string[]): readonly Played[] {
  return ips.flatMap((ip) => byIp.get(ip) ?? []);
}

function add({ nodes, ownListeners }: Extract<PlayerOrder, { do: "add" }>): object {
  if (!ownListeners) shared ??= listen("0.0.0.0");
  for (const { name, ip } of nodes) {
    const one = played(name, ip, true);
    byIp.set(ip, one);
    if (ownListeners) one.listener = listen(ip);
  }
  return {};
}

function replace({ name, from, ip, afterMs }: Extract<PlayerOrder, { do: "replace" }>): object {
  byIp.get(from)?.listener?.stop(true);
  byIp.delete(from);
  const next = played(name, ip, false);
  later.set(ip, next);
  setTimeout(() => {
    byIp.set(ip, next);
    next.listener = listen(ip);
    next.listeningAt = wallMs();
  }, afterMs);
  return {};
}

function shut(one: Played): void {
  one.ready = false;
  one.shutAt = wallMs();
  one.markedAt = null;
  one.firstSeenShutAt = null;
}

function tell(one: Played | undefined): PlayedSidecar | null {
  if (one === undefined) return null;
  const { name, probes, shutAt, firstSeenShutAt, listeningAt, markedAt, tasks } = one;
  return { name, probes, shutAt, firstSeenShutAt, listeningAt, markedAt, tasks };
}

function played(name: string, ip: string, ready: boolean): Played {
  const times = { shutAt: null, firstSeenShutAt: null, listeningAt: null, markedAt: null };
  return { name, ip, ready, hangs: false, probes: 0, ...times, tasks: [], listener: null };
}

function listen(hostname: string): TCPSocketListener<Connection> {
  return Bun.listen<Connection>({
    hostname,
    port: SIDECAR_PORT,
    socket: {
      open: (socket) => void (socket.data = { pending: "" }),
      data: (socket, bytes) => received(socket, bytes),
    },
  });
}

function received(socket: Socket<Connection>, bytes: Buffer): void {
  const text = socket.data.pending + bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const length = end < 0 ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
  if (end < 0 || text.length < end + 4 + length) {
    socket.data.pending = text;
    return;
  }
  socket.data.pending = "";
  const ip = /\r\nhost: *([\d.]+)/i.exec(text)?.[1] ?? "";
  const one = byIp.get(ip);
  if (one === undefined) return void socket.end();
  if (one.hangs) return;
  const reply = answer(one, text.slice(0, text.indexOf(" HTTP/")), text.slice(end + 4));
  if (/\r\nconnection: *close/i.test(text)) socket.end(reply);
  else socket.write(reply);
}

function answer(one: Played, line: string, body: string): string {
  if (line === "GET /v0/healthz") return probed(one);
  if (line === "POST /v0/tasks") return marked(one, body);
  if (line === "GET /v0/tasks") return json("[]");
  const id = line.slice("GET /v0/tasks/".length);
  if (!one.tasks.includes(id)) return "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
  return json(
    JSON.stringify({ id, type: "mark-ready", status: "completed", run: 1, submittedAt: new Date().toISOString() }),
  );
}

function probed(one: Played): string {
  one.probes += 1;
  if (one.ready) return READY;
  one.firstSeenShutAt ??= wallMs();
  return SHUT;
}

function marked(one: Played, body: string): string {
  const { id } = takenAs<{ id: string }>(JSON.parse(body));
  one.markedAt ??= wallMs();
  one.ready = true;
  one.tasks.push(id);
  return json(JSON.stringify({ id }), "201 Created");
}

function json(text: string, status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}
