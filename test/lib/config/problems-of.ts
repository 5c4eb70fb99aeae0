import assert from "node:assert/strict";
import { Fault } from "../../../lib/base/fault.ts";
import { parseConfig } from "../../../lib/config/load.ts";
import type { Env } from "../../../lib/config/located/expand-variables.ts";
import type { Format } from "../../../lib/config/located/parse.ts";
import type { Plan } from "../../../lib/config/plan.ts";

/** The plan of a text, as if it were read from a file in /etc/sidekick. */
export function planFrom(text: string, env: Env = {}, format: Format = "yaml"): Plan {
  const name = `/etc/sidekick/sidekick.${format}`;
  return parseConfig(text, name, format, { env, hostName: "web-1" });
}

/** The problems of a text, their positions without the folder; empty for a valid one. */
export function problemsOf(
  text: string,
  env: Env = {},
  format: Format = "yaml",
): readonly string[] {
  try {
    planFrom(text, env, format);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, "CONFIG_INVALID");
    return error.message.replaceAll("/etc/sidekick/", "").split("\n");
  }
  return [];
}
