/** Which proxy leads to a server, as kubectl (Go's `net/http`) chooses it. */
import { invalidError } from "./kubeconfig.ts";

/** The environment as far as it is read. */
type Env = Readonly<Record<string, string | undefined>>;

/** What `proxy-url` and the environment of Go may name. */
const SCHEMES = /^(?:https?|socks5h?):$/;

/** The proxy that a kubeconfig names. Throws where it is none. */
export function configuredProxy(given: string, where: string): string {
  const url = proxyUrl(given);
  if (url === null || !/^(?:https?|socks5):\/\//i.test(given)) {
    throw invalidError(
      `${where}: proxy-url: got ${JSON.stringify(shown(given))}, want an http://, https:// or socks5:// URL`,
    );
  }
  return url.href;
}

/** The proxy that `HTTPS_PROXY` (or `HTTP_PROXY`, for http) names for this server, unless `NO_PROXY` does; else null. */
export function proxyOfEnvironment(server: URL, env: Env): string | null {
  const names = server.protocol === "https:" ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
  const name = names.find((one) => (env[one] ?? "") !== "");
  const given = name === undefined ? "" : (env[name] ?? "");
  if (name === undefined || isExempt(server, env["NO_PROXY"] || env["no_proxy"] || "")) return null;
  const url = proxyUrl(given.includes("://") ? given : `http://${given}`);
  if (url === null)
    throw invalidError(`connect: ${name}: got ${JSON.stringify(shown(given))}, want the URL of a proxy`);
  return url.href;
}

function proxyUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && SCHEMES.test(url.protocol) && url.hostname !== "" ? url : null;
}

/** Without what may be a password. */
function shown(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//...@").slice(0, 100);
}

/** For people: the proxy without its credentials. */
export function proxyName(proxy: string): string {
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}

function isExempt(server: URL, list: string): boolean {
  const host = server.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const port = server.port === "" ? (server.protocol === "https:" ? "443" : "80") : server.port;
  // As Go has it: what is on this machine needs no proxy.
  if (host === "localhost" || isLoopback(host)) return true;
  return list.split(",").some((entry) => exempts(entry.trim().toLowerCase(), host, port));
}

function isLoopback(host: string): boolean {
  return host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** `*`, an address, a network, or a name that stands for all below it; the last three may have a port. */
function exempts(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return isInside(entry, host);
  const [, bracketed, plain = "", wanted = port] = /^(?:\[(.+)\]|([^:]+|[^:]*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (bracketed ?? plain).replace(/^\*(?=\.)/, "");
  if (name === "" || wanted !== port) return false;
  if (name.startsWith(".")) return host.endsWith(name);
  return host === name || (bits(host) === null && host.endsWith(`.${name}`));
}

function isInside(network: string, host: string): boolean {
  const [base = "", length = ""] = network.split("/");
  const [inside, outer] = [bits(host), bits(base)];
  if (inside === null || outer === null || inside.length !== outer.length || !/^\d{1,3}$/.test(length)) return false;
  return inside.slice(0, Number(length)) === outer.slice(0, Number(length));
}

/** An address in binary digits; null for a name. */
function bits(address: string): string | null {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return pad(address.split(".").map(Number), 8);
  if (!address.includes(":")) return null;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return pad(
    [...left, ...zeros, ...right].map((part) => Number.parseInt(part, 16)),
    16,
  );
}

function pad(parts: readonly number[], size: number): string {
  return parts.map((part) => part.toString(2).padStart(size, "0")).join("");
}
