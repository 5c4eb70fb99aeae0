/** A call of a log's method in the source of the program. */
export interface LogCall {
  readonly level: string;
  readonly event: string;
  /** The names of its details, in order. */
  readonly fields: readonly string[];
}

const opening = /\blog\.(debug|info|warn|error)\b(\(?)/g;

/**
 * The calls in a source text. Throws for a call that cannot be read: the event has to be a literal, and the details an
 * object literal without spreads, so that the page of events can be compared with the code.
 */
export function logCalls(source: string): readonly LogCall[] {
  return [...source.matchAll(opening)].map(({ 0: text, 1: level = "", 2: parenthesis, index }) => {
    const line = source.slice(index, source.indexOf("\n", index));
    if (!parenthesis) throw new Error(`a method of the log is not called: ${line}`);
    const [event = "", , details = "{}"] = elements(source, index + text.length);
    if (!/^"\w+"$/.test(event)) throw new Error(`the event is not a literal: ${line}`);
    if (!details.startsWith("{")) throw new Error(`the details are not a literal: ${line}`);
    return { level, event: event.slice(1, -1), fields: elements(details, 1).map(fieldOf) };
  });
}

function fieldOf(property: string): string {
  const name = /^\w+(?=:|$)/.exec(property)?.[0];
  if (name === undefined) throw new Error(`the name of a field is not readable: ${property}`);
  return name;
}

/** The elements from `start` on, which are separated by commas, up to the bracket that closes the list. */
function elements(source: string, start: number): string[] {
  const found: string[] = [];
  let [depth, from] = [0, start];
  for (let i = start; depth >= 0; i += 1) {
    const char = source[i];
    if (char === undefined) throw new Error("a list has no end");
    if (char === '"' || char === "`") i = endOfString(source, i);
    else if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char)) depth -= 1;
    if (depth < 0 || (char === "," && depth === 0)) {
      found.push(source.slice(from, i).trim());
      from = i + 1;
    }
  }
  return found.filter(Boolean);
}

/** The index of the quote that closes the string which `start` opens. Expressions in a template may have strings, too. */
function endOfString(source: string, start: number): number {
  const quote = source[start];
  for (let i = start + 1; i < source.length; i += 1) {
    if (source[i] === "\\") i += 1;
    else if (source[i] === quote) return i;
    else if (quote === "`" && source.startsWith("${", i)) i = endOfExpression(source, i + 2);
  }
  throw new Error("a string has no end");
}

function endOfExpression(source: string, start: number): number {
  let depth = 0;
  for (let i = start; i < source.length; i += 1) {
    const char = source[i] ?? "";
    if (char === '"' || char === "`") i = endOfString(source, i);
    else if (char === "{") depth += 1;
    else if (char === "}" && depth-- === 0) return i;
  }
  throw new Error("an expression has no end");
}
