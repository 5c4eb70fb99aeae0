import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

const run = promisify(execFile);

/** What the package is made from. */
export interface DebianParts {
  /** The project's folder. */
  readonly root: string;
  readonly executable: string;
  /** The processor, as Node.js names it. */
  readonly arch: "x64" | "arm64";
  /** xz is a quarter of the size of none, and takes a minute. */
  readonly compression: "xz" | "none";
}

const architectures = { x64: "amd64", arm64: "arm64" } as const;

interface ProjectPackage {
  readonly version: string;
  readonly description: string;
}

/**
 * Writes the Debian package of an executable into a folder, and resolves with its path: the program, its unit, manual page, completions
 * and examples. Needs dpkg-deb.
 */
export async function makeDebianPackage(
  { root, executable, arch, compression }: DebianParts,
  out: string,
): Promise<string> {
  const { version, description } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  ) as ProjectPackage;
  const folder = await mkdtemp(join(tmpdir(), "sidekick-debian-"));
  try {
    const put = async (path: string, content: string | Buffer, mode = 0o644) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content, { mode });
      await chmod(join(folder, path), mode);
    };
    await putFiles({ root, executable }, folder, put);
    const sums = await digestsOf(folder);
    for (const script of ["postinst", "prerm", "postrm"]) {
      await put(`DEBIAN/${script}`, await readFile(source(script)), 0o755);
    }
    await put("DEBIAN/md5sums", sums);
    const control = controlOf({ version, description, arch }, await kilobytes(folder));
    await put("DEBIAN/control", control);
    const path = join(out, `sidekick_${version}_${architectures[arch]}.deb`);
    await run("chmod", ["-R", "u=rwX,go=rX", folder]);
    await run("dpkg-deb", ["--build", "--root-owner-group", `-Z${compression}`, folder, path]);
    return path;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const source = (name: string) => join(import.meta.dirname, "debian", name);

type Put = (path: string, content: string | Buffer, mode?: number) => Promise<void>;

async function putFiles(
  { root, executable }: Pick<DebianParts, "root" | "executable">,
  folder: string,
  put: Put,
): Promise<void> {
  await mkdir(join(folder, "usr/bin"), { recursive: true });
  await copyFile(executable, join(folder, "usr/bin/sidekick"));
  await mkdir(join(folder, "etc/sidekick"), { recursive: true });
  for (const unit of ["sidekick.service", "sidekick-upgrade.service"]) {
    await put(`lib/systemd/system/${unit}`, await readFile(source(unit)));
  }
  await put("usr/lib/tmpfiles.d/sidekick.conf", await readFile(source("sidekick.tmpfiles")));
  const manual = await readFile(join(root, "docs/sidekick.1"));
  await put("usr/share/man/man1/sidekick.1.gz", gzipSync(manual, { level: 9 }));
  for (const [shell, path] of Object.entries(completions)) {
    const argv = [join(root, "bin/sidekick.js"), "completion", shell];
    await put(path, (await run(process.execPath, argv)).stdout);
  }
  const documentation = "usr/share/doc/sidekick";
  const texts = await Promise.all(
    ["LICENSE", "dist/licenses.txt"].map((name) => readFile(join(root, name), "utf8")),
  );
  await put(`${documentation}/copyright`, texts.join("\n"));
  const changes = await readFile(join(root, "CHANGELOG.md"));
  await put(`${documentation}/changelog.gz`, gzipSync(changes, { level: 9 }));
  for (const [from, to] of [
    ["deploy/systemd", "systemd"],
    ["templates", "templates"],
  ] as const) {
    await cp(join(root, from), join(folder, documentation, "examples", to), { recursive: true });
  }
}

const completions = {
  bash: "usr/share/bash-completion/completions/sidekick",
  zsh: "usr/share/zsh/vendor-completions/_sidekick",
  fish: "usr/share/fish/vendor_completions.d/sidekick.fish",
} as const;

function controlOf(
  { version, description, arch }: ProjectPackage & Pick<DebianParts, "arch">,
  installedKb: number,
): string {
  return `Package: sidekick
Version: ${version}
Architecture: ${architectures[arch]}
Maintainer: The sidekick project <sidekick@localhost>
Installed-Size: ${installedKb}
Depends: libc6 (>= 2.28), libstdc++6 (>= 9), libgcc-s1, passwd, init-system-helpers
Suggests: haproxy | nginx
Section: net
Priority: optional
Description: Service discovery sidekick and configuration templater
 ${description}
`;
}

/** The lines of md5sums, which "dpkg --verify" compares with. */
async function digestsOf(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const path of await filesIn(folder)) {
    const digest = createHash("md5")
      .update(await readFile(join(folder, path)))
      .digest("hex");
    lines.push(`${digest}  ${path}\n`);
  }
  return lines.join("");
}

async function kilobytes(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await filesIn(folder)).map(async (path) => (await stat(join(folder, path))).size),
  );
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith("/DEBIAN"));
  return files
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}
