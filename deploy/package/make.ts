/**
 * Makes what is installed on machines without Node.js, in `packages/`: an executable, and with dpkg a package for Debian.
 *
 *   npm run package
 *   npm run package -- --arch arm64 --out /tmp/packages
 *   npm run package -- --executable                     without the Debian package
 */
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeDebianPackage } from "./debian.ts";
import { makeExecutable, otherNode } from "./executable.ts";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    arch: { type: "string", default: process.arch },
    out: { type: "string", default: join(root, "packages") },
    executable: { type: "boolean", default: false },
  },
});
const { arch } = values;
if (arch !== "x64" && arch !== "arm64") {
  console.error(`--arch ${arch}: expected x64 or arm64`);
  process.exit(2);
}

const made = async (path: string) => {
  const { size } = await stat(path);
  console.log(`${path}  ${(size / 1e6).toFixed(1)} MB`);
};

await mkdir(values.out, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), "sidekick-node-"));
try {
  const isOwn = arch === process.arch;
  const node = isOwn ? process.execPath : await otherNode(root, arch, folder);
  const executable = join(values.out, `sidekick-linux-${arch}`);
  await makeExecutable({ root, node, isOwn }, executable);
  await made(executable);
  if (!values.executable) {
    const parts = { root, executable, arch, compression: "xz" } as const;
    await made(await makeDebianPackage(parts, values.out));
  }
} finally {
  await rm(folder, { recursive: true });
}
