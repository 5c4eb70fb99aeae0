import { toLower, toUpper } from "../../helpers/case.ts";
import { isSpace } from "./sprig-text.ts";

type WordKind = "number" | "upper" | "letters" | "connector" | "punctuation" | "other" | "end";

/** A part of a text whose characters belong together. */
interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

function isConnector(character: string): boolean {
  return character === "-" || character === "_" || isSpace(character);
}

function kindOf(character: string): WordKind {
  if (isConnector(character)) return "connector";
  if (/^\p{P}$/u.test(character)) return "punctuation";
  if (/^\p{Lu}$/u.test(character)) return "upper";
  if (/^[A-Za-z]$|^[^\0-\x7f]$/u.test(character) && isLetter(character)) return "letters";
  return /^\p{N}$/u.test(character) ? "number" : "other";
}

/** A letter that has an upper or a lower case; others, such as those of Chinese, are words of another kind. */
function isLetter(character: string): boolean {
  return (
    /^\p{L}$/u.test(character) && !/^[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]$/.test(character)
  );
}

/** The first word: capitals such as HTTP, of which the last belongs to a word that begins so, as in HTTPServer. */
function firstWord(characters: readonly string[]): Word {
  const [first] = characters;
  if (first === undefined) return { kind: "end", text: "" };
  const kind = kindOf(first);
  let end = 1;
  const extend = (belongs: (character: string) => boolean) => {
    while (end < characters.length && belongs(characters[end] ?? "")) end += 1;
  };
  if (kind === "upper" && kindOf(characters[1] ?? "") === "upper") {
    extend((one) => kindOf(one) === "upper");
    if (end < characters.length && kindOf(characters[end] ?? "") === "letters") end -= 1;
  } else {
    extend((one) => continues(kind, one));
  }
  return { kind, text: characters.slice(0, end).join("") };
}

/** Among punctuation, `-` and `_` are some, too. */
function continues(kind: WordKind, character: string): boolean {
  if (kind === "punctuation") return /^\p{P}$/u.test(character);
  return kindOf(character) === (kind === "upper" ? "letters" : kind);
}

function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  let rest = [...text];
  while (rest.length > 0) {
    const word = firstWord(rest);
    words.push(word);
    rest = rest.slice([...word.text].length);
  }
  return words;
}

/** The words in lower case with a connector between them: HTTPServer → http_server, http2xx → http_2xx. */
export function joinedByCase(text: string, connector: string): string {
  const words = wordsOf(text);
  const end: Word = { kind: "end", text: "" };
  const kindAt = (at: number): WordKind => (words[at] ?? end).kind;
  const isJoined = (at: number) => kindAt(at) === "letters" || kindAt(at) === "number";
  const isApart = (at: number) => !["end", "connector", "punctuation"].includes(kindAt(at));
  let result = "";
  const write = (at: number) => {
    const { kind, text: word } = words[at] ?? end;
    if (kind === "connector") result += connector.repeat([...word].length);
    else result += kind === "upper" ? toLower(word) : word;
  };
  const writeJoined = (from: number): number => {
    let at = from;
    for (; isJoined(at); at += 1) write(at);
    return at;
  };
  for (let at = 0; at < words.length; ) {
    const kind = kindAt(at);
    write(at);
    at += 1;
    if (kind === "connector" || kind === "punctuation") continue;
    if (kind === "number") {
      at = writeJoined(at);
    } else if (kindAt(at) === "number" && at + 1 < words.length) {
      if (kindAt(at + 1) === "letters") {
        result += connector;
        at = writeJoined(at);
      } else {
        write(at);
        at += 1;
      }
    } else if (kindAt(at) === "number") continue;
    if (isApart(at)) result += connector;
  }
  return result;
}

/** The words in upper case at their beginning, and without single connectors between them: http_server → HttpServer. */
export function camelCase(text: string): string {
  const characters = [...text];
  const start = characters.findIndex((one) => !isConnector(one));
  // As sprig does it: connectors alone get one more.
  if (start === -1) return text + (characters.at(-1) ?? "");
  return characters
    .map((character, at) => {
      const [before = "", after] = [characters[at - 1], characters[at + 1]];
      if (at < start) return character;
      if (!isConnector(character)) {
        return at === start || isConnector(before) ? toUpper(character) : toLower(character);
      }
      return after === undefined || isConnector(after) ? character : "";
    })
    .join("");
}
