/**
 * Where a sidecar is, and the check that stands between a name from a custom resource and a socket: only an IP
 * literal of a Pod or the exact name that a StatefulSet's Pod has may be dialled.
 */

/** The way to one sidecar. */
export type SidecarRoute =
  | { readonly kind: "direct"; readonly host: string; readonly port: number }
  | { readonly kind: "apiserver"; readonly namespace: string; readonly pod: string; readonly port: number };

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const ONE_LABEL = new RegExp(`^${LABEL}$`);
const DOTTED = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** What is wrong with a route, in one sentence; null when it may be dialled. Names no address. */
export function routeFault(route: SidecarRoute): string | null {
  if (!Number.isInteger(route.port) || route.port < 1 || route.port > 65_535) return "the sidecar port is not a port";
  switch (route.kind) {
    case "direct":
      return isPodHost(route.host) ? null : "the sidecar host is neither a Pod IP nor the name of a StatefulSet Pod";
    case "apiserver":
      if (!ONE_LABEL.test(route.namespace)) return "the namespace is not a DNS label";
      return route.pod.length <= 253 && DOTTED.test(route.pod) ? null : "the Pod name is not a DNS name";
  }
}

/** Is `host` an IP that a Pod can have, or `<node>-0.<node>.<namespace>.svc.<domain>`? */
export function isPodHost(host: string): boolean {
  if (IPV4.test(host)) return !isSpecialIPv4(host);
  return host.includes(":") ? isPlainIPv6(host) : isPodName(host);
}

/** Loopback, link-local (cloud metadata lives there), unspecified and multicast addresses are no Pod's. */
function isSpecialIPv4(host: string): boolean {
  const first = Number.parseInt(host, 10);
  return first === 0 || first === 127 || host.startsWith("169.254.") || first >= 224;
}

/**
 * As URLs write them: unspecified, loopback and v4-compatible; v4-mapped and -translated; NAT64 with the well-known and the
 * local prefix; link-local; multicast. Zones (`%eth0`) are no Pod's either.
 */
const SPECIAL_IPV6 = /^(?:::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})?)?$|::ffff:|64:ff9b:|fe[89ab]|ff)/;

function isPlainIPv6(host: string): boolean {
  if (!/^[0-9a-f:]+$/i.test(host) || !URL.canParse(`http://[${host}]/`)) return false;
  return !SPECIAL_IPV6.test(new URL(`http://[${host}]/`).hostname.slice(1, -1));
}

function isPodName(host: string): boolean {
  if (host.length > 253) return false;
  const [pod = "", service = "", namespace = "", svc, ...domain] = host.split(".");
  if (pod !== `${service}-0` || svc !== "svc" || domain.length === 0) return false;
  return [pod, service, namespace, ...domain].every((part) => ONE_LABEL.test(part));
}
