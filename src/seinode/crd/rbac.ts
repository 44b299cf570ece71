/** The permissions that `run` needs, and no more. */
import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import { GROUP, isEqual, PLURAL, type RbacRule } from "../../model/index.ts";
import { type AsJson, type JsonObject } from "../../base/index.ts";

/** A rule that may be bound to objects by name. */
export interface NamedRule extends RbacRule {
  readonly resourceNames?: readonly string[];
}

/**
 * Our Lease. Created by server-side apply, so that its name can stand in a rule: such a request is authorised as
 * `patch` and, where the object is new, as `create` too, both by name (tried); a POST has no name to be held to.
 */
export const LEASE_NAME = "tidekeeper.sei.io";
/** Lease of one of several shards. */
export function shardLeaseName(shard: number): string {
  return `shard-${shard}.${LEASE_NAME}`;
}
/** Lease of the reference's manager: looked at, never written. */
export const REFERENCE_LEASE_NAME = "bc1f5b0a.sei.io";

/** Belong to no namespace, and are read only where a claim is imported. */
export const VOLUMES = "persistentvolumes";

/** Ours are created; those of a StatefulSet are read where no Pod comes. */
export const EVENTS = "events";

/**
 * Rules in the namespaces of the nodes: what the mirrors and the node itself need, and `more`, which is what tasks and
 * detectors declare. What `more` asks of a resource that has a rule already goes into that rule.
 */
export function nodeRules(more: readonly RbacRule[]): readonly NamedRule[] {
  return more.reduce<readonly NamedRule[]>(withRule, [
    // `patch` is for the finalizer alone.
    { apiGroups: [GROUP], resources: [PLURAL], verbs: ["get", "list", "watch", "patch"] },
    { apiGroups: [GROUP], resources: [`${PLURAL}/status`], verbs: ["patch"] },
    // Owner references that block deletion need it where the admission plugin for them is on (OpenShift).
    { apiGroups: [GROUP], resources: [`${PLURAL}/finalizers`], verbs: ["update"] },
    { apiGroups: ["apps"], resources: ["statefulsets"], verbs: READS },
    { apiGroups: [""], resources: ["services"], verbs: READS },
    // The bootstrap's: gone, with its Service, before the node itself starts.
    { apiGroups: ["batch"], resources: ["jobs"], verbs: READS },
    { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: READS },
    { apiGroups: [""], resources: ["pods"], verbs: READS },
    // Only for `--sidecar-transport apiserver`: the probes.
    { apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"] },
    // `list` tells why no Pod comes; without it, that alone is not told.
    { apiGroups: ["events.k8s.io"], resources: [EVENTS], verbs: ["create", "patch", "list"] },
  ]);
}

const READS = ["get", "list", "watch"] as const;
/** The order in which verbs that are added stand. */
const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"];

function withRule(rules: readonly NamedRule[], { apiGroups, resources, verbs }: RbacRule): readonly NamedRule[] {
  const same = rules.findIndex((rule) => isEqual([rule.apiGroups, rule.resources], [apiGroups, resources]));
  const known = rules[same];
  if (known === undefined) return [...rules, { apiGroups, resources, verbs }];
  const added = verbs
    .filter((verb) => !known.verbs.includes(verb))
    .toSorted((a, b) => VERBS.indexOf(a) - VERBS.indexOf(b));
  return rules.with(same, { ...known, verbs: [...known.verbs, ...added] });
}

/** Rules in the namespace of the Leases; with more than one shard each has a Lease of its own. */
export function leaseRules(shards = 1): readonly NamedRule[] {
  const at = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  const ofShards = shards === 1 ? [] : Array.from({ length: shards }, (_one, shard) => shardLeaseName(shard));
  return [
    { ...at, resourceNames: [LEASE_NAME, ...ofShards], verbs: ["get", "list", "watch", "create", "patch"] },
    { ...at, resourceNames: [REFERENCE_LEASE_NAME], verbs: ["get", "list", "watch"] },
  ];
}

/**
 * Rules in every namespace: of two who look after the same nodes one must keep away, wherever its Lease is. That serves
 * list and watch across namespaces with the field selector `metadata.name` (tried), and shows no other Lease.
 */
export function rivalRules(): readonly NamedRule[] {
  const names = [LEASE_NAME, REFERENCE_LEASE_NAME];
  return [
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], resourceNames: names, verbs: ["list", "watch"] },
  ];
}

/** Whose permissions, and where. */
export interface RbacOptions {
  /** Namespace of the controller and its Leases. */
  readonly namespace: string;
  /** 1 unless given. */
  readonly shards?: number;
  /** What tasks and detectors need besides. */
  readonly rules: readonly RbacRule[];
}

/** ServiceAccount, ClusterRole, Role and their bindings. */
export function rbac(options: RbacOptions): readonly JsonObject[] {
  const { namespace } = options;
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace }];
  const leases = `${NAME}-lease`;
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: NAME, namespace },
    } satisfies AsJson<V1ServiceAccount>,
    {
      apiVersion: API,
      kind: "ClusterRole",
      rules: copiesOf([...nodeRules(options.rules), ...rivalRules()]),
      metadata: { name: NAME },
    } satisfies AsJson<V1ClusterRole>,
    {
      apiVersion: API,
      kind: "ClusterRoleBinding",
      // Installs side by side have the ClusterRole in common; a binding is each one's own.
      metadata: { name: `${NAME}-${namespace}` },
      roleRef: { apiGroup: API_GROUP, kind: "ClusterRole", name: NAME },
      subjects,
    } satisfies AsJson<V1ClusterRoleBinding>,
    {
      apiVersion: API,
      kind: "Role",
      rules: copiesOf(leaseRules(options.shards)),
      metadata: { name: leases, namespace },
    } satisfies AsJson<V1Role>,
    {
      apiVersion: API,
      kind: "RoleBinding",
      metadata: { name: leases, namespace },
      roleRef: { apiGroup: API_GROUP, kind: "Role", name: leases },
      subjects,
    } satisfies AsJson<V1RoleBinding>,
  ];
}

function copiesOf(rules: readonly NamedRule[]) {
  return rules.map((item) => ({ ...item })) satisfies AsJson<V1PolicyRule[]>;
}

const NAME = "tidekeeper";
const API_GROUP = "rbac.authorization.k8s.io";
const API = `${API_GROUP}/v1`;
