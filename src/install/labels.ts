/** The labels of every object of an install. */
import type { JsonObject } from "../base/index.ts";
import type { InstallOptions } from "./options.ts";

/** What the Deployment finds its Pods by. It cannot be changed once it is there, so it stays as it was at first. */
export const SELECTOR = { "app.kubernetes.io/name": "tidekeeper" };

/** The recommended labels; on Pods too. */
export function labelsOf({ version, managedBy }: Pick<InstallOptions, "version" | "managedBy">): JsonObject {
  return {
    ...SELECTOR,
    "app.kubernetes.io/instance": "tidekeeper",
    ...(version === "" ? {} : { "app.kubernetes.io/version": version }),
    "app.kubernetes.io/component": "controller",
    "app.kubernetes.io/part-of": "tidekeeper",
    "app.kubernetes.io/managed-by": managedBy,
  };
}

/** The object with these labels beside its own. */
export function labelled(object: JsonObject, labels: JsonObject): JsonObject {
  const metadata: JsonObject = Object(object["metadata"]);
  return { ...object, metadata: { ...metadata, labels: { ...Object(metadata["labels"]), ...labels } } };
}
