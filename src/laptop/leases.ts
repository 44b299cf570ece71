/** Who holds the Leases that say who acts: ours, wherever it stands, those of shards, and that of the reference's manager. */
import type { V1Lease } from "@kubernetes/client-node";
import { type Scope, scopeOf } from "../controller/index.ts";
import { LEASE_NAME, REFERENCE_LEASE_NAME, shardLeaseName } from "../seinode/crd/index.ts";
import type { Reading } from "./reading.ts";
import { type Asked, asked, type Fault, timeOf, type TypedApis } from "./typed-apis.ts";

/** One Lease as it was seen. */
export interface SeenLease {
  readonly namespace: string;
  readonly name: string;
  /** Empty when nobody holds it. */
  readonly holder: string;
  /** Seconds since its holder renewed it, by the clock of the API server; null when it does not say. */
  readonly renewedAgo: number | null;
  /** It was renewed within the time that it says its holder may be silent. */
  readonly isAlive: boolean;
  /** Null where it does not say: every node, as far as is known. */
  readonly scope: Scope | null;
}

/** All that could be seen. */
export interface SeenLeases {
  readonly ours: readonly SeenLease[];
  readonly reference: readonly SeenLease[];
  /** What may not be looked at everywhere; null when all of it may. */
  readonly fault: Fault | null;
}

/** Where the controller is installed unless somebody says otherwise. */
export const USUAL_NAMESPACE = "tidekeeper-system";

/** Looks at them once. `namespace`: where to look too, should everywhere be forbidden; null = the usual place. */
export async function seeLeases(reading: Reading, namespace: string | null): Promise<SeenLeases> {
  const { coordination } = await reading.apis();
  const home = namespace ?? USUAL_NAMESPACE;
  const [ours, reference] = await Promise.all([
    listed(coordination, LEASE_NAME, [home, reading.connection.namespace ?? home]),
    listed(coordination, REFERENCE_LEASE_NAME, [home]),
  ]);
  const at = serverTime(reading);
  const seen = (leases: readonly V1Lease[]): SeenLease[] => leases.map((lease) => seenLease(lease, at));
  const mine = seen(ours.leases);
  // Where replicas share the nodes out, each shard has a Lease beside the one that they have in common.
  const first = mine.length === 0 ? null : await shards(coordination, mine);
  return {
    ours: [...mine, ...(first === null ? [] : seen(first))],
    reference: seen(reference.leases),
    fault: ours.fault ?? reference.fault,
  };
}

/** The time by the API server's clock, Unix milliseconds. */
export function serverTime({ world, aheadMs }: Pick<Reading, "world" | "aheadMs">): number {
  return world.clock.wall() - (aheadMs() ?? 0);
}

async function listed(
  api: TypedApis["coordination"],
  name: string,
  otherwise: readonly string[],
): Promise<{ readonly leases: readonly V1Lease[]; readonly fault: Fault | null }> {
  const fieldSelector = `metadata.name=${name}`;
  const everywhere = await asked(api.listLeaseForAllNamespaces({ fieldSelector }));
  if (everywhere.ok) return { leases: everywhere.value.items, fault: null };
  const reads = [...new Set(otherwise)].map((namespace) =>
    asked(api.listNamespacedLease({ namespace, fieldSelector })),
  );
  const found = (await Promise.all(reads)).flatMap((one) => (one.ok ? one.value.items : []));
  return { leases: found, fault: everywhere.fault };
}

async function shards(api: TypedApis["coordination"], known: readonly SeenLease[]): Promise<readonly V1Lease[]> {
  const namespaces = [...new Set(known.map(({ namespace }) => namespace))];
  const names = Array.from({ length: MAX_SHARDS }, (_one, shard) => shardLeaseName(shard));
  const read = async (namespace: string): Promise<readonly V1Lease[]> => {
    const leases: V1Lease[] = [];
    for (const name of names) {
      const one: Asked<V1Lease> = await asked(api.readNamespacedLease({ namespace, name }));
      if (!one.ok) break;
      leases.push(one.value);
    }
    return leases;
  };
  return (await Promise.all(namespaces.map(read))).flat();
}

const MAX_SHARDS = 64;
const USUAL_SECONDS = 15;

function seenLease({ metadata, spec }: V1Lease, at: number): SeenLease {
  const renewed = timeOf(spec?.renewTime);
  const renewedAgo = renewed === null ? null : (at - renewed) / 1000;
  const seconds = spec?.leaseDurationSeconds ?? USUAL_SECONDS;
  return {
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    holder: spec?.holderIdentity ?? "",
    renewedAgo,
    isAlive: renewedAgo !== null && renewedAgo < seconds + CUT_SECONDS,
    scope: scopeOf(metadata?.annotations ?? {}),
  };
}

/** The time of a reply is to the second, and a renewal is on its way for a moment. */
const CUT_SECONDS = 2;
