import { expect, test } from "bun:test";
import { describeCluster } from "./harness/describe-cluster.ts";

describeCluster("the test cluster", ({ api, audit, namespace }) => {
  test("answers its administrator over its own CA, and writes down who changed what", async () => {
    const from = audit.offset();
    const name = await namespace();
    expect(await api.get(`/api/v1/namespaces/${name}`)).toMatchObject({ metadata: { name } });
    const [entry] = audit.mutationsSince(from, "test-admin");
    expect(entry).toMatchObject({ verb: "patch", resource: "namespaces", name, code: 201, userAgent: "test-admin" });
  });
});
