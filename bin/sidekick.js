#!/usr/bin/env node
// Written so that an old Node can read it too, if only to say that it is too old.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const needed = 24;

if (Number(process.versions.node.split(".")[0]) < needed) {
  process.stderr.write(
    `sidekick needs Node.js ${needed} or newer; ${process.execPath} is ${process.version}\n`,
  );
  process.exitCode = 2;
} else {
  // A checkout has the sources, which run as they are; the published package has what was built of them.
  const source = new URL("../cli/main.ts", import.meta.url);
  if (existsSync(source)) {
    // Until the program is loaded: by default the first opens a debugger port for every local user, and the second kills.
    for (const name of ["SIGUSR1", "SIGUSR2"]) process.on(name, () => {});
    const { start } = await import(source.href);
    await start();
  } else {
    createRequire(import.meta.url)("../dist/cli/main.js");
  }
}
