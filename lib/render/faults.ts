import { excerpt } from "../base/excerpt.ts";
import { catalogue } from "../base/fault.ts";
import { hidden } from "../base/secret.ts";
import type { Site } from "./contract.ts";

const at = ({ template, line, column }: Site): string => `${template}:${line}:${column}`;

/** The keys that a value was read from, where the message does not name them already. */
function from(keys: readonly string[] | undefined, message = ""): string {
  const unnamed = (keys ?? []).filter((key) => !message.includes(key));
  return unnamed.length > 0 ? ` (key ${unnamed.join(", ")})` : "";
}

export const faults = catalogue({
  RENDER_TEMPLATE_UNREADABLE: {
    retry: false,
    message: (d: { path: string; looked: readonly string[] }) =>
      `the template ${d.path} cannot be read${d.looked.length > 1 ? ` (looked for ${d.looked.join(", then ")})` : ""}`,
  },
  RENDER_RESOURCES_EXHAUSTED: {
    retry: true,
    message: (d: { path: string; lack: string }) =>
      `the template ${d.path} cannot be read at the moment: ${d.lack}`,
  },
  RENDER_SYNTAX: {
    retry: false,
    message: (d: { template: string; line: number; column: number; problem: string }) =>
      `${d.template}:${d.line}:${d.column}: ${d.problem}`,
  },
  RENDER_UNKNOWN_NAME: {
    retry: false,
    message: (d: {
      site: Site;
      what: string;
      name: string;
      nearest: string | undefined;
      advice?: string;
    }) =>
      `${at(d.site)}: there is no ${d.what} ${d.name}${d.nearest ? `: did you mean ${d.nearest}?` : ""}${d.advice ?? ""}`,
  },
  RENDER_VALUE_MISSING: {
    retry: true,
    message: (d: { site: Site; keys?: readonly string[] }) =>
      `${at(d.site)}: ${d.site.text} has no value${from(d.keys)}: check the name, or make it optional with {{#if}}`,
  },
  RENDER_HELPER_FAILED: {
    retry: true,
    message: (d: {
      template: string;
      line: number;
      column: number;
      helper: string;
      problem: string;
      keys?: readonly string[];
    }) =>
      `${d.template}:${d.line}:${d.column}: ${d.problem.startsWith(d.helper) ? "" : `${d.helper}: `}${d.problem}${from(d.keys, d.problem)}`,
  },
  RENDER_UNSAFE: {
    retry: true,
    message: (d: {
      site: Site;
      /** Undefined if it may be secret. */
      value: string | undefined;
      format: string;
      problem: string;
      keys: readonly string[];
    }) =>
      `${at(d.site)}: ${d.site.text} is ${d.value === undefined ? hidden : excerpt(d.value)}${from(d.keys)}, ` +
      `which is not allowed in a file of format ${d.format}: ${d.problem}`,
  },
  RENDER_FAILED: {
    retry: true,
    message: (d: {
      template: string;
      /** Undefined if the template failed before its first value. */
      site?: Site | undefined;
      problem: string;
      keys?: readonly string[];
    }) => `${d.site ? at(d.site) : d.template}: ${d.problem}${from(d.keys)}`,
  },
  RENDER_LOOKUP_FAILED: {
    retry: true,
    message: (d: {
      name: string;
      template: string;
      site?: Site | undefined;
      keys?: readonly string[];
    }) => `${d.site ? at(d.site) : d.template}: ${d.name} cannot be resolved${from(d.keys)}`,
  },
});
