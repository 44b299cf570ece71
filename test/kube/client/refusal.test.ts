/** Who refused, in words before the API server's own. */
import { expect, test } from "bun:test";
import { refusalInWords, refusedBy } from "../../../src/kube/client/refusal.ts";

const DENIED = "denied request: every workload needs the label cost-centre";

test.each([
  [
    "permission",
    "a permission is missing",
    'persistentvolumeclaims is forbidden: User "system:serviceaccount:a:b" cannot create resource "persistentvolumeclaims" in API group "" in the namespace "a"',
  ],
  [
    "permission",
    "a permission is missing",
    'statefulsets.apps "n1" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can\'t set finalizers on: , <nil>',
  ],
  [
    "quota",
    "over quota",
    'persistentvolumeclaims "data-n2" is forbidden: exceeded quota: q, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1, limited: persistentvolumeclaims=1',
  ],
  ["quota", "over quota", 'pods "n1-0" is forbidden: failed quota: q: must specify cpu for: seid'],
  [
    "limit",
    "a limit of the namespace",
    'pods "n1-0" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  ],
  [
    "policy",
    "denied by a policy",
    `statefulsets.apps "n1" is forbidden: ValidatingAdmissionPolicy 'deny-a' with binding 'deny-a' ${DENIED}`,
  ],
  ["policy", "denied by a policy", 'admission webhook "validate.kyverno.svc-fail" denied the request: no'],
  [
    "policy",
    "denied by a policy",
    'create Pod n1-0 in StatefulSet n1 failed error: pods "n1-0" is forbidden: violates PodSecurity "restricted:latest": x',
  ],
])("is told as that of %s: %s", (who, first, message) => {
  expect([refusedBy(message), refusalInWords(message)].map(String)).toEqual([who, `${first}: ${message}`]);
});

test("of the object itself is told in the API server's words alone", () => {
  const message = 'StatefulSet.apps "n1" is invalid: spec.template: Invalid value: "x"';
  expect([refusedBy(message), refusalInWords(message)].map(String)).toEqual(["other", message]);
});
