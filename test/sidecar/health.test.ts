import { describe, expect, test } from "bun:test";
import { type Answer, direct, failure, json, never, proxied, reply } from "./scripted.ts";

const status = (code: number, reason: string, message: string) =>
  json(code, { kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code });
const dialError = (what: string) => `error trying to reach service: dial tcp 10.0.0.7:7777: connect: ${what}`;

type Row = [string, Answer, string, string?];
/** `test.each` would hand a short row a callback as its last argument. */
const rows = (table: Row[]) =>
  table.map(([title, answer, state, cause = null]) => [title, answer, state, cause] as const);

describe("direct", () => {
  test.each(
    rows([
      ["200 is ready", reply(200), "ready"],
      ["200 with a page of HTML is ready, the status decides", reply(200, "<html>"), "ready"],
      ["503 is not ready", reply(503), "notReady"],
      ["503 with a Status body is the sidecar's own word here", status(503, "X", "y"), "notReady"],
      ["204 is odd", reply(204), "probeError", "sidecar replied 204"],
      ["307 is not followed", reply(307), "probeError", "sidecar replied 307; redirects are not followed"],
      [
        "401 names the permission",
        reply(401),
        "probeError",
        "sidecar refused our identity (401): check the seinodetasks create permission",
      ],
      [
        "403 names the permission",
        reply(403),
        "probeError",
        "sidecar refused our identity (403): check the seinodetasks create permission",
      ],
      ["404", reply(404), "probeError", "sidecar replied 404"],
      ["500", reply(500), "probeError", "sidecar replied 500"],
      ["502", reply(502), "probeError", "sidecar replied 502"],
      ["999", reply(999), "probeError", "sidecar replied 999"],
      [
        "refused",
        failure("UNREACHABLE", "ECONNREFUSED"),
        "unreachable",
        "the sidecar cannot be reached: connection refused",
      ],
      [
        "no such host",
        failure("UNREACHABLE", "ENOTFOUND"),
        "unreachable",
        "the sidecar cannot be reached: no such host",
      ],
      ["unnamed", failure("UNREACHABLE"), "unreachable", "the sidecar cannot be reached: no connection"],
      ["silence", failure("DEADLINE"), "unreachable", "the sidecar did not reply in time"],
      ["called off", failure("ABORTED"), "unreachable", "the request was called off"],
      ["TLS", failure("TLS"), "unreachable", "the sidecar cannot be trusted: TLS failed"],
      ["too large", failure("TOO_LARGE"), "probeError", "sidecar replied with too large a body"],
    ]),
  )("%s", async (_title, answer, state, cause) => {
    const health = await direct(answer).sidecar.health(never);
    expect<object>(health).toEqual(cause === null ? { state } : { state, cause });
  });
});

describe("through the pod proxy", () => {
  test.each(
    rows([
      ["200 is ready", reply(200), "ready"],
      ["an empty 503 is not ready", reply(503), "notReady"],
      ["503 with JSON of the sidecar's own is not ready", json(503, { error: "store" }), "notReady"],
      ["503 with a Status of another API version is not ready", json(503, { kind: "Status" }), "notReady"],
      [
        "503 with a Status: refused",
        status(503, "ServiceUnavailable", dialError("connection refused")),
        "unreachable",
        "API server replied 503 for the sidecar: connection refused",
      ],
      [
        "503 with a Status: EOF",
        status(503, "ServiceUnavailable", "error trying to reach service: EOF"),
        "unreachable",
        "API server replied 503 for the sidecar: EOF",
      ],
      [
        "503 with a Status that says something new",
        status(503, "ServiceUnavailable", "10.0.0.7:7777 is odd"),
        "unreachable",
        "API server replied 503 for the sidecar: ServiceUnavailable",
      ],
      [
        "503 with a Status that was cut off is no evidence",
        reply(503, '{"kind":"Status","apiVer', { "content-type": "application/json" }),
        "unreachable",
        "API server replied for the sidecar with JSON that cannot be read",
      ],
      [
        "404 with a Status: no such Pod",
        status(404, "NotFound", 'pods "sei-a-0" not found'),
        "unreachable",
        "API server replied 404 for the sidecar: NotFound",
      ],
      ["404 of the sidecar", reply(404), "probeError", "sidecar replied 404"],
      [
        "403 with a Status: our own permission",
        status(403, "Forbidden", "no"),
        "probeError",
        "API server refused the pod proxy (403): check the permissions get and create on pods/proxy",
      ],
      [
        "the API server down",
        failure("UNREACHABLE", "ECONNREFUSED"),
        "unreachable",
        "the API server cannot be reached: connection refused",
      ],
    ]),
  )("%s", async (_title, answer, state, cause) => {
    const health = await proxied(answer).sidecar.health(never);
    expect<object>(health).toEqual(cause === null ? { state } : { state, cause });
  });

  test("asks the Pod of the node at its port", async () => {
    const { sidecar, sent } = proxied(reply(200));
    await sidecar.health(never);
    expect(sent.map(({ url }) => url)).toEqual(["api:/api/v1/namespaces/chain/pods/sei-a-0:7777/proxy/v0/healthz"]);
  });
});

test("a probe is a plain GET of 2 s and 4 KiB without an identity", async () => {
  const { sidecar, sent } = direct(reply(200));
  await sidecar.health(never);
  expect(sent).toEqual([
    {
      url: "http://10.0.0.7:7777/v0/healthz",
      request: {
        method: "GET",
        path: "/v0/healthz",
        headers: { accept: "application/json", "accept-encoding": "identity" },
      },
      limits: { deadlineMs: 2000, maxBytes: 4096, truncate: true, signal: never },
    },
  ]);
});

test("no cause holds an address, a port or a duration", async () => {
  for (const code of ["UNREACHABLE", "DEADLINE", "ABORTED", "TLS", "TOO_LARGE"]) {
    for (const make of [direct, proxied]) {
      const health = await make(failure(code, "ECONNRESET")).sidecar.health(never);
      expect("cause" in health ? health.cause : "no cause").not.toMatch(/\d/);
    }
  }
});

test("a defect of the transport is no answer of the sidecar", () => {
  expect(direct(new TypeError("oops")).sidecar.health(never)).rejects.toThrow("oops");
});
