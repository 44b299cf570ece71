/** Names of what a node owns, all derived from the node's own. */

/** StatefulSet of a node. */
export function statefulSetName(node: string): string {
  return node;
}

/** Headless Service of a node. */
export function serviceName(node: string): string {
  return node;
}

/** Job that catches a node up before it starts; its Service has the name of the node's own. */
export function bootstrapJobName(node: string): string {
  return `${node}-bootstrap`;
}

/** The one Pod of a node. */
export function podName(node: string): string {
  return `${node}-0`;
}

/** Data claim of a node; an imported claim has the name that the spec gives. */
export function claimName(node: string, imported: string | null = null): string {
  return imported ?? `data-${node}`;
}

/** Name under which the Pod of a node is found by DNS, also before it is Ready. */
export function podDnsName(namespace: string, node: string): string {
  return `${podName(node)}.${serviceName(node)}.${namespace}.svc.cluster.local`;
}
