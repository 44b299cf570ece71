/** What users may rely on stands in the manual, and the manual names nothing else. */
import { CONSENT_ANNOTATIONS, ERROR_CODES, EVENT_REASONS } from "../../src/model/index.ts";
import { CONNECTION_ERRORS } from "../../src/kube/connect/index.ts";
import { describe, expect, test } from "bun:test";
import { cliPage, conditionReasons, crdFile, platformPage, referencePage, tasksPage } from "../../scripts/pages.ts";
import { COMMANDS, envName } from "../../src/config/index.ts";
import { PLATFORM_PATH_ENV } from "../../src/controller/index.ts";
import { PLATFORM_ENV, PLATFORM_INPUTS } from "../../src/seinode/platform/index.ts";
import { MEND, sourcesIn, textOf } from "./sources.ts";

describe("docs/cli.md", () => {
  test("is what the flag table says", async () => {
    expect(await textOf("docs/cli.md"), MEND).toBe(cliPage());
  });

  test("names every command, flag and variable, and no other", async () => {
    const page = await textOf("docs/cli.md");
    const flags = COMMANDS.flatMap((command) => command.flags);
    expect(names(page, /^## tidekeeper (\w+)$/gm)).toEqual(sorted(COMMANDS.map((command) => command.name)));
    expect(names(page, /`(TIDEKEEPER_[A-Z_]+)`/g)).toEqual(sorted(flags.map(envName)));
    expect(names(page, /--([a-z-]*[a-z])/g)).toEqual(sorted(flags.map((flag) => flag.name)));
  });
});

describe("docs/reference.md", () => {
  test("is what the closed sets say", async () => {
    expect(await textOf("docs/reference.md"), MEND).toBe(referencePage());
  });

  test("names every reason and code, and no other", async () => {
    const page = await textOf("docs/reference.md");
    const sets = [conditionReasons(), EVENT_REASONS, ERROR_CODES, CONNECTION_ERRORS, CONSENT_ANNOTATIONS];
    const all = sets.flatMap((set) => Object.keys(set));
    expect(names(page, /^\| `([\w./-]+)` \|/gm)).toEqual(sorted(all));
  });
});

test("docs/tasks.md is what the tasks declare", async () => {
  expect(await textOf("docs/tasks.md"), MEND).toBe(tasksPage());
});

test("config/crd is what the schema says", async () => {
  expect(await textOf("config/crd/sei.io_seinodes.yaml"), MEND).toBe(crdFile());
});

describe("docs/platform.md", () => {
  test("is what the table of inputs says", async () => {
    expect(await textOf("docs/platform.md"), MEND).toBe(platformPage());
  });

  test("names every key and variable, and no other", async () => {
    const page = await textOf("docs/platform.md");
    expect(names(page, /^\| `([a-zA-Z]+\.[\w.]+)` \|/gm)).toEqual(sorted(PLATFORM_INPUTS.map(({ key }) => key)));
    expect(names(page, /`(SEI_[A-Z_]+)`/g)).toEqual(sorted([...PLATFORM_ENV, PLATFORM_PATH_ENV]));
  });
});

test("conditions and drifts of ours have reasons of the closed sets alone", async () => {
  const known = { ...conditionReasons(), ...EVENT_REASONS };
  const files = (await Promise.all(["src/drift", "src/core", "src/model/gate"].map(sourcesIn))).flat();
  const used = files.flatMap(({ text }) =>
    [...text.matchAll(/\breason: "([A-Z]\w+)"|\bverdict\(\s*"\w+",[^,]+,\s*"(\w+)"/g)].map(
      ([, one, other]) => one ?? other ?? "",
    ),
  );
  expect(used.length).toBeGreaterThan(30);
  expect(
    sorted(used).filter((reason) => !Object.hasOwn(known, reason)),
    "declare it with its detector, or in src/model/reasons.ts where it is the loop's",
  ).toEqual([]);
});

test("tasks fail with codes of the closed set alone", async () => {
  const used = (await sourcesIn("src/executor")).flatMap(({ text }) =>
    [...text.matchAll(/\bfail\(\s*"([A-Z_]+)"/g)].map((match) => match[1] ?? ""),
  );
  expect(used.length).toBeGreaterThan(3);
  expect(sorted(used).filter((code) => !Object.keys(ERROR_CODES).includes(code))).toEqual([]);
});

test("every dependency has a line that says why it is there", async () => {
  const manifest: unknown = JSON.parse(await textOf("package.json"));
  const listed = ["dependencies", "devDependencies"].flatMap((kind) =>
    Object.keys(Reflect.get(Object(manifest), kind)),
  );
  const page = await textOf("docs/dependencies.md");
  expect(names(page, /^\| `([^`]+)` \|/gm)).toEqual(sorted(listed));
});

function names(page: string, pattern: RegExp): readonly string[] {
  return sorted([...page.matchAll(pattern)].map((match) => match[1] ?? ""));
}

function sorted(list: readonly string[]): readonly string[] {
  return [...new Set(list)].toSorted();
}
