/** The Kubernetes client: requests, deadlines, replies. */
import { describe, expect, test } from "bun:test";
import { createClient } from "../../../src/kube/client/client.ts";
import { type ApiTransport, type CallLimits, type HttpRequest, TransportError } from "../../../src/base/index.ts";

const ref = { group: "sei.io", version: "v1alpha1", plural: "seinodes", namespace: "a", name: "b" };
const path = "/apis/sei.io/v1alpha1/namespaces/a/seinodes/b";

/** A server with one answer that keeps what it was asked. */
function serverOf(status: number, body: string) {
  const asked: { request: HttpRequest; limits: CallLimits }[] = [];
  const transport: ApiTransport = {
    request: async (request, limits) => {
      asked.push({ request, limits });
      return { status, headers: {}, body: new TextEncoder().encode(body) };
    },
    stream: async () => {
      throw new TransportError("UNREACHABLE", "no streams here");
    },
  };
  return { client: createClient(transport), asked };
}

type Call = (client: ReturnType<typeof createClient>) => Promise<unknown>;

test.each<[string, Call, readonly [string, string, string | undefined, unknown]]>([
  ["a read", (client) => client.get(ref), ["GET", path, undefined, undefined]],
  [
    "a merge patch",
    (client) => client.mergePatch({ ...ref, subresource: "status" }, { a: null }),
    ["PATCH", `${path}/status`, "application/merge-patch+json", { a: null }],
  ],
  [
    "an apply",
    (client) => client.apply(ref, { a: 1 }, { fieldManager: "a b", force: true }),
    ["PATCH", `${path}?fieldManager=a%20b&force=true`, "application/apply-patch+yaml", { a: 1 }],
  ],
  ["a creation", (client) => client.create(ref, { a: 1 }), ["POST", path, "application/json", { a: 1 }]],
  [
    "a deletion of this very object",
    (client) => client.remove(ref, { uid: "u" }),
    ["DELETE", path, "application/json", { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid: "u" } }],
  ],
])("%s goes out as Kubernetes wants it", async (_title, call, want) => {
  const { client, asked } = serverOf(200, "{}");
  await call(client);
  const request = asked[0]?.request;
  const body: unknown = request?.body === undefined ? undefined : JSON.parse(request.body);
  expect([request?.method, request?.path, request?.headers?.["content-type"], body]).toEqual([...want]);
});

test("a write ends well before a Lease could pass on, a read may take longer, and each may be told otherwise", async () => {
  const { client, asked } = serverOf(200, "{}");
  await client.create(ref, {});
  await client.get(ref);
  await client.get(ref, { deadlineMs: 7 });
  expect(asked.map(({ limits }) => limits.deadlineMs)).toEqual([3000, 10_000, 7]);
  expect(asked.every(({ limits }) => limits.maxBytes === 8 * 1024 * 1024)).toBe(true);
});

describe("a reply", () => {
  test("is the parsed value", async () => {
    expect(await serverOf(200, '{"a":1}').client.get(ref)).toEqual({ ok: true, value: { a: 1 } });
  });

  test.each([
    ["a 2xx that is no JSON", 200, "<html>", "malformed", "got a reply that is no JSON, want an object"],
    ["a redirect", 302, "", "refused", "got 302 without a message, want success"],
    ["a Status", 409, '{"reason":"AlreadyExists","message":"there"}', "alreadyExists", "there"],
  ])("that is %s is a failure", async (...row) => {
    const [, status, body, kind, message] = row;
    expect(await serverOf(status, body).client.get(ref)).toMatchObject({ ok: false, failure: { kind, message } });
  });

  test("that never came to a write leaves open whether it was done", async () => {
    const gone: ApiTransport = {
      request: () => Promise.reject(new TransportError("DEADLINE", "no reply in 3 s")),
      stream: () => Promise.reject(new TransportError("DEADLINE", "no reply in 3 s")),
    };
    const client = createClient(gone);
    expect(await client.create(ref, {})).toMatchObject({ failure: { kind: "deadline", maybeDone: true } });
    expect(await client.get(ref)).toMatchObject({ failure: { kind: "deadline", maybeDone: false } });
  });
});

describe("whether we may", () => {
  const access = { verb: "patch", group: "sei.io", resource: "seinodes/status", namespace: null, name: null };

  test.each([
    ["yes", { allowed: true }, { ok: true, value: true }],
    ["no", { allowed: false }, { ok: true, value: false }],
    ["an authorizer that could not judge is no denial", { allowed: false, evaluationError: "x" }, { ok: false }],
    ["a reply that does not say", {}, { ok: false }],
  ])("%s", async (_title, status, want) => {
    const { client } = serverOf(201, JSON.stringify({ status }));
    expect(await client.accessReview(access)).toMatchObject(want);
  });

  test("is asked for resource and subresource apart", async () => {
    const { client, asked } = serverOf(201, "{}");
    await client.accessReview({ ...access, namespace: "a" });
    const body: unknown = JSON.parse(asked[0]?.request.body ?? "");
    expect(body).toMatchObject({
      spec: { resourceAttributes: { resource: "seinodes", subresource: "status", verb: "patch", namespace: "a" } },
    });
  });
});
