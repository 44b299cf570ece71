/** The CustomResourceDefinition of SeiNode. */
import type {
  V1CustomResourceColumnDefinition,
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionNames,
  V1CustomResourceDefinitionSpec,
  V1CustomResourceDefinitionVersion,
} from "@kubernetes/client-node";
import { type AsJson, type JsonObject } from "../../base/index.ts";
import { about, object, text } from "./crd-schema.ts";
import { specSchema } from "./crd-spec.ts";
import { statusSchema } from "./crd-status.ts";
import { GROUP, KIND, PLURAL, VERSION } from "../../model/index.ts";

/** The CRD, ready to apply over the reference's: same group, version and names, one version, no conversion. */
export function seiNodeCrd(): JsonObject {
  const names = {
    kind: KIND,
    listKind: `${KIND}List`,
    plural: PLURAL,
    singular: "seinode",
    shortNames: ["snode"],
  } satisfies AsJson<V1CustomResourceDefinitionNames>;
  const version = {
    name: VERSION,
    served: true,
    storage: true,
    subresources: { status: {} },
    additionalPrinterColumns: COLUMNS,
  } satisfies AsJson<V1CustomResourceDefinitionVersion>;
  // What the API server would fill in stands here too, so that printed and stored are the same.
  const spec = {
    group: GROUP,
    names,
    scope: "Namespaced",
    conversion: { strategy: "None" },
    // The client's model of a schema has names of its own for fields such as `x-kubernetes-validations`.
    versions: [{ ...version, schema: { openAPIV3Schema: seiNodeSchema() } }],
  } satisfies AsJson<Omit<V1CustomResourceDefinitionSpec, "versions">> & { readonly versions: readonly JsonObject[] };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec,
  } satisfies Omit<AsJson<V1CustomResourceDefinition>, "spec"> & { readonly spec: typeof spec };
}

/**
 * Names are not limited here, though a StatefulSet takes only 52 characters: the rule would also refuse the status of
 * a node that is there already, and with it the condition that tells.
 */
function seiNodeSchema(): JsonObject {
  const spec = specSchema();
  const status = statusSchema();
  const schema = object({ apiVersion: text(), kind: text(), metadata: object({}), spec, status }, ["spec"]);
  return about("A blockchain node: seid and its sidecar in one Pod.", schema);
}

const WIDE = 1;

/** What `kubectl get seinodes` shows, and with `-o wide`. */
const COLUMNS: AsJson<V1CustomResourceColumnDefinition[]> = [
  { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: "Why", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
  { name: "Phase", type: "string", jsonPath: ".status.phase" },
  { name: "Image", type: "string", jsonPath: ".status.currentImage" },
  { name: "Drift", type: "string", jsonPath: '.status.conditions[?(@.type=="Drift")].reason' },
  { name: "Held", type: "string", jsonPath: '.status.conditions[?(@.type=="HeldByWorkflow")].reason' },
  { name: "Plan", type: "string", jsonPath: ".status.plan.reason" },
  { name: "Detector", type: "string", jsonPath: ".status.plan.detector", priority: WIDE },
  { name: "Sidecar", type: "string", jsonPath: ".status.currentSidecarImage", priority: WIDE },
  { name: "Stalled", type: "string", jsonPath: '.status.conditions[?(@.type=="Stalled")].reason', priority: WIDE },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];
