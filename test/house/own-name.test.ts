/** `src/kube` is a library: it names neither this program nor its resource, not even in a comment. */
import { expect, test } from "bun:test";
import { sourcesIn } from "./sources.ts";

const OURS = /tidekeeper|sei[ -]?node|\bsei\.io\b/gi;

function oursIn(text: string): readonly string[] {
  return [...text.matchAll(OURS)].map(([name]) => name);
}

const files = await sourcesIn("src/kube");

test("there is something to look at", () => {
  expect(files.length).toBeGreaterThan(50);
});

test.each(files.map(({ path, text }) => [path, text] as const))(
  "%s names nothing of ours; whoever composes the rooms passes such names in",
  (_path, text) => {
    expect(oursIn(text)).toEqual([]);
  },
);

test.each<[string, string, readonly string[]]>([
  ["our name in a constant", 'const FIELD_MANAGER = "tidekeeper";', ["tidekeeper"]],
  ["our name in a comment", "/** What Tidekeeper writes. */", ["Tidekeeper"]],
  ["our name in a host name", '"replica.tidekeeper.sei.io/"', ["tidekeeper", "sei.io"]],
  ["our resource", "/** Of a SeiNode, as in `seinodes.sei.io`. */", ["SeiNode", "seinode", "sei.io"]],
  ["nothing where nothing is", "/** Of any object, as in `deployments.apps`. */", []],
])("it sees %s", (_title, text, found) => {
  expect(oursIn(text)).toEqual(found);
});
