import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type PrintedPlan, printPlan } from "../../lib/config/convert/convert-plan.ts";
import { compare } from "../convert/compare.ts";
import { type ConvertedTemplates, convertTemplates } from "../convert/convert-templates.ts";
import { assertReplaceable, type Files, writeFiles } from "../convert/files.ts";
import { type ConvertOptions, parseConvert } from "../convert/options.ts";
import { type Original, originals } from "../convert/read-original.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

/** Exit codes. */
const [done, different, wrong] = [0, 1, 2];

const configFile = "sidekick.yaml";

/**
 * Prints the configuration of another program as sidekick's own, or writes it to a folder, and renders the files of both. Returns 1
 * if they are different, and writes nothing then. Throws CONFIG_INVALID, CONFIG_UNREADABLE, CLI_FILE_EXISTS,
 * CLI_FILE_UNWRITABLE, CLI_FIXTURE_UNREADABLE, a RENDER_ fault, and that of a keyspace that is unreachable.
 */
export async function convert(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const parsed = parseConvert(args);
  if ("usage" in parsed) {
    world.out.write(parsed.usage);
    return done;
  }
  const original = await readOriginal(parsed, world);
  if (!original) return wrong;
  return await convertOriginal(original, parsed, world, signal);
}

/** Undefined after wrong usage, which it explains. */
async function readOriginal(
  { program = "", rest }: ConvertOptions,
  world: World,
): Promise<Original | undefined> {
  const read = Object.hasOwn(originals, program) ? originals[program] : undefined;
  const original = await read?.(rest, world);
  if (original && !("problems" in original)) return original;
  const known = Object.keys(originals).join(", ");
  const problems = original?.problems ?? [`expected one of ${known}, and its options`];
  for (const problem of problems) world.err.write(`sidekick: ${problem}\n`);
  world.err.write("(sidekick convert --help shows the usage)\n");
  return undefined;
}

async function convertOriginal(
  original: Original,
  { write, fixture }: ConvertOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const templates = await convertTemplates(original);
  const staging = await mkdtemp(join(world.temporary, "sidekick-convert-"));
  try {
    await writeFiles(staging, templates.files);
    const printed = print(original, templates, staging, world);
    const files = new Map([[configFile, printed.text], ...templates.files]);
    if (write === undefined) world.out.write(asText(files));
    else await assertReplaceable(write, files);
    const { plan } = original;
    const comparison = await compare(plan, printed.plan, fixture, world, signal);
    for (const difference of comparison.differences) world.out.write(difference);
    const isSame = comparison.differences.length === 0;
    if (write !== undefined && isSame) await writeFiles(write, files);
    world.err.write(`sidekick: ${conclusion(comparison, write, files)}\n`);
    return isSame ? done : different;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function print(
  { plan, warnings, from }: Original,
  { sources, comments }: ConvertedTemplates,
  folder: string,
  world: World,
): PrintedPlan {
  const agent = plan.watch ? "watch" : "presence";
  const title = [
    `Made by sidekick ${version(world.shipped)} from ${from}`,
    `Run it: sidekick ${agent} -c ${configFile}`,
    ...(warnings.length > 0 ? ["Without effect there, and left out:"] : []),
    ...warnings.map((warning) => `  ${warning}`),
  ];
  return printPlan(plan, { name: join(folder, configFile), title, sources, comments }, world);
}

function asText(files: Files): string {
  if (files.size === 1) return [...files.values()].join("");
  return [...files].map(([name, text]) => `==> ${name} <==\n${text}`).join("");
}

function conclusion(
  { files: count, differences }: Awaited<ReturnType<typeof compare>>,
  write: string | undefined,
  files: Files,
): string {
  const rendered = count === 1 ? "1 file" : `${count} files`;
  if (differences.length > 0) {
    const end = write === undefined ? "" : "; nothing was written";
    return `${differences.length} of ${rendered} would be different${end}`;
  }
  const same =
    count === 0
      ? "the plan is the same"
      : `the plan is the same, and ${count === 1 ? "its file is" : `all ${count} files are`} equal byte for byte`;
  return write === undefined ? same : `${same}; wrote ${[...files.keys()].join(", ")} to ${write}`;
}
