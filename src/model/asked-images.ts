/** The images that a Pod template asks for, as we know them. */
import type { NodeStatus } from "./node.ts";
import type { StatefulSetView } from "./views.ts";

type Applied = NodeStatus["applied"];

/** The two images that count; null where there is no such container. */
export interface TemplateImages {
  readonly seid: string | null;
  readonly sidecar: string | null;
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
