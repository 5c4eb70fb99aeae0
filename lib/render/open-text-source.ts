import type { Clock } from "../base/clock.ts";
import { GeneratedFile } from "./generated-file.ts";
import type { GeneratorSettings } from "./generators.ts";
import { type RenderDeps, TemplateFile, type TemplateSettings } from "./template-file.ts";
import type { TextSource } from "./text-source.ts";

/** Where the text of a file comes from. */
export interface TextSettings extends TemplateSettings {
  /** Makes the text in place of the template at `source`, which is then the file of its settings. */
  readonly generator?: GeneratorSettings;
}

/** Throws RENDER_TEMPLATE_UNREADABLE, RENDER_SYNTAX or RENDER_UNKNOWN_NAME. */
export async function openTextSource(
  { generator, ...settings }: TextSettings,
  { clock, ...deps }: RenderDeps & { readonly clock: Clock },
): Promise<TextSource> {
  if (!generator) return await TemplateFile.open(settings, deps);
  return await GeneratedFile.open({ ...settings, generator }, clock);
}
