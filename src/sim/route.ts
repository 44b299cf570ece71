/** What an API path means. */
import { type Resource, resources } from "./resource.ts";

/** A path, read. `name` null = the collection. */
export type Route =
  | {
      readonly kind: "object";
      readonly resource: Resource;
      readonly namespace: string | null;
      readonly name: string | null;
      readonly status: boolean;
      readonly query: URLSearchParams;
    }
  | {
      readonly kind: "proxy";
      readonly namespace: string;
      readonly pod: string;
      readonly port: number;
      readonly rest: string;
    }
  | { readonly kind: "accessReview" | "health" | "version" | "unknown" }
  | { readonly kind: "discovery"; readonly group: string; readonly version: string };

const objectPath =
  /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/;
const proxyPath = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/(?:http:)?([^/:]+)(?::(\d+))?\/proxy(\/[^?]*)?$/;

/** Reads `path` with its query. */
export function routeOf(path: string): Route {
  const cut = path.indexOf("?");
  const bare = (cut < 0 ? path : path.slice(0, cut)).replaceAll("%3A", ":");
  const search = cut < 0 ? "" : path.slice(cut);
  const proxy = proxyPath.exec(bare);
  if (proxy) {
    const [, namespace = "", pod = "", port = "80", rest = "/"] = proxy;
    return { kind: "proxy", namespace, pod, port: Number(port), rest: `${rest}${search}` };
  }
  if (["/livez", "/readyz", "/healthz"].includes(bare)) return { kind: "health" };
  if (bare === "/version") return { kind: "version" };
  if (/^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews$/.test(bare)) return { kind: "accessReview" };
  const group = /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))$/.exec(bare);
  if (group) return { kind: "discovery", group: group[2] ?? "", version: group[1] ?? group[3] ?? "" };
  return objectRoute(bare, new URLSearchParams(search));
}

function objectRoute(bare: string, query: URLSearchParams): Route {
  const match = objectPath.exec(bare);
  if (!match) return { kind: "unknown" };
  const [, core, group = "", version, namespace, plural, name, sub] = match;
  const resource = resources.find(
    (one) => one.plural === plural && one.group === group && one.version === (core ?? version),
  );
  if (!resource || (sub !== undefined && (sub !== "status" || !resource.hasStatus))) return { kind: "unknown" };
  const decoded = name === undefined ? null : decodeURIComponent(name);
  return { kind: "object", resource, namespace: namespace ?? null, name: decoded, status: sub === "status", query };
}
