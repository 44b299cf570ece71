/** Paths of resources. */
import { expect, test } from "bun:test";
import { type ResourceRef, resourcePath } from "../../../src/kube/client/paths.ts";

const nodes = { group: "sei.io", version: "v1alpha1", plural: "seinodes" };

test.each<[string, ResourceRef, string]>([
  ["a core collection", { group: "", version: "v1", plural: "pods" }, "/api/v1/pods"],
  ["a collection of a group", nodes, "/apis/sei.io/v1alpha1/seinodes"],
  ["one namespace of it", { ...nodes, namespace: "a" }, "/apis/sei.io/v1alpha1/namespaces/a/seinodes"],
  ["one object", { ...nodes, namespace: "a", name: "b" }, "/apis/sei.io/v1alpha1/namespaces/a/seinodes/b"],
  [
    "its subresource",
    { ...nodes, namespace: "a", name: "b", subresource: "status" },
    "/apis/sei.io/v1alpha1/namespaces/a/seinodes/b/status",
  ],
  [
    "a name that would climb out",
    { ...nodes, namespace: "../x", name: "../../secrets?a=b#c" },
    "/apis/sei.io/v1alpha1/namespaces/..%2Fx/seinodes/..%2F..%2Fsecrets%3Fa%3Db%23c",
  ],
])("%s", (_title, ref, path) => {
  expect(resourcePath(ref)).toBe(path);
});
