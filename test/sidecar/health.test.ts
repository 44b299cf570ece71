/** What a probe's answer proves. */
import { describe, expect, test } from "bun:test";
import { type Answer, direct, failure, gate, json, never, proxied, reply } from "./scripted.ts";

const status = (code: number, reason: string, message: string) =>
  json(code, { kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code });
const dialError = (what: string) => `error trying to reach service: dial tcp 10.0.0.7:7777: connect: ${what}`;

type Row = [string, Answer, string, string?];
/** `test.each` would hand a short row a callback as its last argument. */
const rows = (table: Row[]) =>
  table.map(([title, answer, state, cause = null]) => [title, answer, state, cause] as const);

const BODY = "503 with a body, which a sidecar's has not. Does a proxy or a mesh reply in its place?";
const UNPROVEN = "503, but the sidecar's tasks cannot be read at the same address";
const TASK = { id: "a", type: "mark-ready", status: "completed", submittedAt: "2026-01-01T00:00:00Z" };
const SHUT = reply(503);

describe.each([
  ["direct", direct],
  ["through the pod proxy", proxied],
] as const)("a gate is shut only by the sidecar's own word: %s", (_route, make) => {
  test.each<[string, ReturnType<typeof reply>, ReturnType<typeof reply>]>([
    ["no tasks", SHUT, json(200, [])],
    ["tasks", SHUT, json(200, [TASK])],
    ["tasks that are told in text", SHUT, reply(200, "[]")],
    ["headers of a proxy that let it through", reply(503, "", { via: "1.1 x", server: "istio-envoy" }), json(200, [])],
    ["no length", reply(503, "", { "transfer-encoding": "chunked" }), json(200, [])],
  ])("503 without a body, and a list: %s", async (_title, healthz, tasks) => {
    const { sidecar, sent } = make(gate(healthz, tasks));
    expect(await sidecar.health(never)).toMatchObject({ state: "notReady" });
    expect(sent.map(({ url }) => url.slice(url.indexOf("/v0/")))).toEqual(["/v0/healthz", "/v0/tasks"]);
  });

  test("and the tasks that prove it come with it", async () => {
    const health = await make(gate(SHUT, json(200, [TASK]))).sidecar.health(never);
    expect(health).toMatchObject({ state: "notReady", tasks: [{ id: "a", type: "mark-ready" }] });
  });

  test.each<[string, string, Record<string, string>?]>([
    ["Envoy", "upstream connect error or disconnect/reset before headers. reset reason: connection failure"],
    ["HAProxy", "<html><body><h1>503 Service Unavailable</h1>\nNo server is available.\n</body></html>\n"],
    ["nginx", "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n</html>\r\n"],
    ["an error in JSON", '{"error":"store"}', { "content-type": "application/json" }],
    ["an API server that shuts down", "apiserver is shutting down", { "retry-after": "1" }],
    ["a line break", "\n"],
    ["a blank", " "],
    ["a byte that is no text", "\0"],
    ["more than is read of it", "x".repeat(5000)],
  ])("503 with a body is somebody else's, whatever the tasks say: %s", async (_title, body, headers = {}) => {
    const { sidecar, sent } = make(gate(reply(503, body, headers), json(200, [TASK])));
    expect(await sidecar.health(never)).toEqual({ state: "probeError", cause: BODY });
    expect(sent).toHaveLength(1);
  });

  test.each<[string, ReturnType<typeof reply> | Error, string]>([
    ["linkerd", reply(503, "", { "l5d-proxy-error": "service in fail-fast" }), "sidecar replied 503"],
    ["a page", reply(200, "<html></html>", { "content-type": "text/html" }), "got no list of tasks"],
    ["nothing", reply(200), "got no list of tasks"],
    ["null", json(200, null), "got no list of tasks"],
    ["an object", json(200, { tasks: [] }), "got no list of tasks"],
    ["a list of something else", json(200, [1]), "got no list of tasks"],
    ["a list with a hole", json(200, [TASK, null]), "got no list of tasks"],
    ["a task without a type", json(200, [{ ...TASK, type: 1 }]), "got no list of tasks"],
    ["a list that was cut off", reply(200, JSON.stringify([TASK]).slice(0, -3)), "got no list of tasks"],
    ["204", reply(204), "sidecar replied 204"],
    ["206", json(206, []), "sidecar replied 206"],
    ["404", reply(404), "sidecar replied 404"],
    [
      "an identity that is refused",
      json(401, { error: "missing" }),
      "sidecar refused our identity (401): check the seinodetasks create permission",
    ],
    ["a redirect", reply(302), "sidecar replied 302; redirects are not followed"],
    ["too much", failure("TOO_LARGE"), "the list of tasks is too large"],
  ])("503 without a body proves nothing without a list of tasks: %s", async (_title, tasks, why) => {
    const health = await make(gate(SHUT, tasks)).sidecar.health(never);
    expect<object>(health).toEqual({ state: "probeError", cause: `${UNPROVEN}: ${why}` });
  });

  test.each(["DEADLINE", "UNREACHABLE", "ABORTED", "TLS"])("nor when nobody answers: %s", async (code) => {
    const health = await make(gate(SHUT, failure(code, "ECONNREFUSED"))).sidecar.health(never);
    expect(health.state).toBe("probeError");
    // 503 is what was answered; else no number.
    expect("cause" in health ? health.cause.replace("503", "") : "no cause").not.toMatch(/\d/);
  });
});

describe("direct", () => {
  test.each(
    rows([
      ["200 is ready", reply(200), "ready"],
      ["200 with a page of HTML is ready, the status decides", reply(200, "<html>"), "ready"],
      [
        "503 with a Status is an API server's, whatever the route",
        status(503, "ServiceUnavailable", "apiserver is shutting down"),
        "unreachable",
        "an API server replied 503 for the sidecar: ServiceUnavailable",
      ],
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
      ["503 with a Status of another API version is nobody's own", json(503, { kind: "Status" }), "probeError", BODY],
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
