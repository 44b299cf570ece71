/** The CRD as a cluster has it whose schema checks nothing: what is stored there may be older than any rule. */
import type { AdminApi } from "./admin-api.ts";
import { eventually } from "./eventually.ts";
import { fullNode } from "./fleet.ts";

const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";
const ANYTHING = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

interface Definition {
  readonly spec: { readonly versions: readonly { readonly name: string }[] };
}

/** Takes every rule out of the CRD; resolves when the API server goes by that. `install` puts them back. */
export async function loosenSchema(api: AdminApi, namespace: string): Promise<void> {
  const crd = await api.get<Definition>(CRD);
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: ANYTHING, status: ANYTHING } } };
  await api.patch(CRD, { spec: { versions: crd?.spec.versions.map((version) => ({ ...version, schema })) } });
  await eventually("the loose schema to be served", async () => (await takesAnything(api, namespace)) === 201);
}

/** Waits until the API server refuses again what the rules refuse. */
export async function untilStrict(api: AdminApi, namespace: string): Promise<void> {
  await eventually("the rules to be served", async () => (await takesAnything(api, namespace)) === 422);
}

async function takesAnything(api: AdminApi, namespace: string): Promise<number> {
  const probe = { ...fullNode(namespace, "probe"), spec: { image: 5 } };
  const path = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes?dryRun=All`;
  return (await api.request("POST", path, probe)).status;
}
