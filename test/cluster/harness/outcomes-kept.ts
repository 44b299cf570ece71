/** A changed CRD is served a moment after it was stored. */
import type { AdminApi } from "./admin-api.ts";
import { eventually } from "./eventually.ts";

/** Waits until a status patch of that SeiNode keeps `outcomes`, or drops them; nothing is written. */
export async function untilOutcomesAre(api: AdminApi, node: string, are: "kept" | "dropped"): Promise<void> {
  await eventually(`the CRD under which outcomes are ${are}`, async () => {
    const path = `${node}/status?dryRun=All`;
    const reply = await api.request("PATCH", path, { status: { outcomes: ["a"] } }, "application/merge-patch+json");
    return reply.status === 200 && reply.text.includes('"outcomes":["a"]') === (are === "kept");
  });
}
