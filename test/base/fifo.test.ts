/** First come, first served. */
import { expect, test } from "bun:test";
import { Fifo, type FifoMember } from "../../src/base/fifo.ts";

interface Member extends FifoMember<Member> {
  readonly name: string;
}

function listOf(...names: string[]) {
  const list = new Fifo<Member>();
  const members = names.map((name): Member => ({ name, before: null, after: null }));
  for (const member of members) list.push(member);
  const rest = (): string[] => {
    const left: string[] = [];
    for (let member = list.shift(); member !== null; member = list.shift()) left.push(member.name);
    return left;
  };
  return { list, members, rest };
}

test("who came first goes first", () => {
  const { list, rest } = listOf("a", "b", "c");
  expect([list.size, list.first?.name]).toEqual([3, "a"]);
  expect(rest()).toEqual(["a", "b", "c"]);
  expect([list.size, list.first]).toEqual([0, null]);
});

test.each([
  [0, ["b", "c"]],
  [1, ["a", "c"]],
  [2, ["a", "b"]],
])("member %d leaves, the others keep their order", (index, left) => {
  const { list, members, rest } = listOf("a", "b", "c");
  const member = members[index];
  if (member !== undefined) list.remove(member);
  expect(list.size).toBe(2);
  expect(rest()).toEqual(left);
});

test("who left may come again, as the last", () => {
  const { list, rest } = listOf("a", "b");
  const first = list.shift();
  if (first !== null) list.push(first);
  expect(rest()).toEqual(["b", "a"]);
});
