/** What a shell is offered: all of it from the table of commands and flags, names from the cluster. */
import { expect, test } from "bun:test";
import { COMMANDS, type GetConfig } from "../../src/config/index.ts";
import { complete, completionText, type Names } from "../../src/laptop/complete.ts";
import { completionScript } from "../../src/laptop/completion.ts";

/** Names that tell where they were looked for. */
function names(asked: GetConfig[] = []): Names {
  return {
    nodes(config) {
      asked.push(config);
      return Promise.resolve(["rpc-0", "rpc-1", "val-0"]);
    },
    namespaces: () => Promise.resolve(["sei", "sei-test"]),
  };
}

async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { candidates } = await complete(words, {}, names());
  return candidates.map(({ word }) => word);
}

test("every command, and every flag of each", async () => {
  expect(await offered("")).toEqual(COMMANDS.map(({ name }) => name));
  for (const { name, flags } of COMMANDS) {
    expect(await offered(name, "--"), name).toEqual([...flags.map((flag) => `--${flag.name}`), "--help"]);
  }
});

test.each<[string, readonly string[], readonly string[]]>([
  ["commands that begin so", ["d"], ["demo", "drift", "doctor"]],
  ["names of nodes", ["explain", ""], ["rpc-0", "rpc-1", "val-0"]],
  ["names that begin so", ["drift", "-n", "sei", "rpc-"], ["rpc-0", "rpc-1"]],
  ["a name that was given is not offered again", ["drift", "rpc-0", "rpc-"], ["rpc-1"]],
  ["words of a flag", ["drift", "-o", "j"], ["json"]],
  ["words of a flag behind =", ["drift", "--output=y"], ["--output=yaml"]],
  ["the same as bash cuts it", ["drift", "--output", "=", "y"], ["yaml"]],
  ["the same with nothing behind it", ["drift", "--output", "="], ["table", "wide", "json", "yaml", "name"]],
  ["namespaces", ["get", "--namespace", "sei-"], ["sei-test"]],
  ["shells", ["completion", ""], ["bash", "zsh", "fish"]],
  ["commands of help", ["help", "ex"], ["explain"]],
  ["nothing for an unknown command", ["nope", ""], []],
  ["nothing where nothing is taken", ["manifests", ""], []],
  ["nothing after a flag of free text", ["drift", "-l", ""], []],
])("%s", async (_title, words, wanted) => {
  expect(await offered(...words)).toEqual(wanted);
});

test("names are looked for where the line says", async () => {
  const asked: GetConfig[] = [];
  const words = ["explain", "--context=test", "-n", "sei", "--kubeconfig", "/k", "--plugin", "x.ts", ""];
  await complete(words, { TIDEKEEPER_OUTPUT: "text" }, names(asked));
  expect(asked).toMatchObject([{ kubeconfig: "/k", context: "test", namespace: "sei", isEverywhere: false }]);
});

test("a path is the shell's own business", async () => {
  const found = await complete(["drift", "--plugin", "./"], {}, names());
  expect(completionText(found)).toBe(":0\n");
  expect(
    completionText({
      candidates: [
        { word: "a", about: "b" },
        { word: "c", about: "" },
      ],
      mayBeFile: false,
    }),
  ).toBe("a\tb\nc\n:4\n");
});

test("bash completes with the script", async () => {
  const script = `${completionScript("bash")}
tidekeeper() { printf '%s|' "$@" >&2; printf 'rpc-0\\tabout\\nrpc-1\\n:4\\n'; }
COMP_WORDS=(tidekeeper explain -n sei rp); COMP_CWORD=4
_tidekeeper
echo "\${COMPREPLY[@]}"
`;
  const child = Bun.spawn(["bash", "-c", script.replaceAll("2>/dev/null", "2>&3"), "x"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  expect(await new Response(child.stdout).text()).toBe("rpc-0 rpc-1\n");
});

test.each(["bash", "zsh", "fish"] as const)("the script of %s asks the program", (shell) => {
  expect(completionScript(shell)).toContain("__complete");
});
