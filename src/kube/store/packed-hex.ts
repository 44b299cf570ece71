/**
 * Texts with their hexadecimal numbers (UIDs, container ids, digests), which are most of what tells one object from
 * the next, in base64: two thirds of the characters. Whatever the text says, it comes back as it was.
 */

/** Stands before what is packed, followed by what it is: `LITERAL` for itself, `UUID`, or a number's count of bytes. */
const MARK = "\x7f";
const LITERAL = 0;
const UUID = 1;
const UUID_BYTES = 16;
/** Shorter ones are hardly worth a mark; a longer one is packed in parts, since its count is one character. */
const NUMBER = /\x7f|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:[0-9a-f]{2}){6,127}/g;

/** The shorter text. */
export function packHex(text: string): string {
  return text.replace(NUMBER, (found) => {
    if (found === MARK) return MARK + String.fromCharCode(LITERAL);
    if (found.includes("-")) return MARK + String.fromCharCode(UUID) + packDigits(found.replaceAll("-", ""));
    return MARK + String.fromCharCode(found.length / 2) + packDigits(found);
  });
}

/** The text of a shorter one that begins at `from`. */
export function unpackHex(code: string, from: number): string {
  let text = "";
  let at = from;
  for (let mark = code.indexOf(MARK, at); mark >= 0; mark = code.indexOf(MARK, at)) {
    const kind = code.charCodeAt(mark + 1);
    const bytes = kind === UUID ? UUID_BYTES : kind;
    const begin = mark + 2;
    const end = begin + Math.ceil((bytes * 8) / 6);
    text += code.slice(at, mark);
    if (kind === LITERAL) text += MARK;
    else if (kind === UUID) text += hyphenate(unpackDigits(code.slice(begin, end)));
    else text += unpackDigits(code.slice(begin, end));
    at = end;
  }
  return text + code.slice(at);
}

function packDigits(digits: string): string {
  return Buffer.from(digits, "hex").toString("base64url");
}

function unpackDigits(text: string): string {
  return Buffer.from(text, "base64url").toString("hex");
}

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
