/**
 * Builds the image on nothing without a Docker engine: dist/tidekeeper-image.tar, an OCI layout that `docker load` takes.
 * usage: bun scripts/image.ts [--out FILE] [--name NAME] [amd64=BINARY] [arm64=BINARY]
 * Binaries have to be static; they are also put where packaging/*.Dockerfile looks for them, dist/image/PROCESSOR.
 * Without binaries: dist/tidekeeper for this machine's processor. CERTIFICATES names the list of CAs, else the system's.
 */
import { chmod } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { loaderOf, readElf } from "./static-link/elf.ts";
import { imageArchive, type ImagePart } from "./image/oci.ts";

const here = process.arch === "arm64" ? "arm64" : "amd64";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "dist/tidekeeper-image.tar" },
    name: { type: "string", default: `tidekeeper:${manifest.version}` },
  },
});

function refuse(problem: string): never {
  console.error(`image: ${problem}`);
  process.exit(2);
}

async function partOf(given: string): Promise<ImagePart> {
  const [, architecture, path = ""] = /^(amd64|arm64)=(.+)$/.exec(given) ?? [];
  if (architecture !== "amd64" && architecture !== "arm64") {
    return refuse(`argument: got "${given}", want amd64=BINARY or arm64=BINARY`);
  }
  const found = Bun.file(path);
  if (!(await found.exists())) return refuse(`${path}: got no file, want the static binary. Run: bun run compile`);
  const binary = await found.bytes();
  if (loaderOf(readElf(path, binary)) !== "") {
    return refuse(
      `${path}: got a dynamic binary, want a static one: nothing else is in the image. Run: REQUIRE_STATIC=1 bun run compile`,
    );
  }
  return { architecture, binary };
}

/** SOURCE_DATE_EPOCH, else the commit's time. */
function epoch(): number {
  const given =
    process.env["SOURCE_DATE_EPOCH"] ?? Bun.spawnSync(["git", "log", "-1", "--format=%ct"]).stdout.toString();
  return /^\d+\s*$/.test(given) ? Number(given) : 0;
}

const certificates = process.env["CERTIFICATES"] ?? "/etc/ssl/certs/ca-certificates.crt";
if (!(await Bun.file(certificates).exists())) {
  refuse(`${certificates}: got no file, want a list of CAs. Install ca-certificates, or name one in CERTIFICATES`);
}
const parts = await Promise.all((positionals.length === 0 ? [`${here}=dist/tidekeeper`] : positionals).map(partOf));
const commit = Bun.spawnSync(["git", "rev-parse", "HEAD"]).stdout.toString().trim();
const archive = imageArchive({
  parts,
  certificates: await Bun.file(certificates).bytes(),
  version: manifest.version,
  commit: commit === "" ? "unknown" : commit,
  epochSeconds: epoch(),
  name: values.name,
});
await Bun.write(values.out, archive);
for (const { architecture, binary } of parts) {
  const path = join(dirname(values.out), "image", architecture, "tidekeeper");
  await Bun.write(path, binary);
  await chmod(path, 0o755);
}
console.log(`${values.out}: ${parts.map(({ architecture }) => architecture).join(", ")}, ${archive.length} bytes`);
