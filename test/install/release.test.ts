/** What a release is made with: the workflow is well formed, and the bill of materials names all that is in the binary. */
import { expect, test } from "bun:test";
import { billOfMaterials } from "../../scripts/sbom.ts";
import manifest from "../../package.json" with { type: "json" };
import { textOf } from "../house/sources.ts";
import { describeTools, output, tool } from "./deploy-tools.ts";

const WORKFLOW = ".github/workflows/release.yaml";
const bill: { components: { name: string; version: string; purl: string; hashes?: unknown[] }[] } = JSON.parse(
  JSON.stringify(billOfMaterials()),
);

test("every dependency is in the bill, in its version, with its hash", () => {
  const listed = new Map(bill.components.map(({ name, version }) => [name, version]));
  for (const [name, version] of Object.entries(manifest.dependencies))
    expect([name, listed.get(name)]).toEqual([name, version]);
  expect(listed.get("bun")).toBe(manifest.devDependencies.bun);
  const bare = bill.components.filter(({ name, hashes }) => name !== "bun" && hashes === undefined);
  expect(bare).toEqual([]);
});

test("so is what these need, and nothing that is only for building and testing", () => {
  const names = bill.components.map(({ name }) => name);
  expect(names).toContain("@opentelemetry/core");
  expect(names.filter((name) => /^(?:typescript|oxlint|fast-check)$/.test(name))).toEqual([]);
});

test("scripts that the workflow runs are there, with the pinned Bun", async () => {
  const text = await textOf(WORKFLOW);
  const scripts = [...text.matchAll(/\bscripts\/[\w-]+\.(?:ts|sh)/g)].map(([path]) => path);
  expect(scripts.length).toBeGreaterThan(3);
  for (const path of scripts)
    expect([path, await Bun.file(new URL(`../../${path}`, import.meta.url)).exists()]).toEqual([path, true]);
  expect(text).toContain(`bun@${manifest.devDependencies.bun}`);
});

describeTools("actionlint", () => {
  test("takes the workflow", async () => {
    expect(await output([tool("actionlint"), "-no-color", WORKFLOW])).toBe("");
  });
});
