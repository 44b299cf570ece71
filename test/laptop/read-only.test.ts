/** The door that lets reads through and nothing else. */
import { expect, test } from "bun:test";
import type { ApiTransport, HttpRequest } from "../../src/base/index.ts";
import { readOnly } from "../../src/laptop/read-only.ts";

const LIMITS = { deadlineMs: 1000, maxBytes: 1000 };

function door() {
  const passed: HttpRequest[] = [];
  const withheld: HttpRequest[] = [];
  const transport: ApiTransport = {
    request(request) {
      passed.push(request);
      return Promise.resolve({ status: 200, headers: {}, body: new Uint8Array() });
    },
    stream: () => Promise.reject(new Error("no stream is asked for")),
  };
  return { passed, withheld, api: readOnly(transport, (request) => withheld.push(request)) };
}

test.each<[HttpRequest["method"], string, boolean]>([
  ["GET", "/api/v1/pods", true],
  ["GET", "/api/v1/namespaces/sei/pods/a-0:7777/proxy/v0/healthz", true],
  ["POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", true],
  ["POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", true],
  ["POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", false],
  ["POST", "/apis/authentication.k8s.io/v1/tokenreviews", false],
  ["POST", "/api/v1/namespaces/sei/pods/a-0:7777/proxy/v0/tasks", false],
  ["POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x", false],
  ["PATCH", "/apis/sei.io/v1alpha1/namespaces/sei/seinodes/a/status", false],
  ["PUT", "/api/v1/namespaces/sei/pods/a-0", false],
  ["DELETE", "/api/v1/namespaces/sei/pods/a-0", false],
])("%s %s: %p", async (method, path, isLetThrough) => {
  const { api, passed, withheld } = door();
  const reply = await api.request({ method, path }, LIMITS);
  expect([passed.length, withheld.length, reply.status]).toEqual(isLetThrough ? [1, 0, 200] : [0, 1, 403]);
});
