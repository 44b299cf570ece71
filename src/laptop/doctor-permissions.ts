/** The doctor on permissions: what we may not do, asked by SelfSubjectAccessReview, and the Role that grants it. */
import { executorRules } from "../executor/index.ts";
import type { RbacRule } from "../model/index.ts";
import { leaseRules, type NamedRule, nodeRules, rivalRules } from "../seinode/crd/index.ts";
import { type Diagnosis, ok, problem, skipped, warning } from "./diagnosis.ts";
import { dataText } from "./output.ts";
import type { Reading } from "./reading.ts";
import { asked } from "./typed-apis.ts";

/** One thing to be permitted. */
interface Wanted {
  readonly group: string;
  /** `resource` or `resource/subresource`. */
  readonly resource: string;
  readonly verb: string;
  /** Null = any object. */
  readonly name: string | null;
  /** Null = in every namespace. */
  readonly namespace: string | null;
}

/** What a command that looks needs besides the reads of a controller. */
const LOOKING: readonly NamedRule[] = [
  { apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"] },
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["list"] },
];
const READS: ReadonlySet<string> = new Set(["get", "list", "watch"]);
/** Asked for only where an admission plugin wants it, or a claim is imported: the first use tells. */
const RARE: ReadonlySet<string> = new Set(["seinodes/finalizers", "persistentvolumes"]);

/** Who is asked about. */
export interface PermissionsOf {
  readonly user: string | null;
  /** Namespace of the controller's Lease. */
  readonly home: string;
  /** What plugins read besides. */
  readonly plugins: readonly RbacRule[];
}

/** Two findings: what looking needs, and what a controller that runs as us would. */
export async function permissionDiagnoses(reading: Reading, of: PermissionsOf): Promise<readonly Diagnosis[]> {
  const inNodes = (rules: readonly NamedRule[]): readonly Wanted[] => wantedBy(rules, reading.namespace);
  const all = inNodes(nodeRules([...executorRules, ...of.plugins])).filter(({ resource }) => !RARE.has(resource));
  const looking = [
    ...all.filter(({ verb, resource }) => READS.has(verb) && resource !== "pods/proxy"),
    ...inNodes(LOOKING),
  ];
  const known = new Set(looking.map(keyOf));
  const acting = [
    ...all.filter((one) => !known.has(keyOf(one)) && one.resource !== "pods/proxy"),
    ...wantedBy(leaseRules(), of.home),
    ...wantedBy(rivalRules(), null),
  ];
  const [toLook, toAct] = await Promise.all([lackingOf(reading, looking), lackingOf(reading, acting)]);
  return [lookDiagnosis(toLook, looking.length), actDiagnosis(toAct, acting.length, of.user)];
}

type Lacking = { readonly lacking: readonly Wanted[]; readonly fault: string | null };

function lookDiagnosis({ lacking, fault }: Lacking, asks: number): Diagnosis {
  const name = "permissions to look";
  if (fault !== null) return skipped(name, `they could not be asked about: ${fault}`);
  if (lacking.length === 0) return ok(name, `all ${asks} that these commands need`);
  return { ...problem(name, sawOf(lacking), GRANT), yaml: roleText(lacking, "tidekeeper-reader") };
}

function actDiagnosis({ lacking, fault }: Lacking, asks: number, user: string | null): Diagnosis {
  const name = "permissions to run";
  if (fault !== null) return skipped(name, `they could not be asked about: ${fault}`);
  if (lacking.length === 0) return ok(name, `all ${asks} that \`run\` needs besides`);
  // A person need not be able to run a controller; a service account is there for it.
  const isController = user?.startsWith("system:serviceaccount:") === true;
  const found = (isController ? problem : warning)(
    name,
    sawOf(lacking),
    isController ? GRANT : `Needed only to run a controller as ${user ?? "this user"}; then apply the Role below.`,
  );
  return { ...found, yaml: roleText(lacking, "tidekeeper-missing") };
}

const GRANT = "Apply the Role below and bind it, or all that `tidekeeper manifests` prints.";
const SHOWN = 4;

function sawOf(lacking: readonly Wanted[]): string {
  const lines = lacking.slice(0, SHOWN).map(({ verb, resource, group, name, namespace }) => {
    const what = `${resource}${group === "" ? "" : `.${group}`}${name === null ? "" : ` "${name}"`}`;
    return `${verb} ${what} in ${namespace === null ? "every namespace" : `namespace ${namespace}`}`;
  });
  return `got a refusal for ${lines.join(", ")}${lacking.length > SHOWN ? `, and ${lacking.length - SHOWN} more` : ""}`;
}

function wantedBy(rules: readonly NamedRule[], namespace: string | null): readonly Wanted[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [null] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) => resourceNames.map((name) => ({ group, resource, verb, name, namespace }))),
      ),
    ),
  );
}

function keyOf({ group, resource, verb, name }: Wanted): string {
  return `${verb} ${resource}.${group} ${name ?? ""}`;
}

async function lackingOf(reading: Reading, all: readonly Wanted[]): Promise<Lacking> {
  const { authorization } = await reading.apis();
  const answers = await Promise.all(
    all.map(async (wanted) => {
      const { group, verb, name, namespace } = wanted;
      const [resource = "", subresource] = wanted.resource.split("/");
      const resourceAttributes = {
        group,
        verb,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(name === null ? {} : { name }),
        ...(namespace === null ? {} : { namespace }),
      };
      const review = await asked(
        authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } }),
      );
      return { wanted, review };
    }),
  );
  // An authorizer that could not judge says so; that is no refusal.
  const lacking = answers.flatMap(({ wanted, review }) =>
    review.ok && review.value.status?.allowed === false && !review.value.status.evaluationError ? [wanted] : [],
  );
  const failed = answers.find(({ review }) => !review.ok)?.review;
  return { lacking, fault: failed === undefined || failed.ok ? null : failed.fault.why };
}

/** The Roles that grant it, one for each namespace, or a ClusterRole. */
export function roleText(lacking: readonly Wanted[], name: string): string {
  const places = Map.groupBy(lacking, ({ namespace }) => namespace);
  return [...places]
    .map(([namespace, wanted]) => {
      const kind = namespace === null ? "ClusterRole" : "Role";
      const metadata = namespace === null ? { name } : { name, namespace };
      return dataText({ apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata, rules: rulesOf(wanted) }, "yaml");
    })
    .join("---\n");
}

function rulesOf(wanted: readonly Wanted[]): readonly NamedRule[] {
  const groups = Map.groupBy(wanted, ({ group, resource, name }) => JSON.stringify([group, resource, name]));
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const verbs = [...new Set(same.map(({ verb }) => verb))];
    const named = first.name === null ? {} : { resourceNames: [first.name] };
    return [{ apiGroups: [first.group], resources: [first.resource], ...named, verbs }];
  });
}
