/**
 * A crowd of readers in a process of its own: `bun bench/fleet/crowd.ts CLIENTS URL...`. Each client asks over a new
 * connection, reads to the end and asks again, until it is told to end; then it prints how many answers it had.
 */
import { connect } from "node:net";

const [clients = "12", ...urls] = process.argv.slice(2);
let [answers, failures, longestMs] = [0, 0, 0];

function ask(turn: number): void {
  const { hostname, port, pathname, search } = new URL(urls[turn % urls.length] ?? "");
  const from = performance.now();
  let received = 0;
  const socket = connect(Number(port), hostname, () => {
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  });
  socket.on("data", (bytes) => (received += bytes.length));
  socket.on("error", () => {});
  socket.on("close", () => {
    if (received > 0) answers += 1;
    else failures += 1;
    longestMs = Math.max(longestMs, performance.now() - from);
    setImmediate(() => ask(turn + 1));
  });
}

for (let client = 0; client < Number(clients); client += 1) ask(client);
process.on("SIGTERM", () => {
  console.log(JSON.stringify({ answers, failures, longestMs: Math.round(longestMs) }));
  process.exit(0);
});
