/** The entry of the published program: prepares Node.js before the program is loaded. A checkout runs main.ts as it is. */
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { isSea } from "node:sea";
import { compileCacheFolder } from "./compile-cache.ts";
import { limitOldGeneration } from "./old-generation.ts";
import { postponeOptimization } from "./optimization.ts";
import { version } from "./version.ts";
import { holdYoungGeneration } from "./young-generation.ts";

// Until the program is loaded: by default the first opens a debugger port for every local user, and the second kills.
for (const name of ["SIGUSR1", "SIGUSR2"]) process.on(name, () => {});
const { argv, env, execArgv } = process;
const nodeOptions = [...execArgv, env.NODE_OPTIONS ?? ""].join(" ");
// An executable has what is compiled of it inside, and NODE_COMPILE_CACHE has enabled another cache already.
if (!isSea() && getCompileCacheDir() === undefined) {
  const shipped = join(import.meta.dirname, "../cache");
  const folder = compileCacheFolder({
    ...{ env, uid: process.getuid?.(), home: homedir(), shipped, nowMs: Date.now() },
    version: version(join(import.meta.dirname, "../../templates")),
  });
  if (folder !== undefined) enableCompileCache(folder);
}
void import("./main.ts").then(({ start }) => {
  // Not before the modules of Node.js are loaded: with other options, V8 compiles them anew. What the command needs besides is loaded later.
  holdYoungGeneration(nodeOptions);
  limitOldGeneration(argv[2], nodeOptions);
  postponeOptimization(nodeOptions);
  return start();
});
