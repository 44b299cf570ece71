/** Prints what is in the binary as a CycloneDX bill of materials: the packages it takes from the lockfile, and the runtime. */
import lock from "../bun.lock";
import manifest from "../package.json" with { type: "json" };

/** One thing that is in the binary. */
interface Component {
  readonly type: "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: "SHA-512"; readonly content: string }[];
}

/** An entry of the lockfile: `name@version`, registry, what it needs, hash. */
type Entry = readonly [string, string?, { readonly dependencies?: Readonly<Record<string, string>> }?, string?];

/** The bill. Nothing in it depends on the day. */
export function billOfMaterials(): object {
  const packages: Readonly<Record<string, Entry>> = Object(lock).packages;
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", "bom-ref": "tidekeeper", name: "tidekeeper", version: manifest.version },
    },
    components: [runtime(), ...needed(packages).map((name) => component(packages[name]))],
  };
}

/** Names of all that the program's own dependencies need, sorted. */
function needed(packages: Readonly<Record<string, Entry>>): readonly string[] {
  const found = new Set<string>();
  const open = Object.keys(manifest.dependencies);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const entry = packages[name];
    if (entry === undefined) throw new Error(`bun.lock: got no ${name}, want every dependency. Run bun install`);
    found.add(name);
    open.push(...Object.keys(entry[2]?.dependencies ?? {}));
  }
  return [...found].toSorted((one, other) => one.localeCompare(other));
}

function component(entry: Entry | undefined): Component {
  const [, name = "", version = ""] = /^(.+)@([^@]+)$/.exec(entry?.[0] ?? "") ?? [];
  const sha = /^sha512-(.+)$/.exec(entry?.[3] ?? "")?.[1];
  const content = sha === undefined ? null : Buffer.from(sha, "base64").toString("hex");
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    ...(content === null ? {} : { hashes: [{ alg: "SHA-512", content }] }),
  };
}

function runtime(): Component {
  const version = manifest.devDependencies.bun;
  const purl = `pkg:npm/bun@${version}`;
  return { type: "platform", "bom-ref": purl, name: "bun", version, purl };
}

if (import.meta.main) console.log(JSON.stringify(billOfMaterials(), null, 2));
