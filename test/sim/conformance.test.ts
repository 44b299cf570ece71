import { expect, test } from "bun:test";
import { createSimCluster } from "../../src/sim/index.ts";
import { conformanceCases } from "../conformance/requests.ts";
import { virtualTime } from "./virtual-time.ts";

const time = virtualTime();
const { api } = createSimCluster(time);

test.each(conformanceCases.map((one) => [one.title, one] as const))(
  "the simulated API server: %s",
  async (_title, one) => {
    const request = {
      method: one.method,
      path: one.path.replace("{ns}", "sei"),
      headers: { "content-type": one.contentType ?? "application/json" },
      ...(one.body ? { body: JSON.stringify(one.body) } : {}),
    };
    const reply = await time.until(api.request(request, { deadlineMs: 1000, maxBytes: 1 << 20 }));
    expect(reply.status).toBe(one.status);
    expect(JSON.parse(new TextDecoder().decode(reply.body))).toMatchObject(one.reply);
  },
);
