/** Group, kind, labels and annotations on the wire; the reference's names. */

/** API group of a SeiNode. */
export const GROUP = "sei.io";
/** The one version served. */
export const VERSION = "v1alpha1";
/** `apiVersion` of a SeiNode. */
export const API_VERSION = "sei.io/v1alpha1";
/** `kind` of a SeiNode. */
export const KIND = "SeiNode";
/** Resource name in paths and RBAC. */
export const PLURAL = "seinodes";
/** Label on every owned object and on the Pod; its value is the node's name. The only selector. */
export const NODE_LABEL = "sei.io/node";
/** Label that tells the bootstrap Job, its Pod and its Service from what the node itself has. */
export const COMPONENT_LABEL = "sei.io/component";
/** Value of `COMPONENT_LABEL` on what is there for the bootstrap alone. */
export const BOOTSTRAP_COMPONENT = "bootstrap";
/** Annotation of the Pod template that keeps a node autoscaler from moving the Pod. */
export const DO_NOT_DISRUPT_ANNOTATION = "karpenter.sh/do-not-disrupt";
/** Label that the StatefulSet controller puts on a Pod: the revision of the template it was made from. */
export const REVISION_LABEL = "controller-revision-hash";
/** Name of the container that runs the chain. */
export const SEID_CONTAINER = "seid";
/** Name of the native sidecar that keeps the gate. */
export const SIDECAR_CONTAINER = "sei-sidecar";
/** Name of the port of that container which the gate is asked on. */
export const SIDECAR_PORT_NAME = "sidecar";
/** Field manager of everything that is written by server-side apply. */
export const FIELD_MANAGER = "tidekeeper";
/** Field manager of the reference: what it still owns of a node's objects is given up when the node is taken over. */
export const REFERENCE_FIELD_MANAGER = "seinode-controller";
