/** The parts of an install that may be there or not, and amounts of resources. */

/** Amounts by resource, such as `memory: 128Mi`. */
export type Amounts = Readonly<Record<string, string>>;

/** Parts that are there unless left out. */
export const USUAL_PARTS = ["namespace", "crd", "rbac", "metrics-service", "pod-disruption-budget"] as const;
/** Parts that are there where they are asked for. */
export const FURTHER_PARTS = [
  "network-policy",
  "service-monitor",
  "pod-monitor",
  "prometheus-rule",
  "dashboard",
] as const;
/** One of the usual parts. */
export type UsualPart = (typeof USUAL_PARTS)[number];
/** One of the further parts. */
export type FurtherPart = (typeof FURTHER_PARTS)[number];
