/** Sorts rooms into layers, so that what imports stands above what is imported. */

/** One room imports another, by so many statements. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly imports: number;
}

/** What is to be drawn. */
export interface Layers {
  /** From the top; each is sorted by name. */
  readonly rows: readonly (readonly string[])[];
  /** Those that no longer way down shows already. */
  readonly down: readonly Arrow[];
  /** Those that close a circle of rooms: there should be none. */
  readonly up: readonly Arrow[];
}

/** Layers by the longest way down. Of a circle the arrow with the fewest imports counts as the one that goes up. */
export function layersOf(names: readonly string[], arrows: readonly Arrow[]): Layers {
  const up: Arrow[] = [];
  let kept = [...arrows];
  for (let circle = circleIn(names, kept); circle !== null; circle = circleIn(names, kept)) {
    const [weakest] = circle.toSorted((a, b) => a.imports - b.imports || order(a, b));
    if (weakest === undefined) break;
    up.push(weakest);
    kept = kept.filter((arrow) => arrow !== weakest);
  }
  const heights = new Map<string, number>();
  const heightOf = (room: string): number => {
    const known = heights.get(room);
    if (known !== undefined) return known;
    const below = kept.filter(({ from }) => from === room).map(({ to }) => 1 + heightOf(to));
    heights.set(room, Math.max(0, ...below));
    return Math.max(0, ...below);
  };
  const top = Math.max(0, ...names.map(heightOf));
  const rows = Array.from({ length: top + 1 }, (_row, index) =>
    names.filter((room) => heightOf(room) === top - index).toSorted(),
  );
  return { rows, down: kept.filter((arrow) => !isImplied(arrow, kept)), up: up.toSorted(order) };
}

function order(a: Arrow, b: Arrow): number {
  return `${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1;
}

/** The arrows of one circle; null when there is none. */
function circleIn(names: readonly string[], arrows: readonly Arrow[]): readonly Arrow[] | null {
  for (const start of names) {
    const way = wayTo(start, start, arrows);
    if (way !== null) return way;
  }
  return null;
}

/** Whether another way leads from its room to the other. */
function isImplied({ from, to }: Arrow, arrows: readonly Arrow[]): boolean {
  const others = arrows.filter((arrow) => arrow.from !== from || arrow.to !== to);
  return wayTo(from, to, others) !== null;
}

/** The shortest way along arrows, at least one of them; null when there is none. */
function wayTo(from: string, to: string, arrows: readonly Arrow[]): readonly Arrow[] | null {
  const seen = new Set<string>();
  const ways: (readonly Arrow[])[] = [[]];
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const at = way.at(-1)?.to ?? from;
    const next = arrows.filter((arrow) => arrow.from === at && !seen.has(arrow.to));
    const last = next.find((arrow) => arrow.to === to);
    if (last !== undefined) return [...way, last];
    for (const arrow of next) {
      seen.add(arrow.to);
      ways.push([...way, arrow]);
    }
  }
  return null;
}
