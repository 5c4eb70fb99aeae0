import { Fault } from "../../lib/base/fault.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { TemplateFile } from "../../lib/render/template-file.ts";
import { faults } from "../faults.ts";
import type { World } from "../world.ts";

/** Validates configuration and templates. Throws CONFIG_ faults, and CLI_CHECK_FAILED with every problem of a template. */
export async function check(files: readonly string[], world: World): Promise<void> {
  const plan = await loadConfig(files, world);
  const problems: string[] = [];
  const templates = plan.watch?.templates ?? [];
  for (const template of templates) {
    try {
      await TemplateFile.open(template, world);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw faults.CLI_CHECK_FAILED({ problems });
  const services = count(plan.presence?.services.length ?? 0, "service");
  const valid = `valid (${services}, ${count(templates.length, "template")})`;
  world.out.write(`${files.join(", ")}: ${valid}\n`);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
