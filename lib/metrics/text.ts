import type { Family, Labels, Sample } from "./contract.ts";

/** The media type of `formatFamilies`. */
export const textType = "text/plain; version=0.0.4; charset=utf-8";

/** The families in the text format 0.0.4 of Prometheus (prometheus.io/docs/instrumenting/exposition_formats). */
export function formatFamilies(families: readonly Family[]): string {
  const lines: string[] = [];
  for (const { name, help, type, samples } of families) {
    if (samples.length === 0) continue;
    lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`);
    for (const sample of samples) lines.push(lineOf(name, sample));
  }
  return `${lines.join("\n")}\n`;
}

/** The lines of the samples, each of which is of one family, so that one that is given again is not formatted again. */
const known = new WeakMap<Sample, string>();

function lineOf(name: string, sample: Sample): string {
  const line = known.get(sample);
  if (line !== undefined) return line;
  const { suffix = "", labels, value } = sample;
  const made = `${name}${suffix}${formatLabels(labels)} ${formatValue(value)}`;
  known.set(sample, made);
  return made;
}

function formatLabels(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return /["\\\n]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
}
