import type { ExecPlan } from "../../lib/config/plan.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { type RenderDeps, TemplateFile } from "../../lib/render/template-file.ts";
import { emptyPools, pools } from "../../lib/view/pools.ts";
import { Sources } from "../../lib/view/sources.ts";
import { visibleServices } from "../../lib/view/visible.ts";
import { faults } from "../faults.ts";

/** The values of variables, by name. */
export type Values = Readonly<Record<string, string>>;

/** What the variables of a program are rendered from. */
export interface VariablesPlan extends Pick<ExecPlan, "env" | "prefixes"> {
  /** The folders of the program's own entries, which they do not see. */
  readonly hidden: readonly string[];
}

/** The folder of the services that templates of variables see. */
const services = "/services";

/** The templates of the variables in `exec.env`. */
export class Variables {
  readonly prefixes: readonly string[];
  readonly #templates: readonly (readonly [string, TemplateFile])[];

  /** Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME of the first template that cannot be used. */
  constructor({ env, prefixes, hidden }: VariablesPlan, deps: RenderDeps) {
    this.prefixes = prefixes;
    this.#templates = Object.entries(env).map(([name, text]) => {
      const path = `exec.env.${name}`;
      const settings = { name: path, source: path, prefixes, hidden, target: { path } };
      return [name, TemplateFile.ofText({ ...settings, format: "unchecked" }, text, deps)] as const;
    });
  }

  get names(): readonly string[] {
    return this.#templates.map(([name]) => name);
  }

  /** Throws the RENDER_ fault of the first template, and AGENT_VARIABLE_INVALID. */
  async render(snapshot: Snapshot, signal: AbortSignal): Promise<Values> {
    const seen = pools(emptyPools(new Sources(services)), snapshot);
    const view = { snapshot, services: visibleServices(seen, this.prefixes) };
    const values: [string, string][] = [];
    for (const [name, template] of this.#templates) {
      const { text } = await template.render(view, signal);
      // The one character that no environment can hold.
      if (text.includes("\0")) throw faults.AGENT_VARIABLE_INVALID({ name });
      values.push([name, text]);
    }
    return Object.fromEntries(values);
  }
}

/** The names of the variables that differ. */
export function changedNames(before: Values, after: Values): readonly string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}
