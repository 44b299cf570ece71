/** What stands around the Pods: who reaches them, who asks them, and how many may be away. */
import type { JsonObject } from "../base/index.ts";
import { SELECTOR } from "./labels.ts";

/** A Service for the metrics alone: nobody else has business with the Pods. */
export function metricsService(namespace: string): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "tidekeeper-metrics", namespace },
    spec: {
      // Each replica is asked by itself: they tell different things.
      clusterIP: "None",
      selector: SELECTOR,
      ports: [{ name: "metrics", port: 8080, protocol: "TCP", targetPort: "metrics" }],
    },
  };
}

/** Metrics from namespaces labelled `metrics: enabled`, as the reference has it; probes from anywhere. Out, everything. */
export function networkPolicy(namespace: string): JsonObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "tidekeeper", namespace },
    spec: {
      podSelector: { matchLabels: SELECTOR },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { metrics: "enabled" } } }],
          ports: [{ port: "metrics", protocol: "TCP" }],
        },
        { ports: [{ port: "health", protocol: "TCP" }] },
      ],
    },
  };
}

/** One at a time: with one replica alone a lower bound would keep its machine from ever being drained. */
export function disruptionBudget(namespace: string): JsonObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "tidekeeper", namespace },
    spec: { maxUnavailable: 1, selector: { matchLabels: SELECTOR } },
  };
}

/** For the Prometheus Operator, by the Service or by the Pods. */
export function monitor(kind: "ServiceMonitor" | "PodMonitor", namespace: string): JsonObject {
  // The labels `namespace` and `name` are of the node that is told of; without this the scraper puts its target's there.
  const endpoint = { port: "metrics", interval: "30s", honorLabels: true };
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind,
    metadata: { name: "tidekeeper", namespace },
    spec: {
      selector: { matchLabels: SELECTOR },
      [kind === "ServiceMonitor" ? "endpoints" : "podMetricsEndpoints"]: [endpoint],
    },
  };
}
