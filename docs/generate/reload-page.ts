import { settings } from "../../agents/reload/settings.ts";

/** What a reload does with each setting. */
export function reloadTable(): string {
  const rows = settings.map(({ setting, with: other, effect, needsRestart }) => {
    const names = setting.split(", ").map((name) => `\`${name}\``);
    const condition = other === undefined ? "" : ` with \`${other}\``;
    const what = needsRestart ? `${effect}: restart the agent` : effect;
    return `| ${names.join(", ")}${condition} | ${what} |`;
  });
  return ["| setting | what a reload does |", "| --- | --- |", ...rows].join("\n");
}
