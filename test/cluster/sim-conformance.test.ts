import { beforeAll, test } from "bun:test";
import { seiNodeCrd } from "../../src/seinode/crd.ts";
import { conformanceRun } from "../conformance/door.ts";
import { conformanceCases } from "../conformance/requests.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { takenAs } from "./harness/taken-as.ts";

describeCluster("a real API server answers as the simulated one", ({ api, namespace }) => {
  let space = "";
  beforeAll(async () => {
    space = await namespace();
    await api.apply(takenAs<KubeObject>(seiNodeCrd()));
    const nodes = `/apis/sei.io/v1alpha1/namespaces/${space}/seinodes`;
    await eventually("the CRD to be served", async () => (await api.request("GET", nodes)).status === 200);
  });
  const run = conformanceRun(() => ({
    namespace: space,
    ask: ({ method, path, body, contentType }) => api.request(method, path, body, contentType),
    async frames(path, count) {
      const ending = new AbortController();
      const seen: unknown[] = [];
      for await (const event of api.watch(path, ending.signal)) {
        seen.push(event);
        if (seen.length >= count) break;
      }
      ending.abort();
      return seen;
    },
    wait: () => Bun.sleep(100),
  }));

  test.each(conformanceCases.map((one) => [one.title, one] as const))("%s", (_title, one) => run(one), 30_000);
});
