/** Which hosts are dialled as a sidecar's. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { isPodHost } from "../../src/sidecar/route.ts";
import { direct, never, proxied, reply } from "./scripted.ts";

test.each([
  ["a Pod's IPv4", "10.0.3.200", true],
  ["a Pod's IPv6", "fd00:10::1f", true],
  ["the name of a StatefulSet Pod", "sei-a-0.sei-a.chain.svc.cluster.local", true],
  ["another cluster domain", "n-0.n.ns.svc.example.org", true],
  ["the name of another ordinal", "sei-a-1.sei-a.chain.svc.cluster.local", false],
  ["the name of another service", "sei-a-0.sei-b.chain.svc.cluster.local", false],
  ["a name with no domain", "sei-a-0.sei-a.chain.svc", false],
  ["any host", "example.org", false],
  ["localhost", "localhost", false],
  ["cloud metadata", "169.254.169.254", false],
  ["the unspecified address", "0.0.0.0", false],
  ["multicast", "224.0.0.1", false],
  ["a link-local v6", "fe80::1", false],
  ["a v6 zone", "fe80::1%eth0", false],
  ["v4 inside v6", "::ffff:169.254.169.254", false],
  ["v4 inside v6, written in hex", "::ffff:a9fe:a9fe", false],
  ["loopback", "127.0.0.1", false],
  ["loopback by another number", "127.53.0.9", false],
  ["no loopback yet", "128.0.0.1", true],
  ["the loopback of v6", "::1", false],
  ["the loopback of v6, written out", "0:0:0:0:0:0:0:1", false],
  ["the unspecified address of v6", "::", false],
  ["v4 inside v6, written with dots", "::ffff:127.0.0.1", false],
  ["v4 inside v6, of old", "::7f00:1", false],
  ["v4 inside v6, translated", "::ffff:0:7f00:1", false],
  ["NAT64", "64:ff9b::7f00:1", false],
  ["NAT64, written out", "0064:FF9B:0:0:0:0:A9FE:A9FE", false],
  ["NAT64 with a local prefix", "64:ff9b:1::a9fe:a9fe", false],
  ["the last link-local v6", "febf::1", false],
  ["multicast of v6", "ff02::1", false],
  ["another v6 of many zeros", "2001:db8::1", true],
  ["an octal v4", "0251.0376.0251.0376", false],
  ["a number", "2852039166", false],
  ["upper case", "SEI-A-0.SEI-A.chain.svc.cluster.local", false],
  ["user info", "a@sei-a-0.sei-a.chain.svc.cluster.local", false],
  ["a fragment", "sei-a-0.sei-a.chain.svc.cluster.local#", false],
  ["an encoded slash", "sei-a-0.sei-a.chain%2f.svc.cluster.local", false],
  ["a port", "10.0.3.200:80", false],
  ["a scheme", "file:///etc/passwd", false],
  ["a newline", "10.0.3.200\n", false],
  ["nothing", "", false],
])("host: %s", (_title, host, allowed) => {
  expect(isPodHost(host)).toBe(allowed);
});

test("whatever a name, a namespace and a port are, only a sidecar's own address is asked", async () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom("..", "a/b", "a?b", "a#", "%2e%2e", "x@y", "ok", "sei-a"));
  await fc.assert(
    fc.asyncProperty(piece, piece, fc.integer(), async (name, namespace, port) => {
      const straight = direct(reply(200), `${name}-0.${name}.${namespace}.svc.cluster.local`, port);
      await straight.sidecar.health(never);
      for (const { url } of straight.sent) {
        expect(url).toMatch(/^http:\/\/([a-z0-9-]+)-0\.\1\.[a-z0-9-]+\.svc\.cluster\.local:\d{1,5}\/v0\/healthz$/);
      }
      const through = proxied(reply(200), name, namespace);
      await through.sidecar.health(never);
      for (const { url } of through.sent) {
        expect(url).toMatch(/^api:\/api\/v1\/namespaces\/[a-z0-9-]+\/pods\/[a-z0-9.-]+:7777\/proxy\/v0\/healthz$/);
      }
    }),
  );
});

test("a refused host says so and sends nothing", async () => {
  const { sidecar, sent } = direct(reply(200), "169.254.169.254");
  const cause = "the sidecar host is neither a Pod IP nor the name of a StatefulSet Pod";
  expect(await sidecar.health(never)).toEqual({ state: "probeError", cause });
  expect(await sidecar.submit({ id: "x", type: "mark-ready" }, never)).toEqual({ kind: "unreachable", cause });
  expect(await sidecar.task("x", never)).toEqual({ kind: "unreachable", cause });
  expect(await sidecar.tasks(never)).toBeNull();
  expect(sent).toEqual([]);
});
