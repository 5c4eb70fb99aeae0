import type { EscapeFormat, Language, Sources, Template } from "./contract.ts";
import { compile } from "./engine/engine.ts";
import { compileGo } from "./go/compile.ts";
import { helpers } from "./helpers/all.ts";

/** The language of a template file, by its name: `*.tmpl` is a Go template. */
export function languageOf(file: string): Language {
  return file.endsWith(".tmpl") ? "go" : "handlebars";
}

/** Compiles a template in its language. Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME. */
export function compileSources(sources: Sources, format: EscapeFormat): Template {
  return sources.main.language === "go"
    ? compileGo(sources.main, format)
    : compile(sources, format, helpers);
}
