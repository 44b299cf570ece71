/** Image references as texts: which mean the same image. */
import { expect, test } from "bun:test";
import { isImageApplied, isSameImage } from "../../src/model/image-reference.ts";

const digest = (letter: string): string => `@sha256:${letter.repeat(64)}`;

test.each<[string, string, boolean]>([
  ["sei", "sei:latest", true],
  ["sei", "docker.io/library/sei", true],
  ["docker.io/library/sei:latest", "sei", true],
  ["org/sei:1", "docker.io/org/sei:1", true],
  [`sei:1${digest("a")}`, `docker.io/library/sei:1${digest("a")}`, true],
  ["localhost/sei", "localhost/sei:latest", true],
  ["registry:5000/sei", "registry:5000/sei:latest", true],
  ["sei:1", "sei:2", false],
  ["sei:1", "mirror.local/sei:1", false],
  ["a.example/sei:1", "b.example/sei:1", false],
  ["registry:5000/sei", "registry/sei", false],
  ["sei:1", `sei:1${digest("a")}`, false],
  [`sei:1${digest("a")}`, `sei:1${digest("b")}`, false],
  ["", "sei", false],
])("%s and %s are one image: %p", (a, b, want) => {
  expect([isSameImage(a, b), isSameImage(b, a)]).toEqual([want, want]);
});

test.each<[string, string, boolean]>([
  [`sei:1${digest("a")}`, "sei:1", true],
  [`docker.io/library/sei:latest${digest("a")}`, "sei", true],
  ["sei:1", `sei:1${digest("a")}`, false],
  [`sei:1${digest("b")}`, `sei:1${digest("a")}`, false],
  [`mirror.local/sei:1${digest("a")}`, "sei:1", false],
])("%s is what was applied as %s: %p", (told, applied, want) => {
  expect(isImageApplied(told, applied)).toBe(want);
});
