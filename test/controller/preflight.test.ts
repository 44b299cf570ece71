/** The permissions that are asked for before the start. */
import { expect, test } from "bun:test";
import { missingPermissions } from "../../src/controller/preflight.ts";
import { type Access, createClient, type KubeClient } from "../../src/kube/client/index.ts";

const base = {
  acts: true,
  route: "direct",
  namespace: null,
  leases: { namespace: "ops", shards: 1 },
  signal: AbortSignal.any([]),
} as const;

/** A server that answers every review by `judge`; null = it fails. */
function clientOf(judge: (access: Access) => unknown, asked: string[] = []): KubeClient {
  return createClient({
    async request({ method, path, body = "" }) {
      expect([method, path]).toEqual(["POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"]);
      const review: { spec: { resourceAttributes: Record<string, string> } } = JSON.parse(body);
      const { verb = "", group = "", resource = "", subresource, namespace, name } = review.spec.resourceAttributes;
      const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
      asked.push(`${verb} ${whole}`);
      const status = judge({ verb, group, resource: whole, namespace: namespace ?? null, name: name ?? null });
      if (status === null) return { status: 500, headers: {}, body: new Uint8Array() };
      return { status: 201, headers: {}, body: new TextEncoder().encode(JSON.stringify({ status })) };
    },
    stream: () => Promise.reject(new Error("nothing is watched")),
  });
}

test("a line for each verb that is missing, and none where all is granted", async () => {
  const lacking = (access: Access): unknown => ({
    allowed: !(access.resource === "statefulsets" && access.verb !== "get") && access.name !== "tidekeeper.sei.io",
  });
  expect(await missingPermissions({ ...base, client: clientOf(lacking) })).toEqual([
    ...["list", "watch", "create", "patch", "delete"].map(
      (verb) =>
        `permission: ${verb} statefulsets.apps: got a refusal, want it in every namespace. Apply what \`tidekeeper manifests\` prints`,
    ),
    ...["get", "list", "watch", "create", "patch"].map(
      (verb) =>
        `permission: ${verb} leases.coordination.k8s.io "tidekeeper.sei.io": got a refusal, want it in namespace ops. Apply what \`tidekeeper manifests\` prints`,
    ),
  ]);
  expect(await missingPermissions({ ...base, client: clientOf(() => ({ allowed: true })) })).toEqual([]);
});

test.each<[string, unknown]>([
  ["a review that fails", null],
  ["a reply that is no review", {}],
  ["an authorizer that could not judge", { allowed: false, evaluationError: "webhook down" }],
])("%s is no denial", async (_title, status) => {
  expect(await missingPermissions({ ...base, client: clientOf(() => status) })).toEqual([]);
});

test.each<[string, Partial<typeof base> | Record<string, unknown>, readonly string[], readonly string[]]>([
  ["who acts directly needs no pod proxy", {}, ["delete pods", "patch seinodes/status"], ["get pods/proxy"]],
  ["through the API server it does", { route: "apiserver" }, ["get pods/proxy", "create pods/proxy"], []],
  [
    "who observes under a Lease writes conditions and Events alone",
    { acts: false, route: "apiserver" },
    ["patch seinodes/status", "create events", "get pods/proxy", "patch leases"],
    ["create pods/proxy", "delete pods", "create statefulsets"],
  ],
  [
    "who observes without a Lease writes nothing",
    { acts: false, leases: null },
    ["watch pods"],
    ["patch seinodes/status", "create events", "get leases"],
  ],
])("%s", async (_title, change, wanted, unwanted) => {
  const asked: string[] = [];
  await missingPermissions({ ...base, ...change, client: clientOf(() => ({ allowed: true }), asked) });
  expect(asked).toEqual(expect.arrayContaining([...wanted]));
  expect(asked.filter((one) => unwanted.includes(one))).toEqual([]);
});

test("with more shards than the Role has names for, each verb is a line", async () => {
  const lacking = ({ name }: Access): unknown => ({ allowed: !/^shard-[2-9]\./.test(name ?? "") });
  const options = { ...base, leases: { namespace: "ops", shards: 10 }, client: clientOf(lacking) };
  expect(await missingPermissions(options)).toEqual(
    ["get", "list", "watch", "create", "patch"].map(
      (verb) =>
        `permission: ${verb} leases.coordination.k8s.io "shard-2.tidekeeper.sei.io" and 7 more: got a refusal, want it in namespace ops. Apply what \`tidekeeper manifests\` prints`,
    ),
  );
});
