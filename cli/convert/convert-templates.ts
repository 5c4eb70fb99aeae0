import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Comment } from "../../lib/config/convert/convert-plan.ts";
import type { TemplatePlan } from "../../lib/config/plan.ts";
import { kinds as formats } from "../../lib/render/escape/kinds.ts";
import { faults } from "../../lib/render/faults.ts";
import { convertGo } from "../../lib/render/go/convert/convert.ts";
import { nameOf, type Original } from "./read-original.ts";

/** The templates of a plan as files of sidekick. */
export interface ConvertedTemplates {
  /** By their paths in the folder of sidekick.yaml. */
  readonly files: ReadonlyMap<string, string>;
  /** The path for each template of the plan; undefined for one that a generator makes. */
  readonly sources: readonly (string | undefined)[];
  /** Why templates stay Go templates. */
  readonly comments: readonly Comment[];
}

/** Converts the templates of a plan. Throws RENDER_TEMPLATE_UNREADABLE, RENDER_SYNTAX or RENDER_UNKNOWN_NAME. */
export async function convertTemplates({
  plan,
  ...original
}: Original): Promise<ConvertedTemplates> {
  const files = new Map<string, string>();
  const sources: (string | undefined)[] = [];
  const comments: Comment[] = [];
  for (const [i, template] of (plan.watch?.templates ?? []).entries()) {
    if (template.generator) {
      sources.push(undefined);
      continue;
    }
    const { path, text, reason } = await convertTemplate(template, original);
    files.set(path, text);
    sources.push(path);
    if (reason !== undefined) {
      comments.push({ path: ["watch", "templates", i, "source"], text: reason });
    }
  }
  return { files, sources, comments };
}

async function convertTemplate(
  { source, format }: TemplatePlan,
  original: Pick<Original, "templates">,
): Promise<{ readonly path: string; readonly text: string; readonly reason?: string }> {
  const name = basename(source);
  const text = await readFile(source, "utf8").catch((cause: unknown) => {
    throw faults.RENDER_TEMPLATE_UNREADABLE({ path: source, looked: [source] }, cause);
  });
  const converted = convertGo({ name, text, language: "go" }, formats[format]);
  const path = `templates/${nameOf(source, original)}`;
  if ("text" in converted) return { path: `${path}.hbs`, text: converted.text };
  const { line, column, why } = converted;
  const reason = `It stays a Go template: ${name}:${line}:${column}: ${why}.`;
  return { path: `${path}.tmpl`, text, reason };
}
