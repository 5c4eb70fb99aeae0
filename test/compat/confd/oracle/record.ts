/**
 * Writes the texts that Go makes of each set-up to its folder `expected`: `node test/compat/confd/oracle/record.ts`. Needs Go 1.19
 * or later, in Debian `apt-get install golang-go`. The tests read what it writes and need no Go.
 */
import { execFileSync } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { systemClock } from "../../../../lib/base/clock.ts";
import { never } from "../../../../lib/base/signal.ts";
import { openKeyspace } from "../../../../lib/keyspace/kinds.ts";
import { readSnapshot } from "../../../../lib/keyspace/read-snapshot.ts";
import { keyspaceSchema } from "../../../../lib/keyspace/schema.ts";
import { filesBelow, type SetUp, setUps } from "../set-ups.ts";

/** confd's functions, and the package of the pairs that they return. */
const functions = join(import.meta.dirname, "../../../lib/render/go/functions/oracle");

/** A template with the keys that confd would read for it. */
interface Task {
  readonly expected: string;
  readonly Template: string;
  readonly Keys: Readonly<Record<string, string>>;
  readonly Env: Readonly<Record<string, string>>;
}

async function tasksOf({ folder, env, keysAt }: SetUp): Promise<readonly Task[]> {
  const url = keysAt(folder).includes("env") ? "env:" : `yaml:${join(folder, "keys.yaml")}`;
  const keyspace = await openKeyspace(keyspaceSchema.parse(url), {
    clock: systemClock,
    random: () => 0,
    env,
  });
  const entries = (await readSnapshot(keyspace, [""], never)).chunks.flat();
  const files = await filesBelow(join(folder, "conf.d"));
  return await Promise.all(
    files.map(async (file) => {
      const toml = await readFile(join(folder, "conf.d", file), "utf8");
      const text = (name: string) => new RegExp(`^${name} *= "(.*)"$`, "m").exec(toml)?.[1] ?? "";
      const list = /^keys = \[([^\]]*)\]/m.exec(toml)?.[1] ?? "";
      const prefix = posix.join("/", text("prefix"));
      const keys = [...list.matchAll(/"(.*?)"/g)].map(([, key = ""]) => posix.join(prefix, key));
      const below = entries.filter(({ key }) =>
        keys.some((one) => key === one || key.startsWith(one.endsWith("/") ? one : `${one}/`)),
      );
      const short = below.map(({ key, value }) => {
        return [posix.join("/", key.replace(prefix === "/" ? "" : prefix, "")), value];
      });
      return {
        expected: join(folder, "expected", text("dest")),
        Template: await readFile(join(folder, "templates", text("src")), "utf8"),
        Keys: Object.fromEntries(short),
        Env: env,
      };
    }),
  );
}

const tasks = (await Promise.all(setUps.map(tasksOf))).flat();
const folder = await mkdtemp(join(tmpdir(), "confd-oracle-"));
try {
  await copyFile(join(functions, "confd.go"), join(folder, "confd.go"));
  await cp(join(functions, "memkv"), join(folder, "memkv"), { recursive: true });
  await copyFile(join(import.meta.dirname, "main.go"), join(folder, "main.go"));
  const input = tasks.map((task) => JSON.stringify(task)).join("\n");
  const output = execFileSync("go", ["run", "main.go", "confd.go"], {
    cwd: folder,
    input,
    encoding: "utf8",
    env: { ...process.env, GO111MODULE: "off" },
  });
  for (const [i, line] of output.trim().split("\n").entries()) {
    const { expected = "" } = tasks[i] ?? {};
    await mkdir(dirname(expected), { recursive: true });
    await writeFile(expected, JSON.parse(line));
  }
  console.log(`${tasks.length} files of ${setUps.length} set-ups`);
} finally {
  await rm(folder, { recursive: true });
}
