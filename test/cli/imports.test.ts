import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { read } from "../support/sources.ts";

const files = await read("{agents,cli,lib}/**/*.ts");

/** The files that are loaded with a file: by its import statements, not by import() when a command runs. */
function loadedWith(path: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(path)) return loaded;
  loaded.add(path);
  const statements = (files.get(path) ?? "").matchAll(
    /^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gm,
  );
  for (const [, to = ""] of statements) {
    if (to.startsWith(".")) loadedWith(normalize(join(dirname(path), to)), loaded);
  }
  return loaded;
}

test("the parser of the command line loads neither a command nor the agents", () => {
  const others = [...loadedWith("cli/main.ts")].filter((path) => !path.startsWith("cli/"));
  assert.deepEqual(
    others.filter((path) => !path.startsWith("lib/base/")),
    [],
  );
  for (const path of loadedWith("cli/main.ts"))
    assert.doesNotMatch(path, /^cli\/(commands|demo)\//);
});

test("the commands that connect to a running agent load nothing of the agents and of the configuration", () => {
  for (const command of ["status", "drain"]) {
    const loaded = [...loadedWith(`cli/commands/${command}.ts`)];
    assert.ok(loaded.length > 3);
    for (const path of loaded) {
      assert.doesNotMatch(path, /^(agents|lib\/(config|keyspace|render|proxy|health))\//);
    }
  }
});

test("the client of container engines, with its HTTP library, is loaded where an engine is asked", () => {
  for (const command of ["check", "inspect", "render", "run", "schema", "status"]) {
    const loaded = loadedWith(`cli/commands/${command}.ts`);
    assert.ok(loaded.size > 3);
    assert.equal(loaded.has("lib/clients/docker/engine.ts"), false, command);
  }
});

test("an agent loads the code of explanations and overviews with the first question, and that of a page if it has one", () => {
  for (const agent of ["agents/run.ts", "agents/presence/agent.ts", "agents/watch/agent.ts"]) {
    const loaded = [...loadedWith(agent)];
    assert.ok(loaded.length > 50);
    for (const path of loaded) {
      assert.doesNotMatch(path, /^(agents\/(explain|overview|watch\/explain\/)|lib\/page\/)/);
      assert.doesNotMatch(path, /^lib\/overview\/(explanation|overview|instances|format)/);
    }
  }
});
