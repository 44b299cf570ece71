/** The proxy is the one that kubectl would take. Rows from the tests and documentation of Go's `httpproxy`. */
import { expect, test } from "bun:test";
import { configuredProxy, proxyName, proxyOfEnvironment } from "../../../src/kube/connect/proxy.ts";

const P = "http://p:3128";

test.each<[string, Readonly<Record<string, string>>, string | null]>([
  ["https://k:6443", {}, null],
  ["https://k:6443", { HTTPS_PROXY: P }, "http://p:3128/"],
  ["https://k:6443", { https_proxy: P }, "http://p:3128/"],
  ["https://k:6443", { HTTPS_PROXY: "http://upper", https_proxy: P }, "http://upper/"],
  ["https://k:6443", { HTTPS_PROXY: "", https_proxy: P }, "http://p:3128/"],
  ["https://k:6443", { HTTP_PROXY: P, ALL_PROXY: P }, null],
  ["http://k:8080", { HTTP_PROXY: P }, "http://p:3128/"],
  ["https://k:6443", { HTTPS_PROXY: "p:3128" }, "http://p:3128/"],
  ["https://k:6443", { HTTPS_PROXY: "socks5://u:pw@p" }, "socks5://u:pw@p"],
  ["https://localhost:6443", { HTTPS_PROXY: P }, null],
  ["https://127.3.2.1:6443", { HTTPS_PROXY: P }, null],
  ["https://[::1]:6443", { HTTPS_PROXY: P }, null],
  ["https://k.example:6443", { HTTPS_PROXY: P, NO_PROXY: "*" }, null],
  ["https://k.example:6443", { HTTPS_PROXY: P, NO_PROXY: "other, example" }, null],
  ["https://k.example:6443", { HTTPS_PROXY: P, no_proxy: "K.Example" }, null],
  ["https://k.example:6443", { HTTPS_PROXY: P, NO_PROXY: ".example" }, null],
  ["https://k.example:6443", { HTTPS_PROXY: P, NO_PROXY: "*.example" }, null],
  ["https://example:6443", { HTTPS_PROXY: P, NO_PROXY: ".example" }, "http://p:3128/"],
  ["https://kexample:6443", { HTTPS_PROXY: P, NO_PROXY: "example" }, "http://p:3128/"],
  ["https://k.example:6443", { HTTPS_PROXY: P, NO_PROXY: "k.example:6443" }, null],
  ["https://k.example:6443", { HTTPS_PROXY: P, NO_PROXY: "k.example:443" }, "http://p:3128/"],
  ["https://k.example", { HTTPS_PROXY: P, NO_PROXY: "k.example:443" }, null],
  ["https://10.96.0.1", { HTTPS_PROXY: P, NO_PROXY: "10.0.0.0/8" }, null],
  ["https://10.96.0.1", { HTTPS_PROXY: P, NO_PROXY: "10.96.0.0/31" }, null],
  ["https://10.96.0.2", { HTTPS_PROXY: P, NO_PROXY: "10.96.0.0/31" }, "http://p:3128/"],
  ["https://10.96.0.1", { HTTPS_PROXY: P, NO_PROXY: "10.96.0.1" }, null],
  ["https://10.96.0.1", { HTTPS_PROXY: P, NO_PROXY: "0.1" }, "http://p:3128/"],
  ["https://[fd00::1]", { HTTPS_PROXY: P, NO_PROXY: "fd00::/8" }, null],
  ["https://[fd00::1]", { HTTPS_PROXY: P, NO_PROXY: "[fd00::1]:443" }, null],
  ["https://[fe00::1]", { HTTPS_PROXY: P, NO_PROXY: "fd00::/8" }, "http://p:3128/"],
])("%s with %o goes through %s", (server, env, proxy) => {
  expect(proxyOfEnvironment(new URL(server), env)).toBe(proxy);
});

test("a proxy that is none is refused by name, and no password is quoted", () => {
  const ask = (): unknown => proxyOfEnvironment(new URL("https://k"), { HTTPS_PROXY: "ftp://me:canary@p" });
  expect(ask).toThrow('connect: HTTPS_PROXY: got "ftp://...@p", want the URL of a proxy');
  expect(() => configuredProxy("socks4://me:canary@p", "C")).toThrow(
    'C: proxy-url: got "socks4://...@p", want an http://, https:// or socks5:// URL',
  );
  expect(proxyName("http://me:canary@p:1")).toBe("http://p:1");
});
