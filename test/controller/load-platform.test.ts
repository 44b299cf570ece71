/** Where the platform's inputs are read from. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPlatform } from "../../src/controller/load-platform.ts";
import { files } from "../../src/host/index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidekeeper-platform-"));
  await Bun.write(join(folder, "good.yaml"), "storage: {sizeDefault: 20Gi, classDefault: gp3}\n");
  await Bun.write(join(folder, "bad.yaml"), "storage: {sizeDefault: big}\nimage: {}\n");
  await Bun.write(join(folder, "large.yaml"), `# ${"x".repeat(1024 * 1024)}`);
  await Bun.write(join(folder, "edge.yaml"), `#${"x".repeat(1024 * 1024 - 1)}`);
  await mkdir(join(folder, "folder"));
  await symlink(join(folder, "loop.yaml"), join(folder, "loop.yaml"));
});
afterAll(() => rm(folder, { recursive: true }));

async function loaded(platformConfig: string | null, env: Record<string, string> = {}) {
  const at = (path: string): string => join(folder, path);
  const named = env["SEI_CONTROLLER_CONFIG"];
  const given = named === undefined ? env : { ...env, SEI_CONTROLLER_CONFIG: at(named) };
  const config = { platformConfig: platformConfig === null ? null : at(platformConfig) };
  const came = await loadPlatform(config, { env: given, files });
  const bare = (lines: readonly string[]): readonly string[] => lines.map((line) => line.replaceAll(folder, ""));
  if (!came.ok) return { problems: bare(came.problems) };
  return { size: came.platform.roles.node.size, notes: bare(came.notes), warnings: bare(came.warnings) };
}

describe("the platform", () => {
  test("without a file is the environment's", async () => {
    const env = { SEI_STORAGE_SIZE_DEFAULT: "30Gi" };
    expect(await loaded(null, env)).toEqual({ size: "30Gi", notes: [], warnings: [] });
  });

  const good = {
    size: "20Gi",
    notes: ["/good.yaml: read"],
    warnings: ["/good.yaml: not used by this version: storage.classDefault"],
  };
  test.each<[string, string | null, Record<string, string>, object]>([
    ["comes from the file that the flag names", "good.yaml", {}, good],
    ["or that the reference's variable names", null, { SEI_CONTROLLER_CONFIG: "good.yaml" }, good],
    ["the flag wins over the variable", "good.yaml", { SEI_CONTROLLER_CONFIG: "bad.yaml" }, good],
    [
      "a missing file of the reference's variable is an empty one",
      null,
      { SEI_CONTROLLER_CONFIG: "none.yaml" },
      {
        size: "10Gi",
        notes: ["/none.yaml: no such file, which SEI_CONTROLLER_CONFIG allows: nothing is configured by file"],
        warnings: [],
      },
    ],
    [
      "a missing file of the flag is a mistake, beside those of the environment",
      "none.yaml",
      { SEI_NODEPOOL_NAME: "no pool" },
      {
        problems: [
          "platform config: read /none.yaml: got no such file, want one that can be read",
          'SEI_NODEPOOL_NAME: got "no pool", want a label value',
        ],
      },
    ],
    [
      "every mistake of both comes at once",
      "bad.yaml",
      { SEI_RESOURCE_CPU_ARCHIVE: "many" },
      {
        problems: [
          '/bad.yaml:1:24: storage.sizeDefault: got "big", want a size such as 2000Gi',
          "/bad.yaml:2:1: image: got an unknown key, want one that docs/platform.md lists. Did you mean images?",
          'SEI_RESOURCE_CPU_ARCHIVE: got "many", want a quantity such as 4, 500m or 32Gi',
        ],
      },
    ],
    [
      "a folder cannot be read",
      "folder",
      {},
      { problems: ["platform config: read /folder: got EISDIR, want a file that can be read"] },
    ],
    [
      "nor can a link to itself, also where it may be missing",
      null,
      { SEI_CONTROLLER_CONFIG: "loop.yaml" },
      { problems: ["platform config: read /loop.yaml: got ELOOP, want a file that can be read"] },
    ],
    [
      "a file of more than 1 MiB is none",
      "large.yaml",
      {},
      { problems: ["platform config: read /large.yaml: got more than 1048576 bytes, want a smaller file"] },
    ],
    ["one of exactly 1 MiB is read", "edge.yaml", {}, { size: "10Gi", notes: ["/edge.yaml: read"], warnings: [] }],
  ])("%s", async (_title, flag, env, want) => {
    const came: unknown = await loaded(flag, env);
    expect(came).toEqual(want);
  });
});
