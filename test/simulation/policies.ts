/** Admission as clusters have it. */
import type { Json, JsonObject } from "../../src/base/index.ts";
import type { Policy } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";

/** Denies objects of a kind that ask for an image that ends so; `plural` "pods/delete" denies deletions of Pods by anybody. */
export function denies(what: "statefulsets" | "pods" | "deletions", image: string, status: 403 | 422): Policy {
  return ({ operation, plural, object }) => {
    const denied = `ValidatingAdmissionPolicy 'images' with binding 'images' denied request: ${image} is not signed`;
    if (what === "deletions") return operation === "DELETE" && plural === "pods" ? { denied, status } : null;
    const asks = operation !== "DELETE" && plural === what && JSON.stringify(object["spec"]).includes(`"${image}"`);
    return asks ? { denied, status } : null;
  };
}

/** A registry mirror: puts its host before the images of Pods, of templates, or of the sidecar alone. */
export function mirrors(what: "pods" | "templates" | "sidecars"): Policy {
  return ({ operation, plural, object }) => {
    if (operation === "DELETE" || plural !== (what === "templates" ? "statefulsets" : "pods")) return null;
    // Of a Pod only its creation is rewritten: its sidecar's image cannot be changed any more.
    if (plural === "pods" && operation !== "CREATE") return null;
    return { instead: rewritten(object, what === "sidecars") };
  };
}

function rewritten(object: JsonObject, isSidecarAlone: boolean): JsonObject {
  return takenAs<JsonObject>(
    JSON.parse(JSON.stringify(object), (key: string, value: Json) => {
      if (key !== "containers" && key !== "initContainers") return value;
      return takenAs<readonly { name: string; image: string }[]>(value).map((one) => {
        const isMeant = !isSidecarAlone || one.name === "sei-sidecar";
        return isMeant && !one.image.startsWith("mirror/") ? { ...one, image: `mirror/${one.image}` } : one;
      });
    }),
  );
}
