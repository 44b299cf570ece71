/** The images of a Pod template: as we apply them, as they are stored, and what admission made of the one by the other. */
import {
  type NodeStatus,
  SEID_CONTAINER,
  SIDECAR_CONTAINER,
  type StatefulSetView,
  type TemplateImages,
} from "../../model/index.ts";
import { arrayAt, type JsonObject, objectAt, stringAt } from "../../base/index.ts";

type Applied = NodeStatus["applied"];

/** The images in the template of a StatefulSet. */
export function templateImages(set: unknown): TemplateImages {
  const pod = objectAt(objectAt(objectAt(set, "spec"), "template"), "spec");
  return {
    seid: imageOf(arrayAt(pod, "containers"), SEID_CONTAINER),
    sidecar: imageOf(arrayAt(pod, "initContainers"), SIDECAR_CONTAINER),
  };
}

function imageOf(containers: readonly unknown[], name: string): string | null {
  const container = containers.find((item) => stringAt(item, "name") === name);
  return stringAt(container, "image");
}

/** `status.applied.rewritten` after an apply: what was asked for and what is stored instead; absent where they agree. */
export function rewrittenBy(recipe: JsonObject, set: StatefulSetView): Pick<NonNullable<Applied>, "rewritten"> {
  const asked = templateImages(recipe);
  const seid = rewritten(asked.seid, set.templateImage);
  const sidecar = rewritten(asked.sidecar, set.templateSidecarImage);
  if (seid === null && sidecar === null) return {};
  return { rewritten: { ...(seid === null ? {} : { seid }), ...(sidecar === null ? {} : { sidecar }) } };
}

function rewritten(asked: string | null, stored: string | null): { asked: string; stored: string } | null {
  return asked === null || stored === null || asked === stored ? null : { asked, stored };
}
