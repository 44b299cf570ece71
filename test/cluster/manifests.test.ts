/** What `tidekeeper manifests` prints, on a real API server: stored as printed, so that a second apply changes nothing. */
import { expect, test } from "bun:test";
import { allManifests } from "../../src/cli/index.ts";
import { USUAL_PARTS } from "../../src/config/index.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { takenAs } from "./harness/taken-as.ts";

/** Without those of the Prometheus Operator, whose kinds this cluster has not. */
const PARTS = [...USUAL_PARTS, "network-policy", "dashboard"] as const;
const PRINTED = allManifests({
  namespace: "printed",
  image: "registry.example/tidekeeper:1",
  shards: 3,
  plugins: { "mine.ts": "export default { name: 'mine', detect: () => null };\n" },
  parts: PARTS,
});

describeCluster("the printed manifests on a real API server", ({ api }) => {
  test.each(PRINTED.map((object) => [takenAs<KubeObject>(object).kind, takenAs<KubeObject>(object)] as const))(
    "%s",
    async (_kind, object) => {
      const first = await api.apply(object);
      // Field by field: what a GitOps tool compares are the fields that it was given.
      expect(first).toMatchObject(object);
      const path = await api.pathOf(object);
      const isUnmoved = async (): Promise<boolean> => {
        const before = await api.get(path);
        const again = await api.apply(object);
        // Only the spec moves the generation, and no controller touches it.
        expect(again.metadata.generation).toBe(first.metadata.generation);
        return again.metadata.resourceVersion === before?.metadata.resourceVersion;
      };
      // A Deployment's controller stamps and counts beside us, for a while; an apply that changes something does so each time.
      await eventually("a second apply that changes nothing", isUnmoved);
    },
  );
});
