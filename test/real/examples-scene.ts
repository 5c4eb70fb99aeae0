import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parse } from "yaml";
import { blocks } from "../support/markdown-blocks.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { isolatedShell } from "./isolated-shell.ts";
import { main } from "./sidekick.ts";

/** What a command of a README shows sooner or later, in order of the commands below the ones that start the example. */
export type Shown = readonly Pick<RegExp, "test">[];

/** Copies the examples, starts one with the commands of its README, and waits until its further commands show what they should. */
export async function playExample(t: TestContext, name: string, shown: Shown): Promise<void> {
  const checkout = await throwAwayFolder(t);
  const folder = join(checkout, "examples", name);
  await cp(join(root, "examples"), join(checkout, "examples"), { recursive: true });
  const [starts = [], looks = []] = await commandsOf(folder);
  const targets = await targetsOf(folder);
  const shell = await isolatedShell(t, { cwd: checkout, env: await environment(checkout) });
  for (const command of starts) {
    for (const target of targets.filter((path) => command.includes(path)))
      await eventually(`${target} is written`, () => readFile(join(folder, target)));
    await shell(command);
  }
  if (looks.length !== shown.length) throw new Error(`${looks.length} commands to look at it`);
  for (const [i, command] of looks.entries()) {
    await eventually(`${command} shows what its README has`, async () => {
      const output = await shell(command);
      if (!shown[i]?.test(output)) throw new Error(output);
      return true;
    });
  }
}

/** The lines of the blocks in a README: those that start it, and those to look at it. */
async function commandsOf(folder: string): Promise<readonly (readonly string[])[]> {
  const page = await readFile(join(folder, "README.md"), "utf8");
  return blocks(page, "sh").map(({ text }) => text.split("\n").filter(Boolean));
}

/** The files that sidekick writes, relative to the folder. */
async function targetsOf(folder: string): Promise<readonly string[]> {
  const config = parse(await readFile(join(folder, "sidekick.yaml"), "utf8")) as {
    readonly watch: { readonly templates: readonly { readonly target: string }[] };
  };
  return config.watch.templates.map(({ target }) => target);
}

/** With `sidekick` in the PATH, and a Java that starts at a small cost. */
async function environment(folder: string): Promise<Readonly<Record<string, string>>> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "sidekick"), `#!/bin/sh\nexec ${main.join(" ")} "$@"\n`);
  await chmod(join(bin, "sidekick"), 0o755);
  return {
    PATH: `${bin}:${process.env.PATH}`,
    RUNTIME_DIRECTORY: folder,
    STATE_DIRECTORY: folder,
    JAVA_TOOL_OPTIONS: "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto",
  };
}
