import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { check } from "../../cli/commands/check.ts";
import type { World } from "../../cli/world.ts";
import { Fault, sentence } from "../../lib/base/fault.ts";
import { never } from "../../lib/base/signal.ts";
import { type CheckCase, checkCases } from "./check-cases.ts";
import { documentedWorld } from "./documented-world.ts";

/** Wrong inputs and what `sidekick check` prints for them, for `docs/check.md`: the program is run for each. */
export async function checkExamples(root: string): Promise<string> {
  const sections: string[] = [];
  for (const one of checkCases) sections.push(await section(one, root));
  return sections.join("\n\n");
}

async function section(one: CheckCase, root: string): Promise<string> {
  const shown = Object.entries(one.files).filter(([name]) => !name.endsWith("/"));
  const files = shown.map(([name, text]) => `\`${name}\`:\n\n${fenced(text || "\n")}`);
  const command = ["sidekick check -c sidekick.yaml", ...fixtureOption(one)].join(" ");
  const printed = fenced(`$ ${command}\n${await printedFor(one, root)}`);
  return [`## ${one.title}`, ...files, printed].join("\n\n");
}

function fixtureOption({ options }: CheckCase): readonly string[] {
  return options ? [`--fixture ${options.fixture}`] : [];
}

/** What the command prints, without the path of the throw-away folder. */
async function printedFor(
  { files, links = {}, options }: CheckCase,
  root: string,
): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "sidekick-docs-")));
  try {
    for (const [name, text] of Object.entries(files)) await write(join(folder, name), text);
    for (const [name, to] of Object.entries(links))
      await symlink(join(folder, to), join(folder, name));
    for (const [name, code] of [
      ["haproxy", 0],
      ["false", 1],
    ] as const) {
      await write(join(folder, "bin", name), `#!/bin/sh\nexit ${code}\n`);
      await chmod(join(folder, "bin", name), 0o755);
    }
    let printed = "";
    const print = (text: string) => {
      printed += text;
    };
    const stream = { terminal: false, write: print };
    const world: World = {
      ...documentedWorld(root),
      env: { PATH: join(folder, "bin") },
      out: stream,
      err: stream,
    };
    const fixture = options && join(folder, options.fixture);
    try {
      await check(
        { files: [join(folder, "sidekick.yaml")], fixture, live: false, machine: true },
        world,
        never,
      );
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      printed += `sidekick: ${sentence(error)}\n`;
    }
    return printed.replaceAll(`${folder}/`, "").replaceAll(`${root}/`, "");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(path.endsWith("/") ? path : dirname(path), { recursive: true });
  if (!path.endsWith("/")) await writeFile(path, text);
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.endsWith("\n") ? text : `${text}\n`}\`\`\``;
}
