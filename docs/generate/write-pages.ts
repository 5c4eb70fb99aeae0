import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pages, root } from "./pages.ts";

for (const [file, text] of await pages()) {
  await writeFile(join(root, file), text);
  console.log(file);
}
