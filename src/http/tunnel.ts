/** What is said to a proxy before the bytes of a connection go through it. */
import { isIPv4, isIPv6, type Socket } from "node:net";
import { parsedHead } from "./reply-head.ts";
import { errorOfCode } from "./transport-fault.ts";

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A proxy's head is short; what is longer is none. */
const MAX_HEAD_BYTES = 16 * 1024;

/** The `Proxy-Authorization` of a proxy whose URL has a user; null for any other. */
export function proxyAuthorization({ username, password }: URL): string | null {
  if (username === "") return null;
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
}

/** `CONNECT`, as HTTP proxies have it. Rejects with an error that has a `code`. */
export async function connectTunnel(socket: Socket, proxy: URL, { host, port }: Place): Promise<void> {
  const authority = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
  const credentials = proxyAuthorization(proxy);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `host: ${authority}`];
  if (credentials !== null) lines.push(`proxy-authorization: ${credentials}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const text = (await receive(socket, headEnd)).toString("latin1");
  const head = parsedHead(text.slice(0, -4));
  if (head === null) throw errorOfCode("HPE_INVALID");
  if (head.status < 200 || head.status > 299) throw errorOfCode(`PROXY_${head.status}`);
}

/** SOCKS 5 (RFC 1928, RFC 1929). The proxy looks names up. Rejects with an error that has a `code`. */
export async function socksTunnel(socket: Socket, proxy: URL, { host, port }: Place): Promise<void> {
  const name = decodeURIComponent(proxy.username);
  socket.write(Buffer.from(name === "" ? [5, 1, 0] : [5, 2, 0, 2]));
  const [version, method] = await receive(socket, () => 2);
  if (version !== 5) throw errorOfCode("PROXY_PROTOCOL");
  if (method === 2 && name !== "") {
    socket.write(
      Buffer.concat([Buffer.from([1]), prefixLength(name), prefixLength(decodeURIComponent(proxy.password))]),
    );
    const [, refused] = await receive(socket, () => 2);
    if (refused !== 0) throw errorOfCode("PROXY_407");
  } else if (method !== 0) throw errorOfCode("PROXY_407");
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), socksAddress(host), Buffer.from([port >> 8, port & 255])]));
  const [, code] = await receive(socket, socksReplyEnd);
  if (code !== 0) throw errorOfCode(`PROXY_SOCKS_${code}`);
}

function prefixLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw errorOfCode("PROXY_PROTOCOL");
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function socksAddress(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([1, ...host.split(".").map(Number)]);
  // An IPv6 address goes as a name: proxies read both, and it needs no code of its own.
  return Buffer.concat([Buffer.from([3]), prefixLength(host)]);
}

function socksReplyEnd(bytes: Buffer): number | null {
  if (bytes.length < 5) return null;
  const sizes: Readonly<Record<number, number>> = { 1: 4, 3: 1 + (bytes[4] ?? 0), 4: 16 };
  return 4 + (sizes[bytes[3] ?? 0] ?? 0) + 2;
}

function headEnd(bytes: Buffer): number | null {
  const end = bytes.indexOf("\r\n\r\n");
  return end < 0 ? null : end + 4;
}

/** Exactly the bytes up to the end that `endOf` finds; what comes after stays in the socket for its next reader. */
function receive(socket: Socket, endOf: (bytes: Buffer) => number | null): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (settle: () => void): void => {
      socket.off("data", take);
      socket.off("error", fail);
      socket.off("close", gone);
      settle();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const gone = (): void => fail(errorOfCode("ECONNRESET"));
    const take = (piece: Buffer): void => {
      bytes = Buffer.concat([bytes, piece]);
      const end = endOf(bytes);
      if (end === null || end > bytes.length) {
        if (bytes.length > MAX_HEAD_BYTES) fail(errorOfCode("HPE_HEADER_OVERFLOW"));
        return;
      }
      // Nobody on the other side speaks before we do: more than that would be the proxy's own.
      finish(() => (end === bytes.length ? resolve(bytes) : reject(errorOfCode("HPE_INVALID"))));
    };
    socket.on("data", take);
    socket.on("error", fail);
    socket.on("close", gone);
  });
}
