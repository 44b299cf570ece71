/** The CustomResourceDefinition of SeiNode. */
import type { JsonObject } from "../core/json.ts";
import { object } from "./crd-schema.ts";
import { specSchema } from "./crd-spec.ts";
import { statusSchema } from "./crd-status.ts";
import { GROUP, KIND, PLURAL, VERSION } from "./labels.ts";

/** The CRD, ready to apply over the reference's: same group, version and names, one version, no conversion. */
export function seiNodeCrd(): JsonObject {
  const schema = object({ apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } }, [
    "spec",
  ]);
  const properties = { ...Object(schema["properties"]), spec: specSchema(), status: statusSchema() };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      names: { kind: KIND, listKind: `${KIND}List`, plural: PLURAL, singular: "seinode", shortNames: ["snode"] },
      scope: "Namespaced",
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          schema: { openAPIV3Schema: { ...schema, properties } },
        },
      ],
    },
  };
}

const COLUMNS = [
  { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: "Phase", type: "string", jsonPath: ".status.phase" },
  { name: "Image", type: "string", jsonPath: ".status.currentImage" },
  { name: "Drift", type: "string", jsonPath: '.status.conditions[?(@.type=="Drift")].reason' },
  { name: "Plan", type: "string", jsonPath: ".status.plan.reason" },
  { name: "Detector", type: "string", jsonPath: ".status.plan.detector", priority: 1 },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];
