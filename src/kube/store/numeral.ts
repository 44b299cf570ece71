/** Whole numbers as few characters, for packed texts. */
const BASE = 128;

/** A whole number as text: seven bits a character, the lowest first; all but the last have the eighth bit added. */
export function numeral(value: number): string {
  let text = "";
  let left = value;
  for (; left >= BASE; left = Math.floor(left / BASE)) text += String.fromCharCode(BASE + (left % BASE));
  return text + String.fromCharCode(left);
}

/** Reads the numeral at `at`, which moves behind it. */
export function readNumeral(reader: { readonly text: string; at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= BASE) {
    const digit = reader.text.charCodeAt(reader.at);
    reader.at += 1;
    if (!(digit >= BASE)) return value + digit * scale;
    value += (digit - BASE) * scale;
  }
}
