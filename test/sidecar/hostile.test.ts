/** Answers of sidecars that mean no good. */
import { afterEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { direct, gate, never, reply } from "./scripted.ts";
import { jsonWith, ONE_LINE, RUNS, text } from "../fixtures/hostile.ts";

afterEach(() => expect("polluted" in {}).toBe(false));

const runs = { numRuns: RUNS };

describe("a sidecar's replies", () => {
  const tasks = jsonWith("id", "type", "status", "submittedAt", "mark-ready", "mark-not-ready", "error");
  const status = fc.oneof(
    fc.constantFrom(200, 201, 204, 301, 307, 400, 401, 404, 500, 503),
    fc.integer({ min: 100, max: 999 }),
  );

  test("are a gate that is open, a gate that is proven shut, or no evidence told in a line", async () => {
    await fc.assert(
      fc.asyncProperty(
        status,
        text,
        status,
        fc.oneof(
          tasks.map((value) => JSON.stringify(value)),
          text,
        ),
        async (code, body, listCode, list) => {
          const { sidecar } = direct(gate(reply(code, body), reply(listCode, list)));
          const health = await sidecar.health(never);
          if (health.state === "ready") return expect(code).toBe(200);
          if (health.state === "notReady") return expect([code, body, listCode]).toEqual([503, "", 200]);
          return expect(health.cause).toMatch(ONE_LINE);
        },
      ),
      runs,
    );
  });

  test("to a task are an acceptance of that very task, or are told in a line", async () => {
    const id = "bfc1314a-0b03-5197-8db4-1b7f37264be3";
    const answers = fc.oneof(
      text,
      tasks.map((value) => JSON.stringify(value)),
      fc.constant(JSON.stringify({ id })),
    );
    await fc.assert(
      fc.asyncProperty(status, answers, async (code, body) => {
        const { sidecar } = direct(reply(code, body));
        const said = await sidecar.submit({ id, type: "mark-ready" }, never);
        if (said.kind === "accepted") return expect([code, body.includes(id)]).toEqual([201, true]);
        return expect(JSON.stringify(said)).toMatch(/^[^\p{Cc}\u202e]+$/u);
      }),
      runs,
    );
  });
});
