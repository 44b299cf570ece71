/** One line for one cause, however many nodes it befalls. */
import { expect, test } from "bun:test";
import { type Befallen, type CauseLog, causeLog } from "../../src/telemetry/cause-log.ts";

function setUp() {
  const records: (readonly [string, Readonly<Record<string, unknown>>])[] = [];
  const write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    void records.push([message, fields]);
  const due: (() => void)[] = [];
  const timers = {
    after(_ms: number, run: () => void) {
      due.push(run);
      return () => void due.splice(due.indexOf(run), 1);
    },
  };
  const log: CauseLog = causeLog({ log: { debug: write, info: write, warn: write, error: write }, timers });
  const minute = (): void => {
    for (const run of due.splice(0)) run();
  };
  return { records, log, minute, due };
}

const refused = (node: string, what = "the status patch was refused: quota"): Befallen => ({
  level: "error",
  message: "Failed",
  node,
  fields: { what },
});

test("one cause for a thousand nodes is a line at once and a line a minute, until a minute without it", () => {
  const { records, log, minute, due } = setUp();
  for (let index = 0; index < 1000; index += 1) log.tell(refused(`sei/node-${index}`));
  expect(records).toEqual([["Failed", { node: "sei/node-0", what: "the status patch was refused: quota" }]]);
  minute();
  for (let index = 0; index < 500; index += 1) log.tell(refused(`sei/node-${index}`));
  minute();
  expect(records.slice(1).map(([, fields]) => fields)).toEqual([
    { nodes: 999, names: ["sei/node-1", "sei/node-2", "sei/node-3"], what: "the status patch was refused: quota" },
    { nodes: 500, names: ["sei/node-0", "sei/node-1", "sei/node-2"], what: "the status patch was refused: quota" },
  ]);
  minute();
  expect([records.length, due.length]).toEqual([3, 0]);
  log.tell(refused("sei/node-7"));
  expect(records[3]?.[1]).toEqual({ node: "sei/node-7", what: "the status patch was refused: quota" });
});

test("one node that goes on failing is told of once a minute", () => {
  const { records, log, minute } = setUp();
  for (let round = 0; round < 3; round += 1) {
    for (let index = 0; index < 10; index += 1) log.tell({ ...refused("sei/node-1"), own: { nextTry: `${index}` } });
    minute();
  }
  expect(records.map(([, { node, nextTry }]) => `${String(node)} ${String(nextTry)}`)).toEqual([
    "sei/node-1 0",
    "sei/node-1 9",
    "sei/node-1 9",
    "sei/node-1 9",
  ]);
});

test.each([
  ["name", (index: number) => `seinodes.sei.io "validator-${index}" is forbidden`],
  ["Pod", (index: number) => `Pod validator-${index}-0: not found`],
  ["path", (index: number) => `GET https://10.0.0.1/api/v1/namespaces/sei-${index}/pods/validator-${index}: no`],
  ["address", (index: number) => `dial 10.0.3.${index}:7777: connection refused`],
])("a text that holds the node's %s is one cause", (_what, text) => {
  const { records, log, minute } = setUp();
  for (let index = 0; index < 9; index += 1) log.tell(refused(`sei-${index}/validator-${index}`, text(index)));
  minute();
  expect(records.map(([, { nodes = 1 }]) => nodes)).toEqual([1, 8]);
});

test("other causes are told apart", () => {
  const { records, log } = setUp();
  log.tell(refused("sei/node-1", "quota"));
  log.tell(refused("sei/node-1", "policy"));
  log.tell({ ...refused("sei/node-1", "policy"), message: "Other" });
  expect(records.length).toBe(3);
});

test("a flood of causes is told as one, with a word about it", () => {
  const { records, log, minute } = setUp();
  for (let index = 0; index < 1000; index += 1) log.tell(refused("sei/node-1", "x".repeat(index + 1)));
  expect(records.length).toBeLessThanOrEqual(101);
  minute();
  expect(records.at(-1)?.[1]["note"]).toBe("of many causes at once, the last");
});

test("what is told once of a node is told again after something else, or when it is over", () => {
  const { records, log, minute } = setUp();
  const waits = (why: string): void => log.tell({ ...refused("sei/node-1", why), once: "sei/node-1" });
  for (let round = 0; round < 4; round += 1) {
    waits("no Pod");
    minute();
  }
  expect(records.length).toBe(1);
  waits("no image");
  waits("no Pod");
  minute();
  minute();
  log.forget("sei/node-1");
  waits("no Pod");
  expect(records.map(([, { what }]) => what)).toEqual(["no Pod", "no image", "no Pod", "no Pod"]);
});

test("its end tells what was gathered, and leaves no timer", () => {
  const { records, log, due } = setUp();
  for (const node of ["sei/node-1", "sei/node-2", "sei/node-3"]) log.tell(refused(node));
  log.stop();
  expect([records.length, due.length, records[1]?.[1]["nodes"]]).toEqual([2, 0, 2]);
});

test("a node that got over it before the minute is up is not told of as if it still stood", () => {
  const { records, log, minute } = setUp();
  for (const node of ["sei/node-1", "sei/node-2", "sei/node-3"]) log.tell(refused(node, "no Pod"));
  log.forget("sei/node-2");
  log.forget("sei/node-3");
  minute();
  expect(records.map(([, { what }]) => what)).toEqual(["no Pod"]);
});
