import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { run } from "../../lib/base/exec.ts";
import { never } from "../../lib/base/signal.ts";
import { nginxConfig } from "../../lib/render/synapse/nginx-config.ts";
import { nginxCases } from "../lib/render/synapse/nginx-cases.ts";
import { hangMs, throwAwayFolder } from "../support/process.ts";

test("nginx accepts the text of every case", async (t) => {
  const folder = await throwAwayFolder(t);
  const config = join(folder, "nginx.conf");
  for (const { name, settings, servers } of nginxCases) {
    const { text } = nginxConfig(settings, new Map(Object.entries(servers)));
    // nginx -t tests whether it can write the file of its process id, which another nginx may own.
    await writeFile(config, text.replaceAll("/tmp/nginx.pid", join(folder, "nginx.pid")));
    const argv = ["nginx", "-t", "-c", config, "-e", join(folder, "error.log")];
    const { ok, output } = await run({ argv, timeoutMs: hangMs }, systemClock, never);
    assert.ok(ok, `${name}:\n${output}`);
  }
});
