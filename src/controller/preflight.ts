/** What we may not do but would have to, asked of the API server before anything is done. */
import type { Access, KubeClient } from "../kube/client/index.ts";
import { executorRules } from "../executor/index.ts";
import { EVENTS, leaseRules, type NamedRule, nodeRules, VOLUMES } from "../seinode/crd/index.ts";

/** What this run will do, and where. */
export interface PreflightOptions {
  readonly client: KubeClient;
  /** False: nothing is changed but the conditions. */
  readonly acts: boolean;
  readonly route: "direct" | "apiserver";
  /** Null = every namespace. */
  readonly namespace: string | null;
  /** Where the Leases stand, and for how many shards; null = there are none. */
  readonly leases: { readonly namespace: string; readonly shards: number } | null;
  readonly signal: AbortSignal;
}

/** For all reviews together: a server that does not answer is the business of what comes after. */
const DEADLINE_MS = 5000;

/**
 * A line for each permission that is certainly missing. A review that could not be made proves nothing and is passed
 * over, so a server that is away or forbids reviews stops nobody.
 */
export async function missingPermissions(options: PreflightOptions): Promise<readonly string[]> {
  const { client, signal } = options;
  const lacking = await Promise.all(
    needed(options).map(async (access) => {
      const review = await client.accessReview(access, { deadlineMs: DEADLINE_MS, signal });
      return review.ok && !review.value ? [access] : [];
    }),
  );
  return toldTogether(lacking.flat());
}

const READS: ReadonlySet<string> = new Set(["get", "list", "watch"]);

function needed({ acts, route, namespace, leases }: PreflightOptions): readonly Access[] {
  const isNeeded = (resource: string, verb: string): boolean => {
    // Only where an admission plugin asks for it, and then the first write tells.
    if (resource.endsWith("/finalizers")) return false;
    // Only where a claim is imported, and no Role can grant it: the condition of such a node tells.
    if (resource === VOLUMES) return false;
    // Only where no Pod comes, and then the node's condition tells.
    if (resource === EVENTS && verb === "list") return false;
    if (resource === "pods/proxy") return route === "apiserver" && (acts || verb === "get");
    if (acts || READS.has(verb)) return true;
    // In observe mode conditions and Events are written, if the Lease says that nobody else does.
    return leases !== null && (resource.endsWith("/status") || resource === "events");
  };
  const ofNodes = accesses(nodeRules(executorRules), namespace).filter(({ resource, verb }) =>
    isNeeded(resource, verb),
  );
  return leases === null ? ofNodes : [...ofNodes, ...accesses(leaseRules(leases.shards), leases.namespace)];
}

function accesses(rules: readonly NamedRule[], namespace: string | null): readonly Access[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [null] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) => resourceNames.map((name) => ({ verb, group, resource, namespace, name }))),
      ),
    ),
  );
}

/** Where a verb is missing on many objects, the first of them stands for all. */
function toldTogether(lacking: readonly Access[]): readonly string[] {
  const groups = Map.groupBy(lacking, ({ verb, group, resource }) => `${verb} ${group} ${resource}`);
  return [...groups.values()].flatMap(([first, ...more]) => (first === undefined ? [] : [lineOf(first, more.length)]));
}

function lineOf({ verb, group, resource, namespace, name }: Access, more: number): string {
  const named = name === null ? "" : ` "${name}"${more === 0 ? "" : ` and ${more} more`}`;
  const what = `${resource}${group === "" ? "" : `.${group}`}${named}`;
  const where = namespace === null ? "every namespace" : `namespace ${namespace}`;
  return `permission: ${verb} ${what}: got a refusal, want it in ${where}. Apply what \`tidekeeper manifests\` prints`;
}
