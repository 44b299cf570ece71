/** Keeps texts that are alike as what tells them apart. */
import { numeral, readNumeral } from "./numeral.ts";

/**
 * Texts told by how they differ from a model. A fleet's objects are alike: what tells one Pod from the next is a name,
 * an address and a few ids.
 *
 * A text is cut at its quotes. The first one of so many parts is the model of all that have as many; of the others
 * only those parts are kept that the model does not foretell. Nothing is assumed of the text but that it is well-formed
 * UTF-16: whatever it says, it comes back as it was.
 */

/** Texts of more shapes than that, or than models of so many bytes can tell, are kept in full: models stay for ever. */
const MAX_MODELS = 256;
const MAX_BYTES = 4 * 1024 * 1024;
/** What a part takes besides its characters, by its places in four lists and a map. */
const PART_BYTES = 64;
/** A part of the model that stood there before foretells that it does so in other texts, too; short ones do so by chance. */
const MIN_REPEATED = 8;
const PLAIN = "\0";

interface Model {
  /** Its number, as it stands in front of a code. */
  readonly head: string;
  readonly text: string;
  readonly parts: readonly string[];
  /** Where in the text each part begins. */
  readonly starts: readonly number[];
  /** For each part the place where it stood first, or its own. */
  readonly firsts: readonly number[];
  /** Places of parts that stood before, in order. */
  readonly repeats: readonly number[];
}

/** Models of the texts of one kind. */
export class TextModels {
  readonly #models: Model[] = [];
  readonly #bySize = new Map<number, Model>();
  #bytes = 0;

  /** A text's code. Two codes of one `TextModels` are equal exactly when their texts are. */
  encode(text: string): string {
    const parts = text.split('"');
    const model = this.#bySize.get(parts.length) ?? this.#made(text, parts);
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

  /** The text of a code. */
  decode(code: string): string {
    if (code.startsWith(PLAIN)) return code.slice(PLAIN.length);
    const reader = { text: code, at: 0 };
    const model = this.#models[readNumeral(reader) - 1];
    if (model === undefined) throw new Error("text models: got an unknown model, want one of ours");
    const telling = new Telling(model);
    for (let at = 0; reader.at < code.length;) {
      at += readNumeral(reader);
      const end = readNumeral(reader) + reader.at;
      telling.tell(at, code.slice(reader.at, end));
      reader.at = end;
    }
    return telling.end();
  }

  #made(text: string, parts: readonly string[]): Model | null {
    const bytes = text.length * 2 + parts.length * PART_BYTES;
    if (this.#models.length >= MAX_MODELS || this.#bytes + bytes > MAX_BYTES) return null;
    this.#bytes += bytes;
    const seen = new Map<string, number>();
    const starts: number[] = [];
    let start = 0;
    const firsts = parts.map((part, at) => {
      starts.push(start);
      start += part.length + 1;
      const first = part.length < MIN_REPEATED ? undefined : seen.get(part);
      if (first === undefined) seen.set(part, at);
      return first ?? at;
    });
    const repeats = [...firsts.keys()].filter((at) => firsts[at] !== at);
    const model = { head: numeral(this.#models.length + 1), text, parts, starts, firsts, repeats };
    this.#models.push(model);
    this.#bySize.set(parts.length, model);
    return model;
  }
}

/** A text on its way from its model, told from left to right. */
class Telling {
  readonly #model: Model;
  /** Parts that are other than the model's. */
  readonly #others = new Map<number, string>();
  #text = "";
  /** How far the model's text was told. */
  #told = 0;
  #nextRepeat = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Everything before the part `at`, which is this one. */
  tell(at: number, part: string): void {
    this.#repeatUntil(at);
    if (this.#model.repeats[this.#nextRepeat] === at) this.#nextRepeat += 1;
    else this.#others.set(at, part);
    this.#put(at, part);
  }

  end(): string {
    this.#repeatUntil(this.#model.parts.length);
    return this.#text + this.#model.text.slice(this.#told);
  }

  /** What repeats a part that is another now repeats that one. */
  #repeatUntil(end: number): void {
    const { repeats, firsts } = this.#model;
    for (; ; this.#nextRepeat += 1) {
      const at = repeats[this.#nextRepeat] ?? end;
      if (at >= end) return;
      const part = this.#others.get(firsts[at] ?? at);
      if (part !== undefined) this.#put(at, part);
    }
  }

  #put(at: number, part: string): void {
    const { text, starts, parts } = this.#model;
    const start = starts[at] ?? 0;
    this.#text += text.slice(this.#told, start) + part;
    this.#told = start + (parts[at] ?? "").length;
  }
}

function foretold({ parts: own, firsts }: Model, parts: readonly string[], at: number): string | undefined {
  const first = firsts[at] ?? at;
  return first === at ? own[at] : parts[first];
}
