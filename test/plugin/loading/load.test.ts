/** Loading plugins from files and directories, and every way in which that fails. */
import { expect, test } from "bun:test";
import type { ImportReply, PathFacts } from "../../../src/base/index.ts";
import { loadPlugins, type PluginPorts } from "../../../src/plugin/loading/load.ts";

const FILE: PathFacts = { kind: "file", writableByAnyone: false, sticky: false };
const DIRECTORY: PathFacts = { kind: "directory", writableByAnyone: false, sticky: false };

/** A file system of plugins; what is no reply never finishes loading. */
interface Disk {
  readonly files: Readonly<Record<string, ImportReply | "hangs">>;
  readonly facts?: Readonly<Record<string, PathFacts>>;
}

function portsOver(disk: Disk): PluginPorts {
  const paths = Object.keys(disk.files);
  return {
    absolute: (path) => (path.startsWith("/") ? path : `/p/${path}`),
    async facts(path) {
      const known = disk.facts?.[path];
      if (known !== undefined) return known;
      if (paths.includes(path)) return FILE;
      return paths.some((file) => file.startsWith(`${path}/`)) ? DIRECTORY : null;
    },
    list: async (directory) => paths.map((path) => path.slice(directory.length + 1)),
    async importFile(path) {
      const reply = disk.files[path] ?? "hangs";
      return reply === "hangs" ? new Promise<never>(() => {}) : reply;
    },
    // Time is up only for what hangs: a reply that is there settles first.
    timers: {
      after(_ms, run) {
        let live = true;
        setImmediate(() => live && run());
        return () => {
          live = false;
        };
      },
    },
  };
}

function detector(name: unknown, more: object = {}): ImportReply {
  return { kind: "loaded", exports: { default: { name, detect: () => null, ...more } } };
}

async function problemsOf(paths: readonly string[], disk: Disk): Promise<readonly string[]> {
  const reply = await loadPlugins(paths, ["image-drift"], portsOver(disk));
  return reply.ok ? [] : reply.problems;
}

test("files and directories load in the order given, a directory by name", async () => {
  const disk: Disk = {
    files: {
      "/p/last.ts": detector("last"),
      "/p/all/b.mjs": detector("b"),
      "/p/all/a.ts": detector("a"),
      "/p/all/notes.md": detector("notes"),
      "/p/all/a.d.ts": detector("declared"),
      "/p/all/..data.ts": detector("hidden"),
    },
  };
  const reply = await loadPlugins(["all", "/p/last.ts"], [], portsOver(disk));
  if (!reply.ok) throw new Error(reply.problems.join("\n"));
  expect(reply.plugins.map(({ file, detector: { name } }) => [file, name])).toEqual([
    ["/p/all/a.ts", "a"],
    ["/p/all/b.mjs", "b"],
    ["/p/last.ts", "last"],
  ]);
});

test("a class instance is as good as an object", async () => {
  class Slow {
    readonly name = "slow";
    detect(): null {
      return null;
    }
  }
  expect(
    await problemsOf(["x.ts"], { files: { "/p/x.ts": { kind: "loaded", exports: { default: new Slow() } } } }),
  ).toEqual([]);
});

test.each<[string, ImportReply | "hangs", string]>([
  [
    "a syntax error",
    { kind: "syntax", file: "/p/x.ts", line: 12, message: 'Expected "}"' },
    'plugin /p/x.ts: line 12: Expected "}"',
  ],
  [
    "a syntax error in a file it imports",
    { kind: "syntax", file: "/p/y.ts", line: 2, message: "No" },
    "plugin /p/x.ts: /p/y.ts: line 2: No",
  ],
  [
    "an import that is not there",
    { kind: "unresolved", specifier: "left-pad", file: "/p/x.ts" },
    'plugin /p/x.ts: /p/x.ts: got an import of "left-pad" that is not there. A plugin may import tidekeeper/plugin, its own files and built-in modules',
  ],
  ["code that throws", { kind: "threw", message: "boom" }, "plugin /p/x.ts: threw while loading: boom"],
  ["a top-level await without end", "hangs", "plugin /p/x.ts: still loading after 10s, want top-level code that ends"],
  [
    "no default export",
    { kind: "loaded", exports: {} },
    "plugin /p/x.ts: default export: got none, want a detector with name and detect()",
  ],
  [
    "a function",
    { kind: "loaded", exports: { default: () => null } },
    "plugin /p/x.ts: default export: got something else, want a detector with name and detect()",
  ],
  [
    "no detect()",
    { kind: "loaded", exports: { default: { name: "x" } } },
    "plugin /p/x.ts: default export: got no detect(), want a detector with name and detect()",
  ],
  [
    "a name with capitals",
    detector("My_Drift"),
    'plugin /p/x.ts: default export: name: got "My_Drift", want at most 63 small letters, digits and dashes',
  ],
  [
    "a name that is none",
    detector(7),
    "plugin /p/x.ts: default export: name: got a number, want at most 63 small letters, digits and dashes",
  ],
  [
    "observe that is no function",
    detector("x", { observe: true }),
    "plugin /p/x.ts: default export: observe: got a boolean, want a function",
  ],
  [
    "an observation every millisecond",
    detector("x", { everyMs: 1 }),
    "plugin /p/x.ts: default export: everyMs: got 1, want milliseconds from 100 to 86400000",
  ],
  [
    "the name of a built-in",
    detector("image-drift"),
    'plugin /p/x.ts: got the name "image-drift", which a built-in detector has',
  ],
])("refuses %s", async (_title, reply, problem) => {
  expect(await problemsOf(["x.ts"], { files: { "/p/x.ts": reply } })).toEqual([problem]);
});

test.each<[string, string, Disk, string]>([
  [
    "a missing path",
    "x.ts",
    { files: {} },
    "plugin /p/x.ts: got no such file, want a .ts or .js file or a directory of them",
  ],
  [
    "another kind of file",
    "x.py",
    { files: { "/p/x.py": detector("x") } },
    "plugin /p/x.py: got another kind of file, want .ts, .mts, .js or .mjs",
  ],
  [
    "a socket",
    "s.ts",
    { files: {}, facts: { "/p/s.ts": { ...FILE, kind: "other" } } },
    "plugin /p/s.ts: got neither file nor directory, want a .ts or .js file or a directory of them",
  ],
  [
    "an empty directory",
    "d",
    { files: {}, facts: { "/p/d": DIRECTORY } },
    "plugin /p/d: got a directory without plugins, want .ts or .js files in it",
  ],
  [
    "a file anyone may change",
    "x.ts",
    { files: { "/p/x.ts": detector("x") }, facts: { "/p/x.ts": { ...FILE, writableByAnyone: true } } },
    "plugin /p/x.ts: /p/x.ts: got a path that anyone may write to, want one that others may not. Run chmod o-w on it",
  ],
  [
    "a file in a directory where anyone may swap it",
    "x.ts",
    { files: { "/p/x.ts": detector("x") }, facts: { "/p": { ...DIRECTORY, writableByAnyone: true } } },
    "plugin /p/x.ts: /p: got a path that anyone may write to, want one that others may not. Run chmod o-w on it",
  ],
  [
    "a directory with a file anyone may change",
    "/p/d",
    {
      files: { "/p/d/x.ts": detector("x"), "/p/d/y.ts": detector("y") },
      facts: { "/p/d": DIRECTORY, "/p/d/y.ts": { ...FILE, writableByAnyone: true } },
    },
    "plugin /p/d: /p/d/y.ts: got a path that anyone may write to, want one that others may not. Run chmod o-w on it",
  ],
  [
    "a directory anyone may add to, sticky or not",
    "/p/d",
    {
      files: { "/p/d/x.ts": detector("x") },
      facts: { "/p/d": { ...DIRECTORY, writableByAnyone: true, sticky: true } },
    },
    "plugin /p/d: /p/d: got a path that anyone may write to, want one that others may not. Run chmod o-w on it",
  ],
])("refuses %s", async (_title, path, disk, problem) => {
  expect(await problemsOf([path], disk)).toEqual([problem]);
});

test("a file of ours in a sticky directory such as /tmp is taken: nobody else can swap it", async () => {
  const facts = { "/p": { ...DIRECTORY, writableByAnyone: true, sticky: true } };
  expect(await problemsOf(["x.ts"], { files: { "/p/x.ts": detector("x") }, facts })).toEqual([]);
});

test("a name given twice names both files, and all problems come at once", async () => {
  const files = { "/p/a.ts": detector("x"), "/p/b.ts": detector("x"), "/p/c.ts": detector("") };
  expect(await problemsOf(["a.ts", "b.ts", "c.ts"], { files })).toEqual([
    'plugin /p/c.ts: default export: name: got "", want at most 63 small letters, digits and dashes',
    'plugin /p/b.ts: got the name "x", which /p/a.ts has',
  ]);
});
