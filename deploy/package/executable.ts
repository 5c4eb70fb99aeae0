import { execFile } from "node:child_process";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { compileFunction, constants } from "node:vm";

const run = promisify(execFile);

/** What the executable is made from. */
export interface ExecutableParts {
  /** The project's folder, with `dist/`. */
  readonly root: string;
  /** The Node.js that becomes the executable. */
  readonly node: string;
  /** Whether it is that of this process, whose V8 can use what is compiled here. */
  readonly isOwn: boolean;
}

/** The part of Node.js that is replaced by the files: see "Single executable applications" in its documentation. */
const resource = "NODE_SEA_BLOB";
const sentinelFuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * Writes the program with Node.js as one executable to `path`: the modules of `dist/`, what V8 compiles of them, the templates, and
 * package.json, which has the version.
 */
export async function makeExecutable(
  { root, node, isOwn }: ExecutableParts,
  path: string,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-package-"));
  try {
    const blob = join(folder, "blob");
    const config = {
      main: join(import.meta.dirname, "load.cjs"),
      output: blob,
      disableExperimentalSEAWarning: true,
      // By default SIGUSR1 opens a debugger port for every local user.
      execArgv: ["--disable-sigusr1"],
      assets: await assetsOf(root, isOwn ? folder : undefined),
    };
    await writeFile(join(folder, "config.json"), JSON.stringify(config));
    await run(process.execPath, ["--experimental-sea-config", join(folder, "config.json")]);
    await rm(path, { force: true });
    await copyFile(node, path);
    await chmod(path, 0o755);
    await strip(path, isOwn);
    await inject(path, blob);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The files inside of the executable, by name. What is compiled of them is written to `compiled`. */
async function assetsOf(root: string, compiled: string | undefined) {
  const assets: Record<string, string> = { "package.json": join(root, "package.json") };
  for (const name of await readdir(join(root, "templates"), { recursive: true })) {
    if (name.endsWith(".hbs")) assets[`templates/${name}`] = join(root, "templates", name);
  }
  for (const name of await readdir(join(root, "dist/cli"))) {
    if (!name.endsWith(".js")) continue;
    const path = join(root, "dist/cli", name);
    assets[`dist/cli/${name}`] = path;
    if (compiled === undefined) continue;
    const file = join(compiled, name);
    await writeFile(file, compile(await readFile(path, "utf8"), name));
    assets[`dist/cli/${name}.compiled`] = file;
  }
  return assets;
}

/** What V8 compiles of a module, in the form in which `load.cjs` has it compiled. */
function compile(code: string, name: string): Buffer {
  const { cachedData } = compileFunction(code, ["exports", "require", "module"], {
    filename: `(sidekick)/dist/cli/${name}`,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    produceCachedData: true,
  }) as { cachedData?: Buffer };
  if (!cachedData) throw new Error(`V8 compiled nothing of ${name}`);
  return cachedData;
}

/** Removes the names of functions of Node.js, 18 MB, where binutils are installed. */
async function strip(path: string, isOwn: boolean): Promise<void> {
  if (!isOwn) return;
  await run("strip", [path]).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    console.error(
      "strip is not installed: the executable is 18 MB larger (Debian: apt-get install binutils)",
    );
  });
}

/** In a process of its own: it prints a warning for each section of Node.js that has no name. */
async function inject(path: string, blob: string): Promise<void> {
  const postject = createRequire(import.meta.url).resolve("postject/dist/cli.js");
  const options = ["--sentinel-fuse", sentinelFuse];
  await run(process.execPath, [postject, path, resource, blob, ...options]);
}

/** The Node.js of the lock file for another processor, below `folder`: npm verifies its digest. */
export async function otherNode(root: string, arch: string, folder: string): Promise<string> {
  await mkdir(join(folder, ".ci/toolchain"), { recursive: true });
  for (const name of [
    "package.json",
    "package-lock.json",
    ".npmrc",
    ".ci/toolchain/package.json",
  ]) {
    await copyFile(join(root, name), join(folder, name)).catch(ifAbsent);
  }
  const only = [`--cpu=${arch}`, "--os=linux", "--omit=dev", "--ignore-scripts", "--no-audit"];
  await run("npm", ["ci", ...only, "--no-fund"], { cwd: folder });
  return join(folder, `node_modules/node-linux-${arch}/bin/node`);
}

function ifAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
