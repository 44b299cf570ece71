/** Tables as kubectl prints them: columns three spaces apart, no lines; as wide as the terminal where a person looks. */

/** A column. The last may be cut to what the terminal has left. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Colours a cell that was padded already. */
  readonly paint?: (row: Row, text: string) => string;
}

/** Who reads it. */
export interface Reader {
  /** Columns of the terminal; null = a program reads, and nothing is cut. */
  readonly columns: number | null;
  readonly color: boolean;
}

/** A program, which gets all of it. */
export const PROGRAM: Reader = { columns: null, color: false };

const GAP = "   ";

/** The rows under a head, each line with its end. Nothing for no rows. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], reader: Reader = PROGRAM): string {
  if (rows.length === 0) return "";
  const widths = widthsOf(columns, rows);
  return [head(columns, widths, reader), ...rows.map((row) => line(columns, row, { widths, reader }))].join("");
}

/** Widths that all these rows fit in. */
export function widthsOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly number[] {
  return columns.map(({ title, cell }) => Math.max(title.length, ...rows.map((row) => width(cell(row)))));
}

/** The head alone, for rows that come later. */
export function head<Row>(columns: readonly Column<Row>[], widths: readonly number[], reader: Reader): string {
  const cells = columns.map(({ title }, index) => padded(title, widths[index] ?? 0));
  return cut(cells.join(GAP), reader);
}

/** One row. */
export function line<Row>(
  columns: readonly Column<Row>[],
  row: Row,
  { widths, reader }: { readonly widths: readonly number[]; readonly reader: Reader },
): string {
  const plain = columns.map(({ cell }, index) => padded(cell(row), widths[index] ?? 0));
  if (!reader.color) return cut(plain.join(GAP), reader);
  // Cut first: a colour has no width.
  let left = reader.columns ?? Number.POSITIVE_INFINITY;
  const painted = plain.map((text, index) => {
    const shown = clipped(text, Math.max(0, left));
    left -= width(text) + GAP.length;
    const paint = columns[index]?.paint;
    return paint === undefined || shown.trim() === "" ? shown : paint(row, shown);
  });
  return `${painted.join(GAP).trimEnd()}\n`;
}

function padded(text: string, to: number): string {
  return text + " ".repeat(Math.max(0, to - width(text)));
}

function cut(text: string, { columns }: Reader): string {
  return `${clipped(text.trimEnd(), columns ?? Number.POSITIVE_INFINITY)}\n`;
}

/** The text within so many columns, an ellipsis where some of it is gone. */
export function clipped(text: string, columns: number): string {
  if (width(text.trimEnd()) <= columns) return text;
  if (columns < 1) return "";
  const kept: string[] = [];
  let used = 0;
  for (const char of text) {
    used += width(char);
    if (used > columns - 1) break;
    kept.push(char);
  }
  return `${kept.join("")}…`;
}

function width(text: string): number {
  return Bun.stringWidth(text);
}

const CODES = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

/** Text in a colour. */
export function painted(text: string, color: keyof typeof CODES): string {
  return `\u001B[${CODES[color]}m${text}\u001B[0m`;
}
