/** The store: versions, lists, replies, listeners. */
import { beforeAll, describe, expect, test } from "bun:test";

import { compareVersions } from "../../../src/kube/client/index.ts";
import { createStore, type StoreChange } from "../../../src/kube/store/store.ts";

interface Thing {
  readonly name: string;
  readonly version: string;
  readonly owner: string | null;
  readonly uid: string;
}

const thing = (name: string, version: string | number, owner: string | null = null, uid = `${name}-1`): Thing => ({
  name,
  version: String(version),
  owner,
  uid,
});

let packed = false;

function held() {
  const store = createStore<Thing>({
    packed,
    keyOf: ({ name }) => name,
    versionOf: ({ version }) => version,
    uidOf: ({ uid }) => uid,
    indexBy: ({ owner }) => owner,
  });
  const told: string[] = [];
  store.reader.subscribe(({ type, key, object, from }: StoreChange<Thing>) =>
    told.push(`${from} ${type} ${key}@${object.version}`),
  );
  return { ...store, told };
}

const names = (things: readonly Thing[]) => things.map(({ name }) => name).sort();

describe("versions", () => {
  test.each([
    ["5", "5", "equal"],
    ["9", "10", "older"],
    ["10", "9", "newer"],
    ["99999999999999999998", "99999999999999999999", "older"],
    ["abc", "abc", "equal"],
    ["abc", "10", "unknown"],
    ["010", "9", "unknown"],
    ["", "1", "unknown"],
  ] as const)("%s to %s is %s", (left, right, order) => {
    expect(compareVersions(left, right)).toBe(order);
  });
});

describe.each([
  ["as they are", false],
  ["packed", true],
])("store of objects %s", (_title, isPacked) => {
  beforeAll(() => {
    packed = isPacked;
  });

  test("is synced by its first whole list, even an empty one", () => {
    const { reader, writer } = held();
    writer.upsert(thing("a", 1));
    expect(reader.synced).toBe(false);
    writer.replace([], "2");
    expect(reader.synced).toBe(true);
  });

  test("a new list tells of what is gone, new and changed, and of nothing else", () => {
    const { reader, writer, told } = held();
    writer.replace([thing("stays", 1), thing("changes", 2), thing("goes", 3)], "5");
    told.length = 0;
    writer.replace([thing("stays", 1), thing("changes", 7), thing("comes", 8)], "9");
    expect(told.sort()).toEqual(["list added comes@8", "list deleted goes@3", "list updated changes@7"]);
    expect(names([...reader.values()])).toEqual(["changes", "comes", "stays"]);
  });

  test("a listener sees the whole new list, never half of it", () => {
    const { reader, writer } = held();
    const sizes: number[] = [];
    reader.subscribe(() => sizes.push(reader.size));
    writer.replace([thing("a", 1), thing("b", 2), thing("c", 3)], "3");
    expect(sizes).toEqual([3, 3, 3]);
  });

  test("a list may go back in versions, as after a restored backup", () => {
    const { reader, writer } = held();
    writer.replace([thing("a", 100)], "100");
    writer.replace([thing("a", 40)], "50");
    expect(reader.get("a")?.version).toBe("40");
  });

  test("a reply enters at once, and its echo from the watch is no second change", () => {
    const { reader, writer, accept, told } = held();
    writer.replace([thing("a", 1)], "1");
    told.length = 0;
    expect(accept(thing("a", 2))).toBe(true);
    writer.upsert(thing("a", 2));
    expect(reader.get("a")?.version).toBe("2");
    expect(told).toEqual(["reply updated a@2"]);
  });

  test.each<[string, (store: ReturnType<typeof held>) => void]>([
    ["an older event of the watch", ({ writer }) => writer.upsert(thing("a", 2))],
    ["the deletion of an earlier object of that name", ({ writer }) => writer.remove("a", thing("a", 3))],
    ["a list begun before the write", ({ writer }) => writer.replace([thing("a", 2)], "4")],
    ["a list begun before the creation", ({ writer }) => writer.replace([], "4")],
    ["an older reply", ({ accept }) => void accept(thing("a", 4))],
  ])("a reply is not undone by %s", (_title, act) => {
    const store = held();
    store.writer.replace([thing("a", 1)], "1");
    store.accept(thing("a", 5));
    act(store);
    expect(store.reader.get("a")?.version).toBe("5");
  });

  test("what the watch tells of a write of ours is an echo until it has been told", () => {
    const { writer, accept } = held();
    writer.replace([thing("a", 1)], "1");
    accept(thing("a", 5));
    expect([
      writer.takeOwnWriteEcho("a", "6"),
      writer.takeOwnWriteEcho("b", "5"),
      writer.takeOwnWriteEcho("a", "5"),
    ]).toEqual([false, false, true]);
    expect(writer.takeOwnWriteEcho("a", "5")).toBe(false);
    accept(thing("a", 7));
    writer.advance("7");
    expect(writer.takeOwnWriteEcho("a", "7")).toBe(false);
  });

  test.each<[string, (store: ReturnType<typeof held>) => void]>([
    [
      "an echo",
      ({ accept, writer }) => {
        accept(thing("a", 8));
        writer.takeOwnWriteEcho("a", "8");
      },
    ],
    ["an event", ({ writer }) => writer.upsert(thing("a", 8))],
  ])("nor one that was deleted without its last state being known, after %s", (_title, tell) => {
    const store = held();
    store.writer.replace([thing("a", 1)], "1");
    tell(store);
    store.writer.remove("a", null);
    expect([store.accept(thing("a", 7)), store.reader.get("a")]).toEqual([false, null]);
  });

  test("what the watch told of since is no longer kept from a list for a reply's sake, nor taken for an echo", () => {
    const { reader, writer, accept } = held();
    writer.replace([], "1");
    accept(thing("a", 5));
    writer.upsert(thing("a", 6));
    accept(thing("b", 7));
    writer.remove("b", thing("b", 8));
    expect(writer.takeOwnWriteEcho("b", "7")).toBe(false);
    writer.replace([], "4");
    expect(reader.get("a")).toBeNull();
  });

  test("a late reply does not bring a deleted object back", () => {
    const { reader, writer, accept, told } = held();
    writer.replace([thing("a", 1)], "1");
    writer.remove("a", thing("a", 6));
    expect(accept(thing("a", 5))).toBe(false);
    expect(reader.get("a")).toBeNull();
    expect(told.at(-1)).toBe("watch deleted a@6");
  });

  test("an object that a reply brought and the watch has passed leaves with the next list", () => {
    const { reader, writer, accept } = held();
    writer.replace([], "1");
    accept(thing("a", 5));
    writer.advance("8");
    writer.replace([], "4");
    expect(reader.get("a")).toBeNull();
  });

  test("a reply whose version cannot be compared is left to the watch", () => {
    const { reader, writer, accept } = held();
    writer.replace([thing("a", "x1")], "x1");
    expect(accept(thing("a", "x2"))).toBe(false);
    writer.upsert(thing("a", "x2"));
    expect(reader.get("a")?.version).toBe("x2");
  });

  test("a read that finds nothing takes out the object it was sent for, and no later one of its name", () => {
    const { reader, writer, accept, told } = held();
    writer.replace([thing("a", 1), thing("b", 1), thing("c", 1)], "1");
    // Deleted and made again while the read was on its way: by the watch, and by the reply to a creation.
    writer.remove("a", thing("a", 2));
    writer.upsert(thing("a", 3, null, "a-2"));
    writer.remove("b", thing("b", 4));
    accept(thing("b", 5, null, "b-2"));
    writer.absent("a", "a-1");
    writer.absent("b", "b-1");
    expect(names([...reader.values()])).toEqual(["a", "b", "c"]);
    // One that has only changed meanwhile is the one that is gone.
    writer.upsert(thing("c", 6));
    writer.absent("c", "c-1");
    expect([reader.get("c"), told.at(-1)]).toEqual([null, "watch deleted c@6"]);
    // Nothing was known when the read was sent: what is there now came later.
    writer.upsert(thing("d", 7));
    writer.absent("d", null);
    expect(reader.has("d")).toBe(true);
  });

  test("what a read did not find is not brought back by what watch, list and replies still tell of it", () => {
    const { reader, writer, accept } = held();
    writer.replace([thing("a", 1, null, "a-1")], "1");
    accept(thing("a", 5, null, "a-1"));
    writer.absent("a", "a-1");
    // The watch is late: it has yet to tell of changes before the deletion, one of them newer than what was held.
    writer.upsert(thing("a", 3, null, "a-1"));
    writer.upsert(thing("a", 6, null, "a-1"));
    expect([reader.get("a"), accept(thing("a", 7, null, "a-1"))]).toEqual([null, false]);
    // So may be a list that was begun before.
    writer.replace([thing("a", 6, null, "a-1"), thing("b", 1)], "6");
    expect(names([...reader.values()])).toEqual(["b"]);
    writer.upsert(thing("a", 7, null, "a-1"));
    writer.remove("a", thing("a", 8, null, "a-1"));
    expect(reader.has("a")).toBe(false);
    // The next one of the name is another object.
    writer.upsert(thing("a", 9, null, "a-2"));
    expect(reader.get("a")).toEqual(thing("a", 9, null, "a-2"));
  });

  test("what a read did not find is followed by another of its name, with or without its deletion being told", () => {
    const { reader, writer, accept } = held();
    for (const [key, version, come] of [
      ["a", 4, (): void => writer.upsert(thing("a", 4, null, "a-2"))],
      ["b", 6, (): unknown => accept(thing("b", 6, null, "b-2"))],
      ["c", 8, (): void => writer.replace([thing("c", 8, null, "c-2")], "8")],
    ] as const) {
      writer.upsert(thing(key, 2, null, `${key}-1`));
      writer.absent(key, `${key}-1`);
      come();
      expect(reader.get(key)).toEqual(thing(key, version, null, `${key}-2`));
    }
    // The deletion of the first, told late, does not take out the second.
    writer.remove("c", thing("c", 3, null, "c-1"));
    expect(reader.has("c")).toBe(true);
  });

  test("the index follows every way in and out", () => {
    const { reader, writer, accept } = held();
    writer.replace([thing("a", 1, "n"), thing("b", 1, "n"), thing("c", 1, null)], "1");
    expect(names(reader.byIndex("n"))).toEqual(["a", "b"]);
    writer.upsert(thing("c", 2, "n"));
    accept(thing("a", 3, "m"));
    writer.remove("b", null);
    expect([names(reader.byIndex("n")), names(reader.byIndex("m"))]).toEqual([["c"], ["a"]]);
    writer.replace([], "9");
    expect(reader.byIndex("n")).toEqual([]);
  });

  test("who has unsubscribed hears nothing more", () => {
    const { reader, writer } = held();
    let heard = 0;
    const leave = reader.subscribe(() => (heard += 1));
    writer.upsert(thing("a", 1));
    leave();
    writer.upsert(thing("a", 2));
    expect(heard).toBe(1);
  });
});
