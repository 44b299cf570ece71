/** Text for a terminal of so many columns. */

/** Text folded to a width between words, every line behind the first one indented. Spaces at its start stay. */
export function folded(text: string, columns: number, indent = ""): string {
  const lines: string[] = [];
  let current: string | null = null;
  for (const word of text.split(" ")) {
    const next: string = current === null ? word : `${current} ${word}`;
    const room = lines.length === 0 ? columns : columns - Bun.stringWidth(indent);
    if (current !== null && current.trim() !== "" && Bun.stringWidth(next) > room) {
      lines.push(current.trimEnd());
      current = word;
    } else current = next;
  }
  return [...lines, current ?? ""].join(`\n${indent}`);
}
