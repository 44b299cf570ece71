/** An image on nothing, as an OCI layout: the static binary, CA certificates, and an index over processors. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { tar, type TarEntry } from "./tar.ts";

/** What goes into an image for one processor. */
export interface ImagePart {
  readonly architecture: "amd64" | "arm64";
  readonly binary: Uint8Array;
}

/** What all of them have in common. */
export interface ImageOptions {
  readonly parts: readonly ImagePart[];
  readonly certificates: Uint8Array;
  readonly version: string;
  readonly commit: string;
  /** Unix time that everything carries: of the commit, so that two builds of it are the same. */
  readonly epochSeconds: number;
  /** Name that `docker load` gives it. */
  readonly name: string;
}

interface Blob {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

const CERTIFICATES = "etc/ssl/certs/ca-certificates.crt";
const OCI = "application/vnd.oci.image";

/** The layout as one tar archive, for `docker load`, `skopeo copy oci-archive:` and the like. */
export function imageArchive(options: ImageOptions): Uint8Array {
  const images = options.parts.map((part) => imageOf(part, options));
  const index = jsonBlob({
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: images.map(({ manifest, part }) => ({
      ...described(`${OCI}.manifest.v1+json`, manifest),
      platform: { architecture: part.architecture, os: "linux" },
    })),
  });
  const reference = { ...described(`${OCI}.index.v1+json`, index), annotations: annotations(options) };
  const blobs = [index, ...images.flatMap(({ manifest, config, layer }) => [manifest, config, layer])];
  const files: TarEntry[] = [
    file("oci-layout", { imageLayoutVersion: "1.0.0" }),
    file("index.json", { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests: [reference] }),
    // What engines before OCI layouts read: one processor's.
    file(
      "manifest.json",
      images.slice(0, 1).map((image) => legacy(image, options.name)),
    ),
    { name: "blobs", mode: 0o755, bytes: null },
    { name: "blobs/sha256", mode: 0o755, bytes: null },
    ...unique(blobs).map(({ digest, bytes }) => ({ name: pathOf(digest), mode: 0o644, bytes })),
  ];
  return tar(files, options.epochSeconds);
}

interface Image {
  readonly part: ImagePart;
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layer: Blob;
}

function imageOf(part: ImagePart, options: ImageOptions): Image {
  const unpacked = tar(
    [
      ...["etc", "etc/ssl", "etc/ssl/certs"].map((name) => ({ name, mode: 0o755, bytes: null })),
      { name: CERTIFICATES, mode: 0o644, bytes: options.certificates },
      { name: "tidekeeper", mode: 0o755, bytes: part.binary },
    ],
    options.epochSeconds,
  );
  const layer = blob(new Uint8Array(gzipSync(unpacked)));
  const config = jsonBlob(configOf(part, digestOf(unpacked), options));
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: described(`${OCI}.config.v1+json`, config),
    layers: [described(`${OCI}.layer.v1.tar+gzip`, layer)],
  });
  return { part, manifest, config, layer };
}

function configOf({ architecture }: ImagePart, diffId: string, options: ImageOptions): object {
  return {
    created: new Date(options.epochSeconds * 1000).toISOString(),
    architecture,
    os: "linux",
    config: {
      User: "65532:65532",
      Entrypoint: ["/tidekeeper"],
      Cmd: ["run"],
      // The runtime has Mozilla's list of some day in it; with this it reads the newer one.
      Env: [`SSL_CERT_FILE=/${CERTIFICATES}`],
      WorkingDir: "/",
      Labels: labels(options),
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created: new Date(options.epochSeconds * 1000).toISOString(), created_by: "scripts/image.ts" }],
  };
}

function labels({ version, commit }: ImageOptions): Readonly<Record<string, string>> {
  return {
    "org.opencontainers.image.title": "tidekeeper",
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.revision": commit,
    "org.opencontainers.image.licenses": "Apache-2.0",
  };
}

function annotations({ version, name }: ImageOptions): Readonly<Record<string, string>> {
  return { "org.opencontainers.image.ref.name": version, "io.containerd.image.name": name };
}

function legacy({ config, layer }: Image, name: string): object {
  return { Config: pathOf(config.digest), RepoTags: [name], Layers: [pathOf(layer.digest)] };
}

function described(mediaType: string, { digest, bytes }: Blob): object {
  return { mediaType, digest, size: bytes.length };
}

function pathOf(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function blob(bytes: Uint8Array): Blob {
  return { digest: digestOf(bytes), bytes };
}

function jsonBlob(content: unknown): Blob {
  return blob(new TextEncoder().encode(JSON.stringify(content)));
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function unique(blobs: readonly Blob[]): readonly Blob[] {
  return [...new Map(blobs.map((one) => [one.digest, one])).values()];
}

function file(name: string, content: unknown): TarEntry {
  return { name, mode: 0o644, bytes: new TextEncoder().encode(JSON.stringify(content)) };
}
