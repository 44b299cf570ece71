/** What `tidekeeper manifests` prints, on a real API server: stored as printed, so that a second apply changes nothing. */
import { expect, test } from "bun:test";
import { allManifests } from "../../src/cli/manifests.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { takenAs } from "./harness/taken-as.ts";

const PRINTED = allManifests({ namespace: "printed", image: "registry.example/tidekeeper:1", shards: 3 });

describeCluster("the printed manifests on a real API server", ({ api }) => {
  test.each(PRINTED.map((object) => [takenAs<KubeObject>(object).kind, takenAs<KubeObject>(object)] as const))(
    "%s",
    async (_kind, object) => {
      const first = await api.apply(object);
      // Field by field: what a GitOps tool compares are the fields that it was given.
      expect(first).toMatchObject(object);
      const again = await api.apply(object);
      expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion ?? "");
    },
  );
});
