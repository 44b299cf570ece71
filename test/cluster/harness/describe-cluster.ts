/** The one way into tests of a real cluster: skipped by name where there is none, a failure where one is required. */
import { afterAll, describe, test } from "bun:test";
import { type Cluster, cluster, clusterFolder } from "./cluster.ts";

/** A fleet of thousands takes its time. */
const CLEAN_UP_MS = 90_000;
const FETCH = "REQUIRE_CLUSTER=1 npx --yes bun@1.4.5 run test";

/**
 * Tests that need a real API server.
 *
 * Without one they are skipped by name, with the command that fetches one; where `REQUIRE_CLUSTER=1` is
 * set that is a failure. Namespaces that the tests asked for are deleted after the last of them.
 */
export function describeCluster(name: string, body: (cluster: Cluster) => void): void {
  const here = cluster();
  if (clusterFolder() !== null) {
    describe(name, () => {
      body(here);
      afterAll(() => here.cleanUp(), CLEAN_UP_MS);
    });
  } else if (process.env["REQUIRE_CLUSTER"] === "1") {
    test(`${name}: a real API server is required`, () => {
      throw new Error(`no test cluster: TIDEKEEPER_TEST_CLUSTER: is not set, want a folder. Run: ${FETCH}`);
    });
  } else {
    describe.skip(`${name} (needs a real API server: ${FETCH})`, () => body(here));
  }
}
