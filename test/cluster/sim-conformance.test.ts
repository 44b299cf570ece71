import { beforeAll, expect, test } from "bun:test";
import { conformanceCases } from "../conformance/requests.ts";
import { describeCluster } from "./harness/describe-cluster.ts";

describeCluster("a real API server answers as the simulated one", (cluster) => {
  let namespace = "";
  beforeAll(async () => {
    namespace = await cluster.namespace();
  });

  test.each(conformanceCases.map((one) => [one.title, one] as const))("%s", async (_title, one) => {
    const path = one.path.replace("{ns}", namespace);
    const reply = await cluster.api.request(one.method, path, one.body, one.contentType);
    expect(reply.status).toBe(one.status);
    expect(reply.json).toMatchObject(one.reply);
  });
});
