import { basename, dirname, join } from "node:path";
import { options as confdOptions } from "../../lib/config/compat/confd/options.ts";
import { parseGoFlags } from "../../lib/config/compat/go-flags.ts";
import { options as registratorOptions } from "../../lib/config/compat/registrator/options.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { readConfd } from "../move-in/confd.ts";
import { noNerveFile, parseNerve, readNerve } from "../move-in/nerve.ts";
import { readRegistratorFlags } from "../move-in/registrator.ts";
import { noSynapseFile, parseSynapse, readSynapse } from "../move-in/synapse.ts";
import type { World } from "../world.ts";

/** A configuration of another program. */
export interface Original {
  readonly plan: Plan;
  /** Sentences about settings that have no effect. */
  readonly warnings: readonly string[];
  /** Where it was read: `/etc/confd`, or the command line. */
  readonly from: string;
  /** The folder of its templates, if it has any. */
  readonly templates?: string;
}

/** Wrong usage: sentences. */
export interface WrongUsage {
  readonly problems: readonly string[];
}

type Read = (args: readonly string[], world: World) => Promise<Original | WrongUsage>;

/** By name of a program, what its command line asks for. Throws CONFIG_INVALID and CONFIG_UNREADABLE. */
export const originals: Readonly<Record<string, Read>> = {
  confd: async (args, world) => {
    const flags = parseGoFlags(args, confdOptions);
    if (flags.problems.length > 0) return flags;
    const { plan, warnings, files } = await readConfd(flags, world);
    const folder = dirname(files[1] ?? "");
    return { plan, warnings, from: folder, templates: join(folder, "templates") };
  },
  nerve: async (args, world) => {
    const given = parseNerve(args, world);
    if (typeof given === "string") return { problems: [given] };
    const { file } = given;
    if (file === undefined) return { problems: [noNerveFile] };
    return { ...(await readNerve(file, given, world)), from: file };
  },
  synapse: async (args, world) => {
    const given = parseSynapse(args);
    if (typeof given === "string") return { problems: [given] };
    const { file } = given;
    if (file === undefined) return { problems: [noSynapseFile] };
    return { ...(await readSynapse(file, world)), from: file };
  },
  registrator: async (args, world) => {
    const read = await readRegistratorFlags(parseGoFlags(args, registratorOptions), world);
    return "problems" in read ? read : { ...read, from: `registrator ${args.join(" ")}`.trim() };
  },
};

/** The name of a template that is converted, or kept: `app/web.conf` and the like without `.tmpl`. */
export function nameOf(source: string, { templates = "" }: Pick<Original, "templates">): string {
  const isBelow = source.startsWith(`${templates}/`);
  const name = isBelow ? source.slice(templates.length + 1) : basename(source);
  return name.replace(/\.tmpl$/, "");
}
