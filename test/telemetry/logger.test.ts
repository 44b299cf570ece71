/** Log records: one line each, for programs and for people. */
import { expect, test } from "bun:test";
import { createLogger, type LoggerOptions } from "../../src/telemetry/logger.ts";

const clock = { wall: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
function collect(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const sink = (line: string) => void lines.push(line);
  return { lines, log: createLogger({ level: "info", format: "json", clock, sink, ...options }) };
}

test("a record is one line of JSON", () => {
  const { lines, log } = collect();
  log.with({ node: "chain/a" }).info("Plan stored", { plan: { id: "1" }, tasks: 4 });
  expect(lines).toEqual([
    '{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"Plan stored","node":"chain/a","plan":{"id":"1"},"tasks":4}\n',
  ]);
});

test("a record for people", () => {
  const { lines, log } = collect({ format: "console" });
  log.warn("Sidecar not ready", { node: "chain/a", why: "it answers 503", tasks: 1 });
  expect(lines).toEqual(['03:04:05.678 WARN  Sidecar not ready node=chain/a why="it answers 503" tasks=1\n']);
});

test("what is below the level is not written", () => {
  const { lines, log } = collect({ level: "warn" });
  log.debug("d");
  log.info("i");
  log.warn("w");
  log.error("e");
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["w", "e"]);
});

test.each(["json", "console"] as const)("%s: control characters are written out, the record stays a line", (format) => {
  const { lines, log } = collect({ format });
  log.info("a\nb\u001b[31m", { "k\n": "x\u0007\u202ey\u009b\ud800\u2028" });
  expect(lines.length).toBe(1);
  expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}]/u);
  expect(lines[0]).toEndWith("\n");
});

test("escaped JSON reads back as it was", () => {
  const { lines, log } = collect();
  log.info("x\u202ey\u0085\u{e0001}");
  expect(JSON.parse(lines[0] ?? "").msg).toBe("x\u202ey\u0085\u{e0001}");
});

test("long text is cut, and a record that is still too long keeps its message", () => {
  const { lines, log } = collect();
  log.info("m".repeat(5_000), { a: "x".repeat(1_000_000) });
  log.info("many", Object.fromEntries(Array.from({ length: 100 }, (_none, index) => [`f${index}`, "x".repeat(900)])));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(8_100);
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ msg: "many", truncated: true });
});

test("errors are told without their stack, and what cannot be printed breaks nothing", () => {
  const { lines, log } = collect();
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  log.error("x", { error: new TypeError("bad"), loop, big: 10n, none: undefined, nested: [new Error("in")] });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    error: "TypeError: bad",
    loop: "unprintable",
    big: '"10"',
    none: "undefined",
    nested: ["Error: in"],
  });
});

test("a field cannot pass itself off as the record's own", () => {
  const { lines, log } = collect();
  log.info("true", { level: "error", msg: "false" });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", msg: "true", "field.msg": "false" });
});

test("a change is said once", () => {
  const { lines, log } = collect();
  for (const why of ["refused", "refused", "timeout", "timeout", "refused"]) {
    log.change("chain/a", "warn", "Sidecar unreachable", { why });
  }
  log.change("chain/b", "warn", "Sidecar unreachable", { why: "refused" });
  expect(lines.map((line) => JSON.parse(line).why)).toEqual(["refused", "timeout", "refused", "refused"]);
});
