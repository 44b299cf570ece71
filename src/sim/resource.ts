/** The resources the simulated API server serves. */

/** One served resource. `hasStatus` = `status` is written through its own path only. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly hasStatus: boolean;
  /** A CustomResourceDefinition: its lists are atomic under server-side apply, strategic patches are refused. */
  readonly isCustom: boolean;
  /** `metadata.generation` counts changes of the spec. */
  readonly hasGeneration: boolean;
  /** A DELETE is answered with the object, not with a Status. */
  readonly returnsDeleted: boolean;
  /** It is in no namespace; it is stored under the empty one. */
  readonly isClusterWide: boolean;
}

type Traits = Partial<Pick<Resource, "hasStatus" | "isCustom" | "hasGeneration" | "returnsDeleted" | "isClusterWide">>;

function resource(groupVersion: string, plural: string, kind: string, traits: Traits): Resource {
  const [first = "", second] = groupVersion.split("/");
  const [group, version] = second === undefined ? ["", first] : [first, second];
  const none = {
    hasStatus: false,
    isCustom: false,
    hasGeneration: false,
    returnsDeleted: false,
    isClusterWide: false,
  };
  return { ...none, ...traits, group, version, plural, kind };
}

/** The SeiNode. */
export const seinodes = resource("sei.io/v1alpha1", "seinodes", "SeiNode", {
  hasStatus: true,
  isCustom: true,
  hasGeneration: true,
});
/** The StatefulSet. */
export const statefulsets = resource("apps/v1", "statefulsets", "StatefulSet", {
  hasStatus: true,
  hasGeneration: true,
});
/** The Pod. */
export const pods = resource("v1", "pods", "Pod", { hasStatus: true, hasGeneration: true, returnsDeleted: true });
/** The Service. */
export const services = resource("v1", "services", "Service", { hasStatus: true, returnsDeleted: true });
/** The PersistentVolumeClaim. */
export const claims = resource("v1", "persistentvolumeclaims", "PersistentVolumeClaim", {
  hasStatus: true,
  returnsDeleted: true,
});
/** The PersistentVolume. */
export const volumes = resource("v1", "persistentvolumes", "PersistentVolume", {
  hasStatus: true,
  returnsDeleted: true,
  isClusterWide: true,
});
/** The Job; nothing here runs one. */
export const jobs = resource("batch/v1", "jobs", "Job", { hasStatus: true, hasGeneration: true });
/** The Event of events.k8s.io. */
export const events = resource("events.k8s.io/v1", "events", "Event", {});
/** The Lease. */
export const leases = resource("coordination.k8s.io/v1", "leases", "Lease", {});

/** Everything served. */
export const resources: readonly Resource[] = [
  seinodes,
  statefulsets,
  pods,
  services,
  claims,
  volumes,
  jobs,
  events,
  leases,
];

/** `apiVersion` of a resource: `v1` or `group/version`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** `plural` or `plural.group`, as error messages name a resource. */
export function qualifiedName({ group, plural }: Resource): string {
  return group === "" ? plural : `${plural}.${group}`;
}
