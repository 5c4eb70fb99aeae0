import { Fault } from "../../lib/base/fault.ts";
import { conditionsOf } from "../../lib/install/conditions.ts";
import type { Outcome } from "./apply.ts";
import type { TemplateGroup } from "./groups.ts";

/** What an attempt that has failed has left, as far as it may be the cause. */
export interface Causes {
  /** The same as long as no file, and nothing that writing it depends on, changes. */
  readonly description: string;
  /** What the attempt met is not what it has left: a cause may have gone while it ran. */
  readonly isDoubtful: boolean;
}

/** Looks at the files of a group, and at what writing them depends on. */
export async function describeCauses(group: Pick<TemplateGroup, "files">): Promise<string> {
  return describe(await lookAt(group));
}

/**
 * The causes of a fault; undefined if the outcome is none. To be called before the fault is logged or reported, so that
 * what is mended after that has another description. A change while the attempt ran only causes doubt: it may have come too late.
 */
export async function causesOf(
  outcome: Outcome | Fault,
  group: Pick<TemplateGroup, "files">,
): Promise<Causes | undefined> {
  if (!(outcome instanceof Fault)) return undefined;
  const all = await lookAt(group);
  const isContradiction =
    outcome.code === "INSTALL_UNWRITABLE" && all.every(({ isWritable }) => isWritable);
  const isDoubtful = isContradiction || all.some(({ isReplaced }) => isReplaced);
  return { description: describe(all), isDoubtful };
}

async function lookAt({ files }: Pick<TemplateGroup, "files">) {
  return await Promise.all(files.map(({ plan }) => conditionsOf(plan.target)));
}

function describe(all: Awaited<ReturnType<typeof lookAt>>): string {
  return all.map(({ description }) => description).join("\n");
}
