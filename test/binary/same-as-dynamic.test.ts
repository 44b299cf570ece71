/** One program as Bun compiled it and linked statically: what it sees of the world is the same. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificate } from "../../scripts/cluster/certificate.ts";
import { nameServer, type NameServer } from "./harness/name-server.ts";
import { cannotRun, compiled, smallRoot, type SmallRoot } from "./small-root.ts";

/** What the dynamic form needs beside it; the static one does not look. */
const LIBRARIES = [
  "/lib64/ld-linux-x86-64.so.2",
  ...["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0"].map((name) => `/lib/x86_64-linux-gnu/${name}`),
];
/** Of this process alone: the port is always 53. */
const NAME_SERVER = `127.${64 + ((process.pid >> 16) & 63)}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
const NAMES = { "pod.tide.test": "127.0.0.1", "a.b.other.test": "127.0.0.2", "a.b.tide.test": "127.0.0.3" };
/** With ndots:5 a name of fewer dots is looked for in the search domains first. */
const ASKED = ["pod", "a.b", "a.b.other.test", "a.b.other.test.", "in-hosts", "nowhere", "localhost"];

interface Seen {
  readonly [part: string]: unknown;
}

describe.skipIf(cannotRun !== null)(`static as dynamic${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  let folder: string;
  let root: SmallRoot;
  let names: NameServer;
  let web: Bun.Server<undefined>;
  let tls: Bun.Server<undefined>;
  let asked: string;
  let fixedPath: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tidekeeper-world-"));
    const { dynamic, fixed } = compiled("programs/world.ts", folder);
    fixedPath = fixed;
    names = await nameServer(NAME_SERVER, NAMES);
    web = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("hello") });
    const authority = await certificate({ name: "authority", days: 1, issuer: null });
    const served = await certificate({ name: "served", hosts: ["127.0.0.1"], days: 1, issuer: authority });
    tls = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { key: served.keyPem, cert: served.certificatePem },
      fetch: () => new Response("over TLS"),
    });
    asked = JSON.stringify({
      names: ASKED,
      webPort: web.port,
      tlsUrl: `https://127.0.0.1:${tls.port}/`,
      ca: authority.certificatePem,
    });
    root = await smallRoot({
      "/dynamic": { from: dynamic },
      "/static": { from: fixed },
      "/etc/resolv.conf": {
        text: `nameserver ${NAME_SERVER}\nsearch tide.test\noptions ndots:5 timeout:2 attempts:1\n`,
      },
      "/etc/hosts": { text: "127.0.0.1 localhost\n127.0.0.9 in-hosts\n" },
      "/etc/passwd": { text: "tide:x:65532:65532:tide:/home/tide:/none\n" },
      ...Object.fromEntries(LIBRARIES.map((path) => [path, { from: path }])),
    });
  }, 60_000);
  afterAll(async () => {
    names.stop();
    await web.stop(true);
    await tls.stop(true);
    await root.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function saidBy(argv: readonly string[], within = root): Promise<Seen> {
    const child = within.start(argv, {
      env: { ASKED: asked, TZ: "Europe/Berlin", LANG: "de_DE.UTF-8" },
    });
    const [out, err, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return JSON.parse(out);
  }

  async function seenBy(path: string): Promise<Seen> {
    const seen = await saidBy([path, "one", "two words"]);
    return { ...seen, questions: names.takeQuestions() };
  }

  test("DNS, hosts, time zones, TLS, workers, children, WebAssembly, users, files, numbers", async () => {
    const [dynamic, fixed] = [await seenBy("/dynamic"), await seenBy("/static")];
    expect(fixed).toEqual(dynamic);
    // And neither of them sees nothing.
    expect(fixed).toMatchObject({
      confined: [
        "Uid:\t65532\t65532\t65532\t65532",
        "Gid:\t65532\t65532\t65532\t65532",
        "CapPrm:\t0000000000000000",
        "CapEff:\t0000000000000000",
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
      ],
      worker: [42, "Europe/Berlin", "Fri Jan 02 1970 01:00:00 GMT+0100 (Central European Standard Time)", 5],
      wasm: 42,
      isDeep: true,
      tls: { trusted: "over TLS" },
      argv: ["one", "two words"],
    });
  }, 60_000);

  test("whatever nsswitch.conf names, the static form looks in files and DNS, and loads no module", async () => {
    const other = await smallRoot({
      "/static": { from: fixedPath },
      "/etc/resolv.conf": { text: `nameserver ${NAME_SERVER}\n` },
      "/etc/nsswitch.conf": { text: "hosts: gone\npasswd: gone\n" },
      "/etc/hosts": { text: "127.0.0.9 in-hosts\n" },
      "/etc/passwd": { text: "tide:x:65532:65532:tide:/home/tide:/none\n" },
    });
    const { resolved, user } = await saidBy(["/static"], other);
    await other.remove();
    names.takeQuestions();
    expect(resolved).toMatchObject({ "getaddrinfo in-hosts": [{ address: "127.0.0.9" }] });
    expect(user).toMatchObject({ homedir: "/home/tide" });
  }, 60_000);

  test("what the static form cannot do, it says: load a native addon", async () => {
    const { message } = await saidBy(["/static", "addon"]);
    expect(message).toContain("this program is statically linked");
  });
});
