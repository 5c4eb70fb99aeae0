import { readFileSync } from "node:fs";

/** The build puts the text of the file in the place of each call. */
const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

export const styles = read("page.css");
export const script = read("page.js");
