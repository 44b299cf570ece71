/** The images of a Pod template: as we apply them, as they are stored, and what admission made of the one by the other. */
import type { JsonObject } from "../core/json.ts";
import type { NodeStatus } from "../core/node.ts";
import type { StatefulSetView } from "../core/views.ts";
import { SEID_CONTAINER, SIDECAR_CONTAINER } from "./labels.ts";
import { arrayAt, objectAt, stringAt } from "./raw.ts";

/** The two images that count; null where there is no such container. */
export interface TemplateImages {
  readonly seid: string | null;
  readonly sidecar: string | null;
}

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

/** What the template asks for as we know it: where it says what admission made of our apply, what we applied. */
export function askedImages(applied: Applied, set: StatefulSetView): TemplateImages {
  const { seid, sidecar } = applied?.rewritten ?? {};
  return {
    seid: seid !== undefined && seid.stored === set.templateImage ? seid.asked : set.templateImage,
    sidecar:
      sidecar !== undefined && sidecar.stored === set.templateSidecarImage ? sidecar.asked : set.templateSidecarImage,
  };
}
