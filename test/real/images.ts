import { chmod, copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { outputOf, run } from "../support/process.ts";
import { root as checkout } from "../support/sources.ts";
import { type DockerEngine, tarOf } from "./docker-engine.ts";

/** The content of an image, from files of this machine: no registry is used. The keys are paths in the image. */
export interface Ingredients {
  /** Programs. Their libraries are added. */
  readonly programs: Readonly<Record<string, string>>;
  /** Other files and folders. */
  readonly files?: Readonly<Record<string, string>>;
  /** The texts of small files. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  /** Lines of a Dockerfile. */
  readonly changes?: readonly string[];
}

/** Creates an image with busybox, root, the user 1000, a folder for temporary files, and the ingredients. */
export async function makeImage(
  { folder, docker }: Pick<DockerEngine, "folder" | "docker">,
  name: string,
  { programs, files = {}, texts = {}, links = {}, changes = [] }: Ingredients,
): Promise<void> {
  const root = join(folder, `root-${name.replace(/\W/g, "-")}`);
  const inRoot = async (path: string) => {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    return target;
  };
  const users = { "/etc/passwd": passwd, "/etc/group": "root:x:0:\nnode:x:1000:\n" };
  for (const [path, text] of Object.entries({ ...users, ...texts })) {
    await writeFile(await inRoot(path), text);
  }
  for (const folder of ["bin", "root", "run", "tmp", "usr/bin"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await chmod(join(root, "tmp"), 0o1777);
  await copyFile("/bin/busybox", join(root, "bin/busybox"));
  for (const applet of (await output("/bin/busybox", "--list")).split("\n")) {
    if (applet !== "busybox") await symlink("/bin/busybox", join(root, "bin", applet));
  }
  await symlink("/bin/busybox", join(root, "usr/bin/env"));
  for (const [path, program] of Object.entries(programs)) {
    await copyFile(program, await inRoot(path));
    for (const library of await librariesOf(program))
      await copyFile(library, await inRoot(library));
  }
  for (const [path, file] of Object.entries(files)) {
    await cp(file, await inRoot(path), { recursive: true });
  }
  for (const [path, to] of Object.entries(links)) await symlink(to, await inRoot(path));

  const tar = `${root}.tar`;
  await outputOf(tarOf(root, tar));
  const path = "ENV PATH=/usr/local/bin:/bin";
  await docker("import", ...[path, ...changes].flatMap((line) => ["--change", line]), tar, name);
  await rm(root, { recursive: true });
  await rm(tar);
}

const passwd = "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n";

/** The base image of Dockerfile: the Node.js of this test, and npm with its configuration on this machine. */
export async function makeNodeImage(engine: DockerEngine, name: string): Promise<void> {
  const npm = await output("sh", "-c", 'realpath "$(command -v npm)"');
  const setting = (key: string) => output("npm", "config", "get", key);
  const [registry, cafile] = [await setting("registry"), await setting("cafile")];
  const authorities = process.env.NODE_EXTRA_CA_CERTS ?? (cafile === "null" ? undefined : cafile);
  const trusted = "/etc/ssl/authorities.pem";
  // Part of Debian's C library: the bundler needs it, and Node.js does not.
  const libc = (await librariesOf(process.execPath)).find((path) => path.endsWith("/libc.so.6"));
  const librt = libc?.replace("libc.so.6", "librt.so.1");
  await makeImage(engine, name, {
    programs: {
      "/usr/local/bin/node": process.execPath,
      "/usr/local/bin/strip": "/usr/bin/strip",
      "/usr/local/bin/tini-static": "/usr/bin/tini-static",
    },
    files: {
      "/usr/local/lib/node_modules/npm": dirname(dirname(npm)),
      ...(librt && { [librt]: librt }),
      ...(authorities && { [trusted]: authorities }),
    },
    links: { "/usr/local/bin/npm": "../lib/node_modules/npm/bin/npm-cli.js" },
    texts: {
      "/usr/local/etc/npmrc": [
        "update-notifier=false",
        `registry=${registry}`,
        ...(authorities ? [`cafile=${trusted}`] : []),
      ].join("\n"),
    },
  });
}

/** The libraries that Node.js needs, as Debian's images have them. */
async function makeRuntimeImage(engine: DockerEngine, name: string): Promise<void> {
  const libraries = await librariesOf(process.execPath);
  await makeImage(engine, name, {
    programs: Object.fromEntries(libraries.map((one) => [one, one])),
  });
}

/** The shared libraries of a program and its loader; none if it is linked statically. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await run(["ldd", program]);
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path ?? "");
}

const output = async (...argv: string[]) => (await outputOf(argv)).trim();

/** A copy of the files that Dockerfile uses, readable only for their owner, as a clone with a strict umask is. */
async function strictCheckout(folder: string): Promise<string> {
  const copy = join(folder, "checkout");
  const included =
    (await readFile(join(checkout, ".dockerignore"), "utf8")).match(/(?<=^!).+/gm) ?? [];
  await mkdir(copy);
  for (const name of ["Dockerfile", ".dockerignore", ...included]) {
    await cp(join(checkout, name), join(copy, name), { recursive: true });
  }
  await outputOf(["chmod", "-R", "go=", copy]);
  return copy;
}

/** The names of an image, and of what it is built on. */
export interface Built {
  readonly image: string;
  /** Has Node.js and npm. */
  readonly base: string;
  /** The base image of the result: it has neither. */
  readonly runtime: string;
}

/** Builds Dockerfile with the legacy builder, which every engine has, on a base image of this machine. */
export async function buildSidekickImage(engine: DockerEngine): Promise<Built> {
  const built: Built = { image: "sidekick:test", base: "node:test", runtime: "runtime:test" };
  await makeNodeImage(engine, built.base);
  await makeRuntimeImage(engine, built.runtime);
  const root = await strictCheckout(engine.folder);
  const build = ["docker", "-H", `unix://${engine.socket}`, "build"];
  // npm downloads the dependencies, and the networks of the engine lead nowhere.
  const bases = [`BASE=${built.base}`, `RUNTIME=${built.runtime}`];
  const args = bases.flatMap((base) => ["--build-arg", base]);
  const options = ["--network=host", ...args, "-t", built.image];
  await outputOf([...build, ...options, root], { env: { DOCKER_BUILDKIT: "0" } });
  return built;
}
