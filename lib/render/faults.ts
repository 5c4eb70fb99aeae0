import { excerpt } from "../base/excerpt.ts";
import { catalogue } from "../base/fault.ts";
import type { Site } from "./contract.ts";

const at = ({ template, line, column }: Site): string => `${template}:${line}:${column}`;

export const faults = catalogue({
  RENDER_TEMPLATE_UNREADABLE: {
    retry: false,
    message: (d: { path: string; looked: readonly string[] }) =>
      `the template ${d.path} cannot be read (looked for ${d.looked.join(", then ")})`,
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
    message: (d: { site: Site; what: string; name: string; nearest: string | undefined }) =>
      `${at(d.site)}: there is no ${d.what} ${d.name}${d.nearest ? `: did you mean ${d.nearest}?` : ""}`,
  },
  RENDER_VALUE_MISSING: {
    retry: true,
    message: (d: { site: Site }) =>
      `${at(d.site)}: ${d.site.text} has no value: check the name, or make it optional with {{#if}}`,
  },
  RENDER_HELPER_FAILED: {
    retry: true,
    message: (d: {
      template: string;
      line: number;
      column: number;
      helper: string;
      problem: string;
    }) =>
      `${d.template}:${d.line}:${d.column}: ${d.problem.startsWith(d.helper) ? "" : `${d.helper}: `}${d.problem}`,
  },
  RENDER_UNSAFE: {
    retry: true,
    message: (d: {
      site: Site;
      value: string;
      format: string;
      problem: string;
      keys: readonly string[];
    }) =>
      `${at(d.site)}: ${d.site.text} is ${excerpt(d.value)}${d.keys.length > 0 ? ` (key ${d.keys.join(", ")})` : ""}, ` +
      `which is not allowed in a file of format ${d.format}: ${d.problem}`,
  },
  RENDER_FAILED: {
    retry: true,
    message: (d: { template: string; problem: string }) => `${d.template}: ${d.problem}`,
  },
  RENDER_LOOKUP_FAILED: {
    retry: true,
    message: (d: { name: string; template: string }) =>
      `${d.template}: ${d.name} cannot be resolved; the previous file is kept`,
  },
});
