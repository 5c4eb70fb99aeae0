import { chmod, copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { outputOf, ran } from "../support/process.ts";
import { type DockerEngine, tarOf } from "./docker-engine.ts";

/** What an image of a test is made of. All of it lies on this machine: there is no registry to ask. */
export interface Ingredients {
  /** Programs, by where they are to lie; their libraries come along. */
  readonly programs: Readonly<Record<string, string>>;
  /** Other files and folders, by where they are to lie. */
  readonly files?: Readonly<Record<string, string>>;
  /** Small files, by where they are to lie: their text. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  /** Lines of a Dockerfile. */
  readonly changes?: readonly string[];
}

/** Makes an image that has busybox, root, the user 1000, a folder for temporary files, and what is asked for. */
export async function makeImage(
  { folder, docker }: Pick<DockerEngine, "folder" | "docker">,
  name: string,
  { programs, files = {}, texts = {}, links = {}, changes = [] }: Ingredients,
): Promise<void> {
  const root = join(folder, `root-${name.replace(/\W/g, "-")}`);
  const within = async (path: string) => {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    return target;
  };
  const users = { "/etc/passwd": passwd, "/etc/group": "root:x:0:\nnode:x:1000:\n" };
  for (const [path, text] of Object.entries({ ...users, ...texts })) {
    await writeFile(await within(path), text);
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
    await copyFile(program, await within(path));
    for (const library of await librariesOf(program))
      await copyFile(library, await within(library));
  }
  for (const [path, file] of Object.entries(files)) {
    await cp(file, await within(path), { recursive: true });
  }
  for (const [path, to] of Object.entries(links)) await symlink(to, await within(path));

  const tar = `${root}.tar`;
  await outputOf(tarOf(root, tar));
  const path = "ENV PATH=/usr/local/bin:/bin";
  await docker("import", ...[path, ...changes].flatMap((line) => ["--change", line]), tar, name);
  await rm(root, { recursive: true });
  await rm(tar);
}

const passwd = "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n";

/** The base of Dockerfile: the Node.js of this test, and npm as it is set up on this machine. */
export async function makeNodeImage(engine: DockerEngine, name: string): Promise<void> {
  const npm = await output("sh", "-c", 'realpath "$(command -v npm)"');
  const setting = (key: string) => output("npm", "config", "get", key);
  const [registry, cafile] = [await setting("registry"), await setting("cafile")];
  const authorities = process.env.NODE_EXTRA_CA_CERTS ?? (cafile === "null" ? undefined : cafile);
  const trusted = "/etc/ssl/authorities.pem";
  await makeImage(engine, name, {
    programs: { "/usr/local/bin/node": process.execPath, "/usr/local/bin/tini": "/usr/bin/tini" },
    files: {
      "/usr/local/lib/node_modules/npm": dirname(dirname(npm)),
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

/** The libraries that a program is linked with, with the loader; none where it is linked statically. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await ran(["ldd", program]);
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path ?? "");
}

const output = async (...argv: string[]) => (await outputOf(argv)).trim();

/** What Dockerfile takes, as a clone has it where the umask is strict: only its owner may read it. */
async function strictCheckout(folder: string): Promise<string> {
  const [checkout, copy] = [join(import.meta.dirname, "../.."), join(folder, "checkout")];
  const taken =
    (await readFile(join(checkout, ".dockerignore"), "utf8")).match(/(?<=^!).+/gm) ?? [];
  await mkdir(copy);
  for (const name of ["Dockerfile", ".dockerignore", ...taken]) {
    await cp(join(checkout, name), join(copy, name), { recursive: true });
  }
  await outputOf(["chmod", "-R", "go=", copy]);
  return copy;
}

/** The names of an image and of what it was made from. */
export interface Built {
  readonly image: string;
  readonly base: string;
}

/** Builds Dockerfile as it is, with the builder that every engine has, on a base of this machine. */
export async function buildSidekickImage(engine: DockerEngine): Promise<Built> {
  const built: Built = { image: "sidekick:test", base: "node:test" };
  await makeNodeImage(engine, built.base);
  const root = await strictCheckout(engine.folder);
  const build = ["docker", "-H", `unix://${engine.socket}`, "build"];
  // npm asks for what the program depends on; the networks of the engine lead nowhere.
  const options = ["--network=host", "--build-arg", `BASE=${built.base}`, "-t", built.image];
  await outputOf([...build, ...options, root], { env: { DOCKER_BUILDKIT: "0" } });
  return built;
}
