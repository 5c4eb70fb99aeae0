import { oneOf } from "../../../../support/random.ts";

/** What a generated template has in sight at a place. A sample is one of the values that are there at run time, or undefined. */
export interface Sight {
  readonly dot: unknown;
  readonly root: unknown;
  readonly variables: readonly { readonly name: string; readonly sample: unknown }[];
  readonly isInLoop: boolean;
}

/** A text, and a sample of its value. */
type Sampled = readonly [string, unknown];

/** A pair of confd. */
class Pair {
  readonly Key: string;
  readonly Value: string;

  constructor(key: string, value: string) {
    this.Key = key;
    this.Value = value;
  }
}

const anyStages = [
  'printf "%v"',
  'printf "<%v>"',
  "print",
  "not",
  "html",
  "println",
  "urlquery",
  'or ""',
  "and true",
  "js",
];
const textStages = [
  "toUpper",
  "len",
  'eq "a"',
  'replace "a" "b" "c"',
  'join ","',
  'printf "%s"',
  "index 0",
];

function hasLength(sample: unknown): boolean {
  return typeof sample === "string" || (typeof sample === "object" && sample !== null);
}

/** Writes expressions, most of which have the type that their place needs. */
export class Expressions {
  readonly #random: () => number;
  readonly #data: Readonly<Record<string, string>>;
  /** Variables that are declared within parentheses. */
  readonly #declared: string[] = [];
  #depth = 0;

  constructor(random: () => number, data: Readonly<Record<string, string>>) {
    this.#random = random;
    this.#data = data;
  }

  /** A pipe of any type. */
  pipe(sight: Sight): string {
    return this.sampled(sight)[0];
  }

  sampled(sight: Sight): Sampled {
    return this.#choose<Sampled>([
      [40, () => this.#path(sight)],
      [20, () => [this.#string(sight), "text"]],
      [10, () => [this.#integer(sight), 1]],
      [8, () => [this.condition(sight), true]],
      [6, () => this.#get(sight)],
      [6, () => [this.#piped(sight), "text"]],
      [5, () => [this.#float(sight), 1.5]],
      [2, () => this.#inner<Sampled>(() => [`(${this.pipe(sight)})`, undefined])],
      [3, () => this.#inner(() => this.#declaring(sight))],
    ]);
  }

  #choose<T>(choices: readonly (readonly [number, () => T])[]): T {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#random() * total;
    for (const [weight, write] of choices) {
      left -= weight;
      if (left < 0) return write();
    }
    throw new Error("there is nothing to choose from");
  }

  /** A declaration within parentheses, or a variable that one has declared. */
  #declaring(sight: Sight): Sampled {
    const [name] = this.#declared.splice(0, this.#random() < 0.5 ? 1 : 0);
    if (name !== undefined && this.#random() < 0.1) return [name, undefined];
    const fresh = `$p${this.#declared.length}`;
    this.#declared.push(fresh);
    return [`printf "%v%v" (${fresh} := ${this.pipe(sight)}) ${fresh}`, "text"];
  }

  condition(sight: Sight): string {
    const string = () => this.#argument(this.#string(sight));
    const integer = () => this.#argument(this.#integer(sight));
    return this.#inner(() => {
      if (this.#depth > 2) return this.#path(sight)[0];
      return this.#choose([
        [20, () => this.#path(sight)[0]],
        [15, () => `${this.#comparison()} ${this.#two(string)}`],
        [15, () => `${this.#comparison()} ${this.#two(integer)}`],
        [6, () => `eq ${this.#three(string)}`],
        [6, () => `eq ${this.#path(sight)[0]} ${this.#literal(sight)}`],
        [8, () => `not ${this.#argument(this.condition(sight))}`],
        [15, () => this.#logic(sight)],
        [5, () => `exists ${this.#key(0.7)}`],
        [5, () => `contains ${this.#two(string)}`],
        [5, () => oneOf(["true", "false", "0", "1", '""', '"x"', "0.0", "not nil"], this.#random)],
      ]);
    });
  }

  /** A list or a map to range over, with samples of its items and of their keys. */
  list(sight: Sight): readonly [string, unknown, unknown] {
    const roll = this.#random();
    if (roll < 0.25) {
      const [key, value] = oneOf(Object.entries(this.#data), this.#random);
      const glob = oneOf(
        ['"/app/*"', '"/app/upstream/*"', '"/nothing/*"', '"/app/[a-p]*"'],
        this.#random,
      );
      return [`gets ${glob}`, new Pair(key, value), 0];
    }
    if (roll < 0.35) return ['getvs "/app/upstream/*"', "text", 0];
    if (roll < 0.42) return [`seq 1 ${Math.floor(this.#random() * 5)}`, 1, 0];
    if (roll < 0.5)
      return [
        `split ${this.#argument(this.#string(sight))} ${oneOf(['" "', '"."', '""', '","'], this.#random)}`,
        "text",
        0,
      ];
    const [path, sample] = this.#pathTo(sight, (one) => typeof one === "object" && one !== null);
    if (Array.isArray(sample)) return [path, sample[Math.floor(this.#random() * sample.length)], 0];
    const values = typeof sample === "object" && sample !== null ? Object.entries(sample) : [];
    const [key, value] = values[Math.floor(this.#random() * values.length)] ?? ["", undefined];
    return [path, value, key];
  }

  #logic(sight: Sight): string {
    const name = oneOf(["and", "or"], this.#random);
    if (this.#random() < 0.4) {
      const key = this.#key(0.5);
      return `${name} (exists ${key}) (eq (getv ${key}) ${this.#argument(this.#string(sight))})`;
    }
    const count = 1 + Math.floor(this.#random() * 3);
    const values = Array.from({ length: count }, () => this.#argument(this.condition(sight)));
    return `${name} ${values.join(" ")}`;
  }

  #string(sight: Sight): string {
    const string = () => this.#argument(this.#string(sight));
    const any = () => this.#argument(this.pipe(sight));
    const isText = (one: unknown) => typeof one === "string";
    return this.#inner(() => {
      if (this.#depth > 3) return this.#text();
      return this.#choose([
        [30, () => this.#text()],
        [25, () => this.#pathTo(sight, isText)[0]],
        [10, () => this.#printf(sight)],
        [5, () => `print ${this.#some(any)}`],
        [4, () => `${oneOf(["html", "js", "urlquery", "println"], this.#random)} ${any()}`],
        [6, () => `getv ${this.#key(0.97)}`],
        [3, () => `getv ${this.#key(0.3)} ${string()}`],
        [4, () => `${oneOf(["toUpper", "toLower", "base"], this.#random)} ${string()}`],
        [3, () => `join (split ${string()} ${this.#text()}) ${this.#text()}`],
        [3, () => `replace ${this.#three(string)} ${oneOf(["-1", "1", "0"], this.#random)}`],
        [3, () => `${oneOf(["or", "and"], this.#random)} ${this.#two(string)}`],
        [3, () => `slice ${string()} 0`],
        [1, () => `slice ${string()} ${oneOf(["1", "0 1", "1 2"], this.#random)}`],
      ]);
    });
  }

  #printf(sight: Sight): string {
    const format = oneOf(
      [
        '"%s"',
        '"%v:%v"',
        '"%q"',
        '"%5s|"',
        '"%-6v|"',
        '"%d"',
        '"%05d"',
        '"%x"',
        '"%t"',
        '"%.2f"',
        '"%%%s\\n"',
        '"%c"',
        '"%e"',
        '"%g"',
        '"%+d"',
        '"no"',
      ],
      this.#random,
    );
    return `printf ${format} ${this.#some(() => this.#argument(this.pipe(sight)))}`;
  }

  #integer(sight: Sight): string {
    return this.#inner(() => {
      const roll = this.#random();
      if (this.#depth > 3 || roll < 0.5)
        return oneOf(
          [
            "0",
            "1",
            "2",
            "-1",
            "+7",
            "0x1F",
            "0b101",
            "0o17",
            "017",
            "1_000",
            "'a'",
            "'\\n'",
            "'é'",
            "9007199254740991",
          ],
          this.#random,
        );
      if (roll < 0.7) return `len ${this.#argument(this.#pathTo(sight, hasLength)[0])}`;
      if (roll < 0.85) return `add ${this.#two(() => this.#argument(this.#integer(sight)))}`;
      if (roll < 0.9) return `index ${this.#argument(this.#string(sight))} 0`;
      return `len ${this.#argument(this.#string(sight))}`;
    });
  }

  #float(sight: Sight): string {
    if (this.#random() < 0.5) return this.#pathTo(sight, (one) => typeof one === "number")[0];
    return oneOf(
      ["1.5", ".5", "2.", "1e3", "1E-7", "0x1p-2", "1e100", "-0.0", "3.14159265358979"],
      this.#random,
    );
  }

  #get(sight: Sight): Sampled {
    const roll = this.#random();
    if (roll < 0.4) {
      const key = oneOf(Object.keys(this.#data), this.#random);
      return [`get ${JSON.stringify(key)}`, new Pair(key, this.#data[key] ?? "")];
    }
    const [path, sample] = this.#pathTo(sight, (one) => typeof one === "object" && one !== null);
    if (Array.isArray(sample))
      return [`index ${path} ${oneOf(["0", "1", "5"], this.#random)}`, sample[0]];
    const keys = typeof sample === "object" && sample !== null ? Object.keys(sample) : [];
    const key = keys.length > 0 && this.#random() < 0.85 ? oneOf(keys, this.#random) : "missing";
    const value = (sample as Record<string, unknown> | undefined)?.[key];
    if (this.#random() < 0.2) return [`(index ${path} ${JSON.stringify(key)}).name`, undefined];
    return [`index ${path} ${JSON.stringify(key)}`, value];
  }

  #piped(sight: Sight): string {
    let text = this.#random() < 0.5 ? this.pipe(sight) : this.#string(sight);
    for (let stages = 0; this.#random() < 0.6 || stages === 0; stages += 1) {
      text += ` | ${oneOf(this.#random() < 0.8 ? anyStages : textStages, this.#random)}`;
    }
    return text;
  }

  #literal(sight: Sight): string {
    return oneOf(
      [this.#text(), this.#argument(this.#integer(sight)), "true", "nil", "1.5"],
      this.#random,
    );
  }

  #text(): string {
    return oneOf(
      [
        '""',
        '"a"',
        '"web"',
        "`raw`",
        '"a b"',
        '"\\u00e9\\t"',
        '`\\n"`',
        '"\\x41\\101\\U0001F600"',
        '"\'"',
        '"}"',
        '"}}"',
        '","',
        '"é"',
        '"line\\n"',
      ],
      this.#random,
    );
  }

  #key(known: number): string {
    const keys = Object.keys(this.#data).filter((key) => key !== "/data");
    return JSON.stringify(this.#random() < known ? oneOf(keys, this.#random) : "/no/such");
  }

  #comparison(): string {
    return oneOf(["eq", "ne", "lt", "le", "gt", "ge"], this.#random);
  }

  /** A path to any value. */
  #path(sight: Sight): Sampled {
    const variables = sight.variables.map(({ name, sample }) => [name, sample] as const);
    const starts: readonly Sampled[] = [
      [".", sight.dot],
      [".", sight.dot],
      ["$", sight.root],
      ...variables,
    ];
    let [text, sample] = oneOf(starts, this.#random);
    for (let length = 0; this.#random() < 0.75 && length < 5; length += 1) {
      const name = this.#member(sample);
      if (name === undefined) break;
      text += text === "." ? name : `.${name}`;
      sample =
        sample instanceof Object && Object.hasOwn(sample, name)
          ? (sample as Record<string, unknown>)[name]
          : undefined;
    }
    return [text, sample];
  }

  #member(sample: unknown): string | undefined {
    if (Array.isArray(sample)) return undefined;
    if (typeof sample !== "object" || sample === null)
      return this.#random() < 0.015 ? "name" : undefined;
    const names = Object.keys(sample).filter((one) => /^[\p{L}_][\p{L}\d_]*$/u.test(one));
    if (names.length === 0 || this.#random() < 0.06) return "missing";
    return oneOf(names, this.#random);
  }

  /** A path to a value of a kind; after some attempts to one of any. */
  #pathTo(sight: Sight, isWanted: (sample: unknown) => boolean): Sampled {
    let found = this.#path(sight);
    for (let i = 0; i < 12 && !isWanted(found[1]); i += 1) found = this.#path(sight);
    return found;
  }

  /** An expression as an argument: within parentheses if it is more than one word. */
  #argument(text: string): string {
    if (this.#random() < 0.01) return oneOf(["nil", "1", '"x"', ".", "true"], this.#random);
    const isOne = /^(?:"(?:[^"\\]|\\.)*"|`[^`]*`|'[^ ]*'|[^\s"`'()|]+)$/u.test(text);
    return isOne && !/^(?:print|println)$/.test(text) ? text : `(${text})`;
  }

  #two(write: () => string): string {
    return `${write()} ${write()}`;
  }

  #three(write: () => string): string {
    return `${write()} ${write()} ${write()}`;
  }

  #some(write: () => string): string {
    return Array.from({ length: 1 + Math.floor(this.#random() * 2) }, write).join(" ");
  }

  #inner<T>(write: () => T): T {
    this.#depth += 1;
    const result = write();
    this.#depth -= 1;
    return result;
  }
}
