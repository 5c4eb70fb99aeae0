import { quantity, unitMs } from "../../base/duration.ts";

const whole = new RegExp(`^(?:${quantity})+$`);
const each = new RegExp(quantity, "g");

/** Converts a duration in the format of Go (`1m30s`), as used by Consul, to that of a configuration (`90000ms`); any other text is unchanged. */
export function parseGoDuration(text: string): string {
  if (!whole.test(text)) return text;
  const parts = text.matchAll(each);
  const ms = [...parts].reduce((sum, [, count, unit = ""]) => {
    return sum + Number(count) * (unitMs[unit] ?? 0);
  }, 0);
  return `${ms}ms`;
}
