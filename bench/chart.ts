/** The chart of docs/performance.md: each promise a bar, as a part of what was promised. */
import { type Check, isKept, type Result } from "./scenario.ts";

const WIDTH = 860;
const LABEL = 470;
const ROW = 24;
const TOP = 34;
/** A bar of this length is exactly what was promised; twice as much is as long as a bar gets. */
const PROMISED = 150;

/** An SVG without script, style sheet or outside reference. */
export function chart(results: ReadonlyMap<string, Result>): string {
  const checks = [...results.values()].flatMap((result) => result.checks).filter(({ want }) => want !== null);
  const height = TOP + ROW * checks.length + 12;
  const at = LABEL + PROMISED;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    "<title>What was measured, as a part of what was promised</title>",
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${at}" y="18" text-anchor="middle" fill="#444444">promised</text>`,
    ...checks.flatMap((check, index) => bar(check, TOP + ROW * index)),
    `<line x1="${at}" y1="24" x2="${at}" y2="${height - 8}" stroke="#444444" stroke-dasharray="4 3"/>`,
    "</svg>",
  ].join("\n")}\n`;
}

function bar(check: Check, y: number): readonly string[] {
  const { what, got, want, unit } = check;
  const part = want === null || want === 0 ? Math.min(got, 2) : Math.min(got / want, 2);
  const length = Math.max(1, Math.round(part * PROMISED));
  const color = isKept(check) === true ? "#3a7d44" : "#b23a48";
  const told = unit === "" ? String(got) : `${got} ${unit}`;
  return [
    `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end" fill="#222222">${escaped(what)}</text>`,
    `<rect x="${LABEL}" y="${y}" width="${length}" height="16" fill="${color}"/>`,
    `<text x="${LABEL + length + 6}" y="${y + 13}" fill="#222222">${escaped(told)}</text>`,
  ];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
