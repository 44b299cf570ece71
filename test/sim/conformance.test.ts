/** The conformance cases on the simulated API server; test/cluster/sim-conformance.test.ts runs them on a real one. */
import { test } from "bun:test";
import { createSimCluster } from "../../src/sim/cluster.ts";
import { objectIn } from "../../src/sim/json-path.ts";
import { conformanceRun } from "../conformance/door.ts";
import { DENIAL, DENY_LABEL } from "../conformance/removal-requests.ts";
import { conformanceCases } from "../conformance/requests.ts";
import { virtualTime } from "./virtual-time.ts";

const time = virtualTime();
const { api, control } = createSimCluster(time);
const denials = { denial403: `403: ${DENIAL}`, denial422: `422: ${DENIAL}` };
control.admission(({ operation, object }) => {
  if (operation === "DELETE") return null;
  const status = objectIn(object, "metadata", "labels")[DENY_LABEL];
  if (status === "403") return { denied: denials.denial403, status: 403 };
  return status === "422" ? { denied: denials.denial422, status: 422 } : null;
});

const run = conformanceRun(() => ({
  namespace: "sei",
  denials,
  async ask({ method, path, contentType, body }) {
    const headers = { "content-type": contentType ?? "application/json" };
    const request = { method, path, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    if (path.includes("watch=true")) {
      const refused = await time.until(api.stream(request, { deadlineMs: 5000 }));
      let text = "";
      for await (const chunk of refused.body) text += new TextDecoder().decode(chunk);
      return { status: refused.status, json: JSON.parse(text) };
    }
    const reply = await time.until(api.request(request, { deadlineMs: 5000, maxBytes: 1 << 20 }));
    return { status: reply.status, json: JSON.parse(new TextDecoder().decode(reply.body)) };
  },
  async frames(path, count) {
    const ending = new AbortController();
    const limits = { deadlineMs: 1000, signal: ending.signal };
    const stream = await time.until(api.stream({ method: "GET", path: `${path}&watch=true` }, limits));
    let text = "";
    const reading = (async () => {
      for await (const chunk of stream.body) {
        text += new TextDecoder().decode(chunk);
        if (text.split("\n").length > count) return;
      }
    })();
    await time.run(1000);
    await reading;
    ending.abort();
    return text
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  },
  wait: () => time.run(100),
}));

test.each(conformanceCases.map((one) => [one.title, one] as const))("the simulated API server: %s", (_title, one) =>
  run(one),
);
