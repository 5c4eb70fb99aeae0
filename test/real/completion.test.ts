import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, freePort, outputOf, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { printed, startSidekick } from "./sidekick.ts";

test("bash completes commands, options, files, and the instances of a running agent", async (t) => {
  const folder = await throwAwayFolder(t);
  const [keyspace, port] = [join(folder, "keyspace"), await freePort()];
  await mkdir(keyspace);
  const services = [{ name: "web", host: "127.0.0.1", port }];
  const config = { keyspace: `file:${keyspace}`, presence: { services } };
  await writeFile(join(folder, "a.yaml"), JSON.stringify(config));
  const options = { cwd: folder };
  startSidekick(t, ["run", "-c", "a.yaml"], options);
  const name = `web/127.0.0.1:${port}`;
  await eventually("the instance is registered", async () =>
    (await printed(t, ["ls", `file:${keyspace}`, "/services"], options)).includes(name),
  );

  const program = join(folder, "sidekick");
  await writeFile(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/sidekick.js" "$@"\n`,
  );
  await chmod(program, 0o755);
  await writeFile(join(folder, "script"), await printed(t, ["completion", "bash"], options));
  const env = { PATH: `${folder}:${process.env.PATH}` };
  /** What bash would put in place of its last word, which begins after a space or a colon. */
  const complete = async (line: string) => {
    const show = `. ./script; COMP_LINE=$1 COMP_POINT=\${#1}; _sidekick; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = await outputOf(["bash", "-c", show, "bash", line], {
      cwd: folder,
      env,
    });
    return output.split("\n").filter(Boolean);
  };
  assert.deepEqual(await complete("sidekick und"), ["undrain"]);
  assert.deepEqual(await complete("sidekick status --hea"), ["--healthy"]);
  assert.deepEqual(await complete("sidekick drain -c a.yaml we"), [name]);
  assert.deepEqual(
    await complete("sidekick drain -c a.yaml web/127.0.0.1:"),
    [String(port)],
    "bash has the word up to the colon already",
  );
  assert.deepEqual(await complete("sidekick drain -c none.yaml we"), [], "no agent answers");
});
