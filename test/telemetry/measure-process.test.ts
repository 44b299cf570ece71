/** What the process takes, as metrics. */
import { expect, test } from "bun:test";
import { processUsage } from "../../src/host/index.ts";
import { createInstruments } from "../../src/telemetry/instruments.ts";
import { measureProcess } from "../../src/telemetry/measure-process.ts";
import { prometheusText } from "../../src/telemetry/prometheus-text.ts";

test("CPU goes up by what is new; what cannot be read has no series", () => {
  const instruments = createInstruments();
  const usage = { cpuSeconds: 1, residentBytes: 1024, startSeconds: 5, openFiles: 7, maxFiles: null };
  const measure = measureProcess(instruments, () => usage);
  measure();
  usage.cpuSeconds = 1.5;
  measure();
  const lines = prometheusText(instruments, []).split("\n");
  expect(lines.filter((line) => line.startsWith("process_"))).toEqual([
    "process_cpu_seconds_total 1.5",
    "process_resident_memory_bytes 1024",
    "process_start_time_seconds 5",
    "process_open_fds 7",
  ]);
});

test("this process takes some of everything", () => {
  const { cpuSeconds, residentBytes, startSeconds, openFiles, maxFiles } = processUsage();
  expect(cpuSeconds).toBeGreaterThan(0);
  expect(residentBytes).toBeGreaterThan(1e6);
  expect(Math.abs(Date.now() / 1000 - startSeconds)).toBeLessThan(3600);
  if (process.platform !== "linux") return;
  expect(openFiles).toBeGreaterThan(2);
  expect(maxFiles).toBeGreaterThan(openFiles ?? 0);
});
