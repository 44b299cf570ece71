/** A token that is read from a file. */
import { expect, test } from "bun:test";
import { fileToken, type ConnectionPorts } from "../../../src/kube/connect/connection.ts";
import { VirtualTime } from "../../fixtures/virtual-time.ts";

function tokenFile() {
  const time = new VirtualTime();
  const file = { text: "one\n" as string | null, reads: 0 };
  const ports: ConnectionPorts = {
    env: {},
    clock: time.clock,
    homeDirectory: "/",
    readFile: async () => {
      file.reads += 1;
      return file.text;
    },
    fileMode: async () => null,
    exec: () => Promise.reject(new Error("nothing to run")),
    certificateEnd: () => null,
    keyFits: () => "fits",
    isTerminal: { stdin: false, stderr: false },
  };
  return { time, file, authorization: fileToken("/token", ports) };
}

test("a token is read again after 60 s, and at once after a 401", async () => {
  const { time, file, authorization } = tokenFile();
  expect(await authorization(false)).toBe("Bearer one");
  file.text = "two";
  expect([await authorization(false), file.reads]).toEqual(["Bearer one", 1]);
  expect([await authorization(true), file.reads]).toEqual(["Bearer two", 2]);
  file.text = "three";
  time.advance(60_000);
  expect([await authorization(false), file.reads]).toEqual(["Bearer three", 3]);
});

test("requests that are refused at once share one reading", async () => {
  const { file, authorization } = tokenFile();
  await authorization(false);
  file.text = "two";
  const tokens = await Promise.all(Array.from({ length: 50 }, () => authorization(true)));
  expect([new Set(tokens), file.reads]).toEqual([new Set(["Bearer two"]), 2]);
});

test("a token that is gone for a moment is no reason to go without", async () => {
  const { file, authorization } = tokenFile();
  await authorization(false);
  file.text = null;
  expect(await authorization(true)).toBe("Bearer one");
});
