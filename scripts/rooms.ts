/**
 * Draws docs/rooms.svg from the imports of src, and writes the table of rooms in ARCHITECTURE.md.
 * test/house/architecture.test.ts holds both equal to what stands there.
 */
import { dirname, join } from "node:path";
import { ARROWS, roomOf } from "../test/house/arrows.ts";
import { exportedBy, importsOf, sourcesIn } from "../test/house/sources.ts";
import { drawLayers } from "./rooms/draw-layers.ts";
import { type Arrow, layersOf } from "./rooms/layers.ts";

/** Rooms by name, and every pair of which one imports the other. */
export interface Rooms {
  readonly names: readonly string[];
  readonly arrows: readonly Arrow[];
  /** How many names the door of each gives. */
  readonly given: ReadonlyMap<string, number>;
}

/** Reads the imports of src. */
export async function readRooms(): Promise<Rooms> {
  const files = await sourcesIn("src");
  const names = [...new Set(files.map(({ path }) => roomOf(path)))].toSorted();
  const counts = new Map<string, number>();
  for (const { path, text } of files) {
    const from = roomOf(path);
    for (const specifier of importsOf(text).filter((one) => one.startsWith("."))) {
      const to = roomOf(join(dirname(path), specifier));
      if (to !== from) counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
    }
  }
  const arrows = [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([pair, imports]) => {
      const [from = "", to = ""] = pair.split(" ");
      return { from, to, imports };
    });
  const textOf = new Map(files.map(({ path, text }) => [path, text]));
  const given = new Map(names.map((name) => [name, exportedBy(textOf.get(`src/${name}/index.ts`) ?? "").length]));
  return { names, arrows, given };
}

/** docs/rooms.svg. */
export function roomsPicture({ names, arrows }: Rooms): string {
  return drawLayers(layersOf(names, arrows));
}

const BEGIN = "<!-- rooms: written by `bun scripts/pages.ts` -->";
const END = "<!-- rooms: end -->";

/** ARCHITECTURE.md with its table of rooms written anew. Throws where the page has no place for it. */
export function withRoomsTable(page: string, { names, arrows, given }: Rooms): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`ARCHITECTURE.md: got no place for the table, want ${BEGIN} and ${END}`);
  const importsBy = (room: string): string => listed(arrows.filter((arrow) => arrow.from === room).map(({ to }) => to));
  const takersOf = (room: string): string =>
    listed(arrows.filter((arrow) => arrow.to === room).map((arrow) => arrow.from));
  const rows = names.map(
    (room) =>
      `| \`src/${room}\` | ${allowed(room)} | ${importsBy(room)} | ${takersOf(room)} | ${given.get(room) ?? 0} |`,
  );
  const head = [
    "| room | may import | imports | is imported by | names its door gives |",
    "| --- | --- | --- | --- | --- |",
  ];
  const table = ["", ...head, ...rows, ""].join("\n");
  return `${page.slice(0, from)}${BEGIN}\n${table}\n${page.slice(to)}`;
}

function allowed(room: string): string {
  return listed((ARROWS[room] ?? []).toSorted());
}

function listed(rooms: readonly string[]): string {
  return rooms.length === 0 ? "none" : rooms.map((room) => `\`${room}\``).join(", ");
}
