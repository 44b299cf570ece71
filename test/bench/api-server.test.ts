/** The CPU of the API server, by /proc. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, test } from "bun:test";
import { apiNote, startClock } from "../../bench/api-server.ts";
import { usageOf } from "../../bench/usage.ts";

const dir = mkdtempSync(`${tmpdir()}/tidekeeper-bench-`);
afterAll(() => rmSync(dir, { recursive: true }));

test("the clock counts the CPU of the process that is named kube-apiserver", () => {
  writeFileSync(`${dir}/pids`, `1 etcd\n${process.pid} kube-apiserver\n1 kwok\n`);
  const used = startClock({ dir });
  const { cpuSeconds } = usageOf(process.pid);
  while (usageOf(process.pid).cpuSeconds < cpuSeconds + 0.1);
  expect(used()).toBeWithin(0.1, 1);
});

test("without an API server nothing is told", () => {
  writeFileSync(`${dir}/pids`, "1 etcd\n");
  expect(() => startClock({ dir })).toThrow("got no kube-apiserver");
});

test("a healing and a patch are told apart", () => {
  expect(apiNote(2, { healings: 100, patches: 200 })).toContain("20 ms a healing, 10 ms a status patch (2 s;");
});
