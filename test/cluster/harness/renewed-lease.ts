/** A Lease that somebody renews, who does nothing else. */
import type { AdminApi } from "./admin-api.ts";

/** Begins to renew it; the result ends that and takes it away. */
export async function renewLease(
  api: AdminApi,
  place: { readonly namespace: string; readonly name: string },
  annotations: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const spec = () => ({
    holderIdentity: "somebody-0",
    leaseDurationSeconds: 15,
    renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
  });
  const renew = () =>
    api.apply({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { ...place, annotations },
      spec: spec(),
    });
  await renew();
  const over = new AbortController();
  const renewing = (async () => {
    while (!over.signal.aborted) {
      await Bun.sleep(1000);
      if (!over.signal.aborted) await renew();
    }
  })();
  return async () => {
    over.abort();
    await renewing;
    await api.remove(`/apis/coordination.k8s.io/v1/namespaces/${place.namespace}/leases/${place.name}`);
  };
}
