import { oneOf, seeded } from "../../../../support/random.ts";
import { datasets } from "./datasets.ts";
import { Expressions, type Sight } from "./grammar-expressions.ts";

/** A template to execute, and the dataset that it reads. */
export interface Case {
  readonly data: number;
  readonly template: string;
}

/** The template with this number: the same for the same number. */
export function generated(seed: number): Case {
  const random = seeded(seed * 7919 + 1);
  const data = Math.min(datasets.length - 1, Math.floor(random() ** 2.5 * datasets.length));
  const template = new Generator(random, data).template();
  return { data, template: random() < 0.08 ? damaged(template, random) : template };
}

/** The template with a character less or more, which mostly makes it one that cannot be parsed. */
function damaged(text: string, random: () => number): string {
  const template = [...text];
  const at = Math.floor(random() * template.length);
  const extra = oneOf(
    ["", "", "{{", "}}", " ", "$", ".", "(", ")", "|", "-", '"', "=", "end"],
    random,
  );
  return [...template.slice(0, at), extra, ...template.slice(at + (random() < 0.5 ? 1 : 0))].join(
    "",
  );
}

class Generator {
  readonly #random: () => number;
  readonly #data: Readonly<Record<string, string>>;
  readonly #expressions: Expressions;
  readonly #defined: string[] = [];
  /** Of the template that is being written. */
  readonly #blocks = new Set<string>();
  #left = 11;
  #names = 0;
  #blockCount = 0;

  constructor(random: () => number, data: number) {
    this.#random = random;
    this.#data = datasets[data] ?? {};
    this.#expressions = new Expressions(random, this.#data);
  }

  template(): string {
    const root: unknown = JSON.parse(this.#data["/data"] ?? "{}");
    const definitions = this.#chance(0.4) ? this.#definitions(root) : "";
    if (this.#chance(0.3)) {
      const sight: Sight = { dot: undefined, root: undefined, variables: [], isInLoop: false };
      const declared = this.#declare(sight, "$data", root);
      const body = this.#statements(declared, 3);
      return `${definitions}${this.#action('$data := json (getv "/data")')}${body}`;
    }
    const sight: Sight = { dot: root, root, variables: [], isInLoop: false };
    const body = this.#statements(sight, 3);
    const call = '{{template "main" json (getv "/data")}}';
    return `${definitions}${this.#action('define "main"')}${body}${this.#action("end")}${call}`;
  }

  #definitions(root: unknown): string {
    const names = ["item", "part two", "é"].slice(0, 1 + Math.floor(this.#random() * 3));
    const texts = names.map((name) => {
      const sight: Sight = { dot: root, root, variables: [], isInLoop: false };
      const text = this.#action(`define ${this.#quoted(name)}`) + this.#statements(sight, 1);
      return text + this.#action("end");
    });
    this.#defined.push(...names);
    return texts.join(oneOf(["", "\n", " "], this.#random));
  }

  #statements(sight: Sight, depth: number): string {
    let text = "";
    let inner = sight;
    const count = 1 + Math.floor(this.#random() * 3);
    for (let i = 0; i < count; i += 1) {
      if (this.#chance(0.6)) text += this.#text();
      this.#left -= 1;
      const [written, next] = this.#statement(inner, this.#left < 0 ? 0 : depth);
      text += written;
      inner = next;
    }
    return this.#chance(0.5) ? text + this.#text() : text;
  }

  /** A statement, and the variables in sight after it. */
  #statement(sight: Sight, depth: number): readonly [string, Sight] {
    const kinds: readonly (() => readonly [string, Sight])[] = [
      ...Array.from({ length: 5 }, () => () => [this.#output(sight), sight] as const),
      () => [this.#comment(), sight],
      () => this.#declaration(sight),
      () => [this.#assignment(sight) ?? this.#output(sight), sight],
      () => [this.#jump(sight) ?? this.#output(sight), sight],
      () => [this.#invocation(sight) ?? this.#output(sight), sight],
    ];
    const nested: readonly (() => readonly [string, Sight])[] = [
      ...[0, 1].map(() => () => [this.#if(sight, depth), sight] as const),
      () => [this.#with(sight, depth), sight],
      ...[0, 1, 2].map(() => () => [this.#range(sight, depth), sight] as const),
      () => [this.#block(sight, depth), sight],
    ];
    return oneOf(depth > 0 ? [...kinds, ...nested] : kinds, this.#random)();
  }

  #output(sight: Sight): string {
    return this.#action(this.#expressions.pipe(sight));
  }

  #comment(): string {
    const inner = oneOf(["/* a note */", "/**/", "/* two\nlines {{x}} */"], this.#random);
    return oneOf(
      [`{{${inner}}}`, `{{- ${inner} -}}`, `{{${inner} -}}`, `{{- ${inner}}}`],
      this.#random,
    );
  }

  #declaration(sight: Sight): readonly [string, Sight] {
    const name = this.#chance(0.25) ? "$x" : this.#newName();
    const [text, sample] = this.#expressions.sampled(sight);
    return [this.#action(`${name} := ${text}`), this.#declare(sight, name, sample)];
  }

  #assignment(sight: Sight): string | undefined {
    const own = sight.variables.filter(({ name }) => name !== "$data");
    if (own.length === 0) return undefined;
    const { name } = oneOf(own, this.#random);
    return this.#action(`${name} = ${this.#expressions.pipe(sight)}`);
  }

  #jump(sight: Sight): string | undefined {
    if (!sight.isInLoop) return undefined;
    const jump = this.#action(oneOf(["break", "continue"], this.#random));
    const condition = this.#expressions.condition(sight);
    return this.#chance(0.1) ? jump : this.#action(`if ${condition}`) + jump + this.#action("end");
  }

  #invocation(sight: Sight): string | undefined {
    const names = [...this.#defined, ...this.#blocks];
    if (names.length === 0) return undefined;
    const name = this.#quoted(oneOf(names, this.#random));
    const pipe = this.#expressions.pipe(sight);
    const dot = oneOf(["", " .", " $", ` ${pipe}`, ` ${pipe}`, ` $t := ${pipe}`], this.#random);
    return this.#action(`template ${name}${dot}`);
  }

  #if(sight: Sight, depth: number): string {
    const [declared, inner] = this.#control(sight, this.#expressions.condition(sight), true);
    let text = this.#action(`if ${declared}`) + this.#statements(inner, depth - 1);
    while (this.#chance(0.25)) {
      text += this.#action(`else if ${this.#expressions.condition(inner)}`);
      text += this.#statements(inner, depth - 1);
    }
    if (this.#chance(0.5)) text += this.#action("else") + this.#statements(inner, depth - 1);
    return text + this.#action("end");
  }

  #with(sight: Sight, depth: number): string {
    const [pipe, sample] = this.#expressions.sampled(sight);
    const [declared, inner] = this.#control(sight, pipe, sample);
    const body = this.#statements({ ...inner, dot: sample }, depth - 1);
    const otherwise = this.#chance(0.4)
      ? this.#action("else") + this.#statements(inner, depth - 1)
      : "";
    return this.#action(`with ${declared}`) + body + otherwise + this.#action("end");
  }

  #range(sight: Sight, depth: number): string {
    const [list, item, key] = this.#expressions.list(sight);
    const names = [this.#newName(), this.#newName()].slice(0, Math.floor(this.#random() * 3));
    const samples = names.length === 2 ? [key, item] : [item];
    let inner: Sight = { ...sight, dot: item, isInLoop: true };
    for (const [i, name] of names.entries()) inner = this.#declare(inner, name, samples[i]);
    const declared = names.length > 0 ? `${names.join(", ")} := ${list}` : list;
    const body = this.#statements(inner, depth - 1);
    const around = this.#chance(0.3) && names.length > 0 ? { ...inner, dot: sight.dot } : sight;
    const outside = { ...around, isInLoop: sight.isInLoop };
    const otherwise = this.#chance(0.35)
      ? this.#action("else") + this.#statements(outside, depth - 1)
      : "";
    return this.#action(`range ${declared}`) + body + otherwise + this.#action("end");
  }

  #block(sight: Sight, depth: number): string {
    const name = `block ${this.#blockCount}`;
    this.#blockCount += 1;
    const [pipe, sample] = this.#expressions.sampled(sight);
    const inner: Sight = { dot: sample, root: sample, variables: [], isInLoop: false };
    const body = this.#statements(inner, depth - 1);
    this.#blocks.add(name);
    return this.#action(`block ${this.#quoted(name)} ${pipe}`) + body + this.#action("end");
  }

  #control(sight: Sight, pipe: string, sample: unknown): readonly [string, Sight] {
    if (!this.#chance(0.25)) return [pipe, sight];
    const name = this.#newName();
    return [`${name} := ${pipe}`, this.#declare(sight, name, sample)];
  }

  #declare(sight: Sight, name: string, sample: unknown): Sight {
    const others = sight.variables.filter((one) => one.name !== name);
    return { ...sight, variables: [...others, { name, sample }] };
  }

  #newName(): string {
    this.#names += 1;
    return `$${oneOf(["v", "n", "ä", "x_"], this.#random)}${this.#names}`;
  }

  #action(inner: string): string {
    const [open, close] = [this.#random(), this.#random()];
    const before = open < 0.2 ? "- " : open < 0.25 ? "-\n" : open < 0.5 ? " " : "";
    const after = close < 0.2 ? " -" : close < 0.25 ? "\t-" : close < 0.5 ? " " : "";
    return `{{${before}${inner}${after}}}`;
  }

  #text(): string {
    const texts = [
      ...[
        "a",
        " b ",
        "\n",
        "  \n  ",
        "\n\n",
        "server ",
        ";\n",
        "é 😀",
        "\t{ }",
        "} }",
        "{ ",
        "x\r\n",
      ],
      ...["<b>", '"', "\\", "line\n  indented\n"],
    ];
    return oneOf(texts, this.#random);
  }

  #quoted(name: string): string {
    return this.#chance(0.2) ? `\`${name}\`` : JSON.stringify(name);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}
