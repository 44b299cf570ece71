/** Draws rooms in layers as SVG: text as text, readable on a light and on a dark page. */
import type { Arrow, Layers } from "./layers.ts";

const BOX = { width: 116, height: 34 };
const GAP = { x: 26, y: 62 };
const MARGIN = 20;
/** A long arrow passes a layer here: as wide as that. */
const PASSAGE = 18;
const SWEEPS = 12;

interface Place {
  /** A room, or the passage of a long arrow. */
  readonly id: string;
  readonly isRoom: boolean;
}

interface Link {
  readonly upper: string;
  readonly lower: string;
}

const STYLE = [
  "text { font: 13px ui-monospace, SFMono-Regular, Menlo, monospace; fill: #1f2328; text-anchor: middle; }",
  ".note { font: 12px system-ui, sans-serif; fill: #59636e; text-anchor: start; }",
  "rect { fill: #f6f8fa; stroke: #59636e; }",
  "path { fill: none; stroke: #59636e; stroke-width: 1.2; }",
  ".up { stroke: #bc4c00; stroke-dasharray: 5 4; }",
  ".tip { fill: #59636e; stroke: none; }",
  ".up-tip { fill: #bc4c00; stroke: none; }",
  "@media (prefers-color-scheme: dark) {",
  "  text { fill: #e6edf3; } .note { fill: #9198a1; } rect { fill: #161b22; stroke: #9198a1; }",
  "  path { stroke: #9198a1; } .up { stroke: #f0883e; } .tip { fill: #9198a1; stroke: none; } .up-tip { fill: #f0883e; stroke: none; }",
  "}",
];

/** The picture. The same layers give the same text. */
export function drawLayers(layers: Layers): string {
  const { rows, links, ways } = withPassages(layers);
  const x = placed(ordered(rows, links), links);
  const rowOf = new Map(rows.flatMap((row, index) => row.map(({ id }) => [id, index] as const)));
  const top = (id: string): number => MARGIN + (rowOf.get(id) ?? 0) * (BOX.height + GAP.y);
  const at = (id: string): number => x.get(id) ?? 0;
  const width = Math.max(...rows.flat().map(({ id, isRoom }) => at(id) + (isRoom ? BOX.width : PASSAGE) / 2)) + MARGIN;
  const notes = [
    "An arrow leads from a room to one that it imports. What a longer way down shows already is left out.",
    ...(layers.up.length === 0 ? [] : ["Dashed: goes up and closes a circle."]),
  ];
  const bottom = MARGIN + rows.length * (BOX.height + GAP.y) - GAP.y;
  const height = bottom + 16 + 18 * notes.length + 8;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    "<title>The rooms of src and which of them import which</title>",
    "<style>",
    ...STYLE,
    "</style>",
    "<defs>",
    marker("down-tip", "tip"),
    marker("up-tip", "up-tip"),
    "</defs>",
    ...ways.map((way) => downPath(way.map((id) => ({ x: at(id), top: top(id) })))),
    ...layers.up.map(({ from, to }) => upPath({ x: at(from), top: top(from) }, { x: at(to), top: top(to) })),
    ...rows.flatMap((row) => row.filter(({ isRoom }) => isRoom).map(({ id }) => box(id, at(id), top(id)))),
    ...notes.map((text, index) => `<text class="note" x="${MARGIN}" y="${bottom + 28 + 18 * index}">${text}</text>`),
    "</svg>",
  ].join("\n")}\n`;
}

/** Long arrows are cut into links from one layer to the next. */
function withPassages({ rows, down }: Layers): {
  readonly rows: readonly (readonly Place[])[];
  readonly links: readonly Link[];
  readonly ways: readonly (readonly string[])[];
} {
  const places: Place[][] = rows.map((row) => row.map((id) => ({ id, isRoom: true })));
  const rowOf = (room: string): number => rows.findIndex((row) => row.includes(room));
  const ways = down.map(({ from, to }: Arrow) => {
    const passages: string[] = [];
    for (let row = rowOf(from) + 1; row < rowOf(to); row += 1) {
      const id = `${from} ${to} ${row}`;
      places[row]?.push({ id, isRoom: false });
      passages.push(id);
    }
    return [from, ...passages, to];
  });
  const links = ways.flatMap((way) => way.slice(1).map((lower, index) => ({ upper: way[index] ?? "", lower })));
  return { rows: places, links, ways };
}

/** Layers in an order with few crossings: each is sorted by the middle of its neighbours, down and up in turn. */
function ordered(rows: readonly (readonly Place[])[], links: readonly Link[]): readonly (readonly Place[])[] {
  let best = rows;
  let current = rows;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    const next: (readonly Place[])[] = [...current];
    for (let step = 1; step < rows.length; step += 1) {
      const row = isDown ? step : rows.length - 1 - step;
      const fixed = next[isDown ? row - 1 : row + 1] ?? [];
      next[row] = sortedBy(next[row] ?? [], (id) => middle(neighbours(id, links, isDown), fixed));
    }
    current = next;
    if (crossings(current, links) < crossings(best, links)) best = current;
  }
  return best;
}

function neighbours(id: string, links: readonly Link[], isDown: boolean): readonly string[] {
  return isDown
    ? links.filter(({ lower }) => lower === id).map(({ upper }) => upper)
    : links.filter(({ upper }) => upper === id).map(({ lower }) => lower);
}

function middle(ids: readonly string[], row: readonly Place[]): number | null {
  const found = ids.map((id) => row.findIndex((place) => place.id === id)).filter((index) => index >= 0);
  return found.length === 0 ? null : found.reduce((sum, index) => sum + (index + 0.5) / row.length, 0) / found.length;
}

function sortedBy(row: readonly Place[], weightOf: (id: string) => number | null): readonly Place[] {
  const weighed = row.map((place, index) => ({ place, weight: weightOf(place.id) ?? (index + 0.5) / row.length }));
  return weighed.toSorted((a, b) => a.weight - b.weight).map(({ place }) => place);
}

function crossings(rows: readonly (readonly Place[])[], links: readonly Link[]): number {
  const index = new Map(rows.flatMap((row) => row.map(({ id }, at) => [id, at] as const)));
  const rowOf = new Map(rows.flatMap((row, at) => row.map(({ id }) => [id, at] as const)));
  const at = (id: string): number => index.get(id) ?? 0;
  let count = 0;
  links.forEach((one, first) => {
    for (const other of links.slice(first + 1)) {
      if (rowOf.get(one.upper) !== rowOf.get(other.upper)) continue;
      if ((at(one.upper) - at(other.upper)) * (at(one.lower) - at(other.lower)) < 0) count += 1;
    }
  });
  return count;
}

/** The middle of each place, in whole pixels: near its neighbours, and none on top of another. */
function placed(rows: readonly (readonly Place[])[], links: readonly Link[]): ReadonlyMap<string, number> {
  const x = new Map<string, number>();
  for (const row of rows) spread(row, x, () => null);
  for (let sweep = 0; sweep < SWEEPS * 2; sweep += 1) {
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) {
      spread(row, x, (id) => {
        const near = links.flatMap(({ upper, lower }) => (upper === id ? [lower] : lower === id ? [upper] : []));
        return near.length === 0 ? null : near.reduce((sum, one) => sum + (x.get(one) ?? 0), 0) / near.length;
      });
    }
  }
  const left = Math.min(...rows.flat().map(({ id, isRoom }) => (x.get(id) ?? 0) - (isRoom ? BOX.width : PASSAGE) / 2));
  return new Map([...x].map(([id, middleX]) => [id, Math.round(middleX - left + MARGIN)]));
}

/** Puts a row where its places want to be, pushed apart to the right and then back to the left. */
function spread(row: readonly Place[], x: Map<string, number>, wish: (id: string) => number | null): void {
  const wanted = row.map(({ id }, index) => wish(id) ?? x.get(id) ?? index * (BOX.width + GAP.x));
  const apart = (a: Place | undefined, b: Place | undefined): number =>
    halfOf(a) + halfOf(b) + GAP.x / (a?.isRoom === b?.isRoom ? 1 : 2);
  const right: number[] = [];
  wanted.forEach((want, index) => {
    const before = right[index - 1];
    right.push(before === undefined ? want : Math.max(want, before + apart(row[index - 1], row[index])));
  });
  const left: number[] = [];
  for (let index = row.length - 1; index >= 0; index -= 1) {
    const after = left[0];
    const want = wanted[index] ?? 0;
    left.unshift(after === undefined ? want : Math.min(want, after - apart(row[index], row[index + 1])));
  }
  row.forEach(({ id }, index) => x.set(id, ((right[index] ?? 0) + (left[index] ?? 0)) / 2));
}

function halfOf(place: Place | undefined): number {
  return (place?.isRoom === true ? BOX.width : PASSAGE) / 2;
}

interface Point {
  readonly x: number;
  readonly top: number;
}

function downPath(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (first === undefined) return "";
  let path = `M ${first.x} ${first.top + BOX.height}`;
  let from = { x: first.x, y: first.top + BOX.height };
  others.forEach(({ x, top }, index) => {
    const half = Math.round((top - from.y) / 2);
    const isLast = index === others.length - 1;
    path += ` C ${from.x} ${from.y + half} ${x} ${top - half} ${x} ${isLast ? top - 5 : top}`;
    if (!isLast) path += ` L ${x} ${top + BOX.height}`;
    from = { x, y: top + BOX.height };
  });
  return `<path d="${path}" marker-end="url(#down-tip)"/>`;
}

/** From the top of the lower box to the bottom of the upper one, a little aside. */
function upPath(from: Point, to: Point): string {
  const x1 = from.x + 36;
  const x2 = to.x + 36;
  const y2 = to.top + BOX.height + 5;
  const half = Math.round((from.top - y2) / 2);
  return `<path class="up" d="M ${x1} ${from.top} C ${x1} ${from.top - half} ${x2} ${y2 + half} ${x2} ${y2}" marker-end="url(#up-tip)"/>`;
}

function box(id: string, x: number, top: number): string {
  return [
    `<rect x="${x - BOX.width / 2}" y="${top}" width="${BOX.width}" height="${BOX.height}" rx="5"/>`,
    `<text x="${x}" y="${top + 22}">${id}</text>`,
  ].join("");
}

function marker(id: string, kind: string): string {
  return `<marker id="${id}" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path class="${kind}" d="M 0 0 L 10 5 L 0 10 z"/></marker>`;
}
