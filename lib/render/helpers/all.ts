import type { Helpers } from "./contract.ts";
import { data } from "./data.ts";
import { keys } from "./keys.ts";
import { lists } from "./lists.ts";
import { logic } from "./logic.ts";
import { numbers } from "./numbers.ts";
import { paths } from "./paths.ts";
import { proxies } from "./proxies.ts";
import { system } from "./system.ts";
import { text } from "./text.ts";

/** Every table of helpers, in the order of the reference page. */
export const tables: readonly Helpers[] = [
  ...[keys, paths, text, lists, numbers, logic, data, proxies, system],
];

/** Every helper. A test asserts that no name is in two tables. */
export const helpers: Helpers = Object.assign({}, ...tables);
