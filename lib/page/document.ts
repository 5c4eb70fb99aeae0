import { escapeHtml, html } from "./html.ts";
import type { Shown } from "./live.ts";

/** A tick on a blue square. */
const icon =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='#2a6f97'/>" +
  "<path d='M4 8.5l2.8 2.8L12 5.5' fill='none' stroke='#fff' stroke-width='2'/></svg>";

/** The whole page: complete without its script, which keeps it up to date from `id` on. */
export function documentOf({ id, tree }: Shown, hostName: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>sidekick on ${escapeHtml(hostName)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body data-id="${escapeHtml(id)}">
${html(tree)}
<footer><span id="heard">As of when it was loaded.</span></footer>
</body>
</html>
`;
}
