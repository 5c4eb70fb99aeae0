import { helpers } from "../../lib/render/helpers/all.ts";
import { helpersReference } from "./helpers-reference.ts";

const opening = `# Template helpers

A helper is called with its arguments after its name: \`{{getv "/app/name"}}\`. Its result can be an argument
of another: \`{{#each (split (getv "/app/hosts") ",")}}\`. Those that confd has too give what confd gives;
where they do not, the table says so. A helper that is given something it cannot use stops the rendering:
the message names template, line and column, and the file stays as it was.

Arguments in brackets can be left out; \`...\` takes any number.
`;

/** The text of `docs/helpers.md`. */
export function helpersPage(): string {
  return `${opening}\n${helpersReference(helpers)}`;
}
