/** The image on nothing, built without an engine: unpacked, it starts read-only as 65532; built twice, it is the same. */
import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takenAs } from "../cluster/harness/taken-as.ts";
import { cannotRun, smallRoot } from "./small-root.ts";

const ROOT = join(import.meta.dir, "../..");
const SLOW_MS = 120_000;

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

function ran(argv: readonly string[], cwd = ROOT): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...argv], { cwd, stdout: "pipe", stderr: "pipe" });
  if (exitCode !== 0) throw new Error(`${argv.join(" ")}: got exit code ${exitCode}: ${stderr.toString()}`);
  return stdout.toString();
}

describe.skipIf(cannotRun !== null)(`the image${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "tidekeeper-image-"));
  afterAll(() => rm(folder, { recursive: true }));
  const build = (name: string): string => {
    ran([process.execPath, "scripts/image.ts", "--out", join(folder, name)]);
    return join(folder, name);
  };
  const blobAt = (folderOf: string, { digest }: Descriptor): string =>
    join(folderOf, "blobs", digest.replace(":", "/"));
  const json = async <T>(path: string): Promise<T> => takenAs<T>(JSON.parse(await readFile(path, "utf8")));

  /** The layout unpacked, with its one image. */
  const unpack = async () => {
    const layout = join(folder, "layout");
    ran(["mkdir", "-p", layout]);
    ran(["tar", "-xf", build("one.tar"), "-C", layout]);
    const { manifests } = await json<{ manifests: [Descriptor] }>(join(layout, "index.json"));
    const index = await json<{ manifests: [Descriptor & { platform: object }] }>(blobAt(layout, manifests[0]));
    const image = await json<{ config: Descriptor; layers: [Descriptor] }>(blobAt(layout, index.manifests[0]));
    const config = await json<{ config: Record<string, unknown>; rootfs: { diff_ids: string[] } }>(
      blobAt(layout, image.config),
    );
    return { layout, index, image, config };
  };
  let once: ReturnType<typeof unpack> | null = null;
  const unpacked = () => (once ??= unpack());

  test(
    "is a layout whose every blob is what its digest and size say",
    async () => {
      const { layout, index, image } = await unpacked();
      for (const one of [...index.manifests, image.config, ...image.layers]) {
        const bytes = await readFile(blobAt(layout, one));
        expect([bytes.length, `sha256:${createHash("sha256").update(bytes).digest("hex")}`]).toEqual([
          one.size,
          one.digest,
        ]);
      }
      expect(index.manifests[0].platform).toEqual({ architecture: "amd64", os: "linux" });
      // For engines that know no layouts.
      const [old] = await json<{ Config: string; Layers: string[] }[]>(join(layout, "manifest.json"));
      expect(old).toMatchObject({
        Config: `blobs/${image.config.digest.replace(":", "/")}`,
        Layers: [`blobs/${image.layers[0].digest.replace(":", "/")}`],
      });
    },
    SLOW_MS,
  );

  test(
    "starts from what its layer holds, read-only, as 65532, with what its configuration says",
    async () => {
      const { layout, image, config } = await unpacked();
      expect(config.config).toMatchObject({ User: "65532:65532", Entrypoint: ["/tidekeeper"], Cmd: ["run"] });
      const root = await smallRoot({});
      try {
        const layer = blobAt(layout, image.layers[0]);
        ran(["tar", "-xzf", layer, "-C", root.path]);
        const unzipped = Bun.gunzipSync(await Bun.file(layer).bytes());
        expect(config.rootfs.diff_ids).toEqual([`sha256:${createHash("sha256").update(unzipped).digest("hex")}`]);
        expect(
          ran(["find", root.path, "-type", "f", "-printf", "%P %m\n"]).split("\n").filter(Boolean).toSorted(),
        ).toEqual(["etc/ssl/certs/ca-certificates.crt 644", "tidekeeper 755"]);
        const child = root.start(["/tidekeeper", "version"], {
          env: { SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" },
        });
        expect(await new Response(child.stdout).text()).toMatch(/^tidekeeper \d/);
        expect(await child.exited).toBe(0);
        const demo = root.start(["/tidekeeper", "demo", "--speed=20"]);
        expect(await new Response(demo.stdout).text()).toContain("never by hand");
        expect(await demo.exited).toBe(0);
      } finally {
        await root.remove();
      }
    },
    SLOW_MS,
  );

  test(
    "is the same, byte by byte, when it is built twice",
    async () => {
      const [one, other] = [await readFile(build("a.tar")), await readFile(build("b.tar"))];
      expect(one.equals(other)).toBe(true);
    },
    SLOW_MS,
  );

  test(
    "holds a binary that two builds of these sources make the same, byte by byte",
    async () => {
      const builds = ["first", "second"].map((name) => join(folder, name));
      for (const into of builds) {
        const { exitCode, stderr } = Bun.spawnSync(["bash", "scripts/compile.sh"], {
          cwd: ROOT,
          env: { ...process.env, DIST: into, REQUIRE_STATIC: "1" },
          stderr: "pipe",
        });
        expect([exitCode, exitCode === 0 ? "" : stderr.toString()]).toEqual([0, ""]);
      }
      const [one, other] = await Promise.all(builds.map((into) => readFile(join(into, "tidekeeper"))));
      expect(other !== undefined && one?.equals(other)).toBe(true);
    },
    SLOW_MS,
  );

  test("a dynamic binary is refused: nothing that it needs is in the image", () => {
    const said = Bun.spawnSync([process.execPath, "scripts/image.ts", `amd64=${process.execPath}`], { cwd: ROOT });
    expect([said.exitCode, said.stderr.toString()]).toEqual([2, expect.stringContaining("got a dynamic binary")]);
  });
});
