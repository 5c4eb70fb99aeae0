/**
 * What the parts of a change cost that grow with the length of the text, each beside the plain way: CPU time for a text of this
 * many lines, of which one at a random place is changed each time (medians, taken alternately).
 *
 *   npm run bench:texts                 1 000, 10 000 and 100 000 lines
 *   npm run bench:texts -- 50000        other sizes
 */
import { createHash } from "node:crypto";
import { cpuUsage } from "node:process";
import { markdownTable } from "../docs/generate/markdown.ts";
import { withEncoded } from "../lib/base/encoded.ts";
import { TextDigest } from "../lib/journal/text-digest.ts";
import { generationPlaceholder, stamped } from "../lib/render/generation.ts";
import { seeded } from "../test/support/random.ts";
import { median } from "./figures.ts";

const changes = 60;
const given = process.argv.slice(2).map(Number);
const sizes = given.length > 0 ? given : [1000, 10_000, 100_000];
const random = seeded(1);

/** The work for a text, in turns with the plain way to do it. */
interface Part {
  readonly name: string;
  readonly plain: (text: string) => unknown;
  readonly ours: (text: string) => unknown;
}

function parts(): readonly Part[] {
  const digest = new TextDigest();
  return [
    {
      name: "SHA-256 for the journal",
      plain: (text) => createHash("sha256").update(text).digest("hex"),
      ours: (text) => digest.of(text),
    },
    {
      name: "encoding for the file",
      plain: (text) => Buffer.from(text),
      ours: (text) => withEncoded(text, async ({ length }) => length),
    },
    {
      name: "looking for the generation",
      plain: (text) => text.includes(generationPlaceholder),
      ours: (text) => stamped(text),
    },
  ];
}

/** A text with one changed line; flat, as a rendered text is after it was searched once. */
function changed(lines: string[]): string {
  const at = Math.floor(random() * lines.length);
  lines[at] = `server 10.0.${at >> 8}.${at & 255}:8080 weight=${Math.floor(random() * 256)};\n`;
  const text = lines.join("");
  text.includes("~");
  return text;
}

async function cpuMs(work: () => unknown): Promise<number> {
  const before = cpuUsage();
  await work();
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000;
}

const rows: string[][] = [];
for (const size of sizes) {
  const lines = Array.from({ length: size }, (_, i) => `server ${i} weight=1;\n`);
  for (const { name, plain, ours } of parts()) {
    const [plainMs, oursMs]: [number[], number[]] = [[], []];
    for (let i = 0; i < changes; i += 1) {
      const text = changed(lines);
      plainMs.push(await cpuMs(() => plain(text)));
      oursMs.push(await cpuMs(() => ours(text)));
    }
    const [floor, own] = [median(plainMs), median(oursMs)];
    rows.push([String(size), name, floor.toFixed(3), own.toFixed(3), (own / floor).toFixed(2)]);
  }
}
console.log(markdownTable(["lines", "work", "plain ms", "ms", "÷ plain"], rows));
