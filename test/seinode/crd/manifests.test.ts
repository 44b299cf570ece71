/** The printed manifests: order, names, and no permission too many. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../../src/base/index.ts";
import { executorRules } from "../../../src/executor/index.ts";
import { manifests } from "../../../src/seinode/crd/manifests.ts";
import { leaseRules, nodeRules, rivalRules } from "../../../src/seinode/crd/rbac.ts";

test("the manifests are the CRD, then who may do what, all with names", () => {
  const kinds = manifests({ namespace: "ops", rules: executorRules }).map((object) => [
    object["kind"],
    Object(object["metadata"])["name"],
  ]);
  expect(kinds).toEqual([
    ["CustomResourceDefinition", "seinodes.sei.io"],
    ["ServiceAccount", "tidekeeper"],
    ["ClusterRole", "tidekeeper"],
    ["ClusterRoleBinding", "tidekeeper-ops"],
    ["Role", "tidekeeper-lease"],
    ["RoleBinding", "tidekeeper-lease"],
  ]);
});

/** What a deletion takes down, and the Pod of a roll-out. */
const DELETED = ["pods", "jobs", "services", "statefulsets", "persistentvolumeclaims"];

test("no permission is a wildcard, reads secrets, changes specs or reaches into a container", () => {
  for (const rule of [...nodeRules(executorRules), ...leaseRules()]) {
    for (const word of [...rule.apiGroups, ...rule.resources, ...rule.verbs]) expect(word).not.toBe("*");
    for (const banned of ["secrets", "pods/exec", "serviceaccounts/token"]) {
      expect(rule.resources).not.toContain(banned);
    }
    for (const banned of ["escalate", "bind", "impersonate", "deletecollection"]) {
      expect(rule.verbs).not.toContain(banned);
    }
    if (rule.resources.includes("seinodes")) expect(rule.verbs).toEqual(["get", "list", "watch", "patch"]);
    if (rule.verbs.includes("delete")) expect(DELETED).toContain(rule.resources.join());
    if (rule.resources.includes("leases")) expect(rule.resourceNames).toHaveLength(1);
  }
});

test("in other namespaces two Leases are listed and watched by name, and nothing of them is written", () => {
  const role = manifests({ namespace: "ops", rules: executorRules }).find((object) => object["kind"] === "ClusterRole");
  const ofLeases = Object(role?.["rules"]).filter((rule: JsonObject) => Object(rule["resources"]).includes("leases"));
  expect(ofLeases).toEqual([
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      resourceNames: ["tidekeeper.sei.io", "bc1f5b0a.sei.io"],
      verbs: ["list", "watch"],
    },
  ]);
  expect(ofLeases).toEqual([...rivalRules()]);
});

test("what detectors read is granted beside it", () => {
  const more = { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] };
  const role = manifests({ namespace: "ops", rules: [more] }).find((object) => object["kind"] === "ClusterRole");
  expect(role?.["rules"]).toContainEqual(more);
});

test("what is asked of a resource that has a rule goes into that rule", () => {
  const asked = { apiGroups: [""], resources: ["pods"], verbs: ["delete", "get", "create"] };
  const ofPods = nodeRules([asked, asked]).filter(({ resources }) => resources.includes("pods"));
  expect(ofPods).toEqual([
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "create", "delete"] },
  ]);
});

test("the columns of kubectl get name fields that the schema knows", () => {
  const version: JsonObject = Object(manifests({ namespace: "ops", rules: executorRules })[0]?.["spec"])["versions"][0];
  const status = Object(version["schema"])["openAPIV3Schema"].properties.status.properties;
  for (const column of Object(version["additionalPrinterColumns"])) {
    const [, top, field] = /^\.(status|metadata)\.(\w+)/.exec(column.jsonPath) ?? [];
    expect(top).toBeDefined();
    if (top === "status") expect(Object.keys(status)).toContain(field ?? "");
  }
});
