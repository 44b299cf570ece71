import { numeral, readNumeral } from "./numeral.ts";

/**
 * Texts told by how they differ from a model. A fleet's objects are alike: what tells one Pod from the next is a name,
 * an address and a few ids.
 *
 * A text is cut at its quotes. The first one of so many parts is the model of all that have as many; of the others
 * only those parts are kept that the model does not foretell. Nothing is assumed of the text but that it is well-formed
 * UTF-16: whatever it says, it comes back as it was.
 */

/** More shapes than that are kept in full. */
const MAX_MODELS = 256;
/** A part of the model that stood there before foretells that it does so in other texts, too; short ones do so by chance. */
const MIN_REPEATED = 8;
const PLAIN = "\0";

interface Model {
  /** Its number, as it stands in front of a code. */
  readonly head: string;
  readonly parts: readonly string[];
  /** For each part the place where it stood first, or its own. */
  readonly firsts: readonly number[];
}

/** Models of the texts of one kind. */
export class TextModels {
  readonly #models: Model[] = [];
  readonly #bySize = new Map<number, Model>();

  /** A text's code. Two codes of one `TextModels` are equal exactly when their texts are. */
  encode(text: string): string {
    const parts = text.split('"');
    const model = this.#bySize.get(parts.length) ?? this.#made(parts);
    if (model === null) return PLAIN + text;
    let code = model.head;
    let last = 0;
    for (let at = 0; at < parts.length; at += 1) {
      const part = parts[at] ?? "";
      if (part === foretold(model, parts, at)) continue;
      code += numeral(at - last) + numeral(part.length) + part;
      last = at;
    }
    return code;
  }

  /** The text of a code that begins at `from`. */
  decode(code: string, from: number): string {
    if (code.startsWith(PLAIN, from)) return code.slice(from + PLAIN.length);
    const reader = { text: code, at: from };
    const model = this.#models[readNumeral(reader) - 1];
    if (model === undefined) throw new Error("text models: got an unknown model, want one of ours");
    const parts: string[] = [];
    let at = 0;
    while (reader.at < code.length) {
      at += readNumeral(reader);
      const length = readNumeral(reader);
      fill(model, parts, at);
      parts.push(code.slice(reader.at, reader.at + length));
      reader.at += length;
    }
    fill(model, parts, model.parts.length);
    return parts.join('"');
  }

  #made(parts: readonly string[]): Model | null {
    if (this.#models.length >= MAX_MODELS) return null;
    const seen = new Map<string, number>();
    const firsts = parts.map((part, at) => {
      const first = part.length < MIN_REPEATED ? undefined : seen.get(part);
      if (first === undefined) seen.set(part, at);
      return first ?? at;
    });
    const model = { head: numeral(this.#models.length + 1), parts, firsts };
    this.#models.push(model);
    this.#bySize.set(parts.length, model);
    return model;
  }
}

function foretold({ parts: own, firsts }: Model, parts: readonly string[], at: number): string | undefined {
  const first = firsts[at] ?? at;
  return first === at ? own[at] : parts[first];
}

/** Adds what is foretold up to `end`. */
function fill(model: Model, parts: string[], end: number): void {
  for (let at = parts.length; at < end; at += 1) parts.push(foretold(model, parts, at) ?? "");
}
