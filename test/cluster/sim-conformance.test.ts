/** The conformance cases on a real API server. */
import { beforeAll, test } from "bun:test";
import { seiNodeCrd } from "../../src/seinode/crd/index.ts";
import { conformanceRun } from "../conformance/door.ts";
import { DENIAL, DENY_LABEL } from "../conformance/removal-requests.ts";
import { conformanceCases } from "../conformance/requests.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { takenAs } from "./harness/taken-as.ts";

describeCluster("a real API server answers as the simulated one", ({ api, namespace }) => {
  let space = "";
  beforeAll(async () => {
    space = await namespace();
    await api.apply(takenAs<KubeObject>(seiNodeCrd()));
    const nodes = `/apis/sei.io/v1alpha1/namespaces/${space}/seinodes`;
    await eventually("the CRD to be served", async () => (await api.request("GET", nodes)).status === 200);
    for (const status of [403, 422] as const) await denying(status);
  });
  const policyName = (status: number): string => `deny-${status}-${space}`;
  const wordsOf = (status: 403 | 422): string =>
    `ValidatingAdmissionPolicy '${policyName(status)}' with binding '${policyName(status)}' denied request: ${DENIAL}`;
  /** A policy for this namespace alone, in force when it comes back. */
  async function denying(status: 403 | 422): Promise<void> {
    const name = policyName(status);
    const scope = { matchLabels: { "kubernetes.io/metadata.name": space } };
    const policy = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          namespaceSelector: scope,
          resourceRules: [
            { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["statefulsets"] },
            {
              apiGroups: ["sei.io"],
              apiVersions: ["v1alpha1"],
              operations: ["UPDATE"],
              resources: ["seinodes/status"],
            },
          ],
        },
        validations: [
          {
            expression: `!has(object.metadata.labels) || !('${DENY_LABEL}' in object.metadata.labels) || object.metadata.labels['${DENY_LABEL}'] != '${status}'`,
            message: DENIAL,
            ...(status === 403 ? { reason: "Forbidden" } : {}),
          },
        ],
      },
    };
    const binding = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"] },
    };
    await api.apply(takenAs<KubeObject>(policy));
    await api.apply(takenAs<KubeObject>(binding));
    const labels = { app: "x", [DENY_LABEL]: String(status) };
    const template = { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "x", image: "x" }] } };
    const set = {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "probe", labels },
      spec: { serviceName: "x", selector: { matchLabels: { app: "x" } }, template },
    };
    const path = `/apis/apps/v1/namespaces/${space}/statefulsets?dryRun=All`;
    await eventually("the policy to be in force", async () => (await api.request("POST", path, set)).status === status);
  }
  const run = conformanceRun(() => ({
    namespace: space,
    denials: { denial403: wordsOf(403), denial422: wordsOf(422) },
    ask: ({ method, path, body, contentType }) => api.request(method, path, body, contentType),
    async frames(path, count) {
      const ending = new AbortController();
      const seen: unknown[] = [];
      for await (const event of api.watch(path, ending.signal)) {
        seen.push(event);
        if (seen.length >= count) break;
      }
      ending.abort();
      return seen;
    },
    wait: () => Bun.sleep(100),
  }));

  test.each(conformanceCases.map((one) => [one.title, one] as const))("%s", (_title, one) => run(one), 30_000);
});
