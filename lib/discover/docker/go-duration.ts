import { quantity, unitMs } from "../../base/duration.ts";

const whole = new RegExp(`^(?:${quantity})+$`);
const each = new RegExp(quantity, "g");

/** A duration as Consul takes it (`1m30s`) in the words of a configuration (`90000ms`); any other text as it is. */
export function parseGoDuration(text: string): string {
  if (!whole.test(text)) return text;
  const parts = text.matchAll(each);
  const ms = [...parts].reduce((sum, [, count, unit = ""]) => {
    return sum + Number(count) * (unitMs[unit] ?? 0);
  }, 0);
  return `${ms}ms`;
}
