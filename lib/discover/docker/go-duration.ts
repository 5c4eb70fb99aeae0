const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as Consul takes it (`1m30s`) in the words of a configuration (`90000ms`); any other text as it is. */
export function parseGoDuration(text: string): string {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return text;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  const ms = [...parts].reduce((sum, [, count, unit = ""]) => {
    return sum + Number(count) * (unitMs[unit] ?? 0);
  }, 0);
  return `${ms}ms`;
}
