import { builtin } from "./builtin.ts";
import { confdData } from "./confd-data.ts";
import { confdKeys } from "./confd-keys.ts";
import { confdSystem } from "./confd-system.ts";
import { confdText } from "./confd-text.ts";
import type { GoFunctions } from "./define.ts";
import { sprigData } from "./sprig-data.ts";
import { sprigLists } from "./sprig-lists.ts";
import { sprigMaps } from "./sprig-maps.ts";
import { sprigNumbers } from "./sprig-numbers.ts";
import { sprigPaths } from "./sprig-paths.ts";
import { sprigRegex } from "./sprig-regex.ts";
import { sprigText } from "./sprig-text.ts";
import { sprigVersions } from "./sprig-versions.ts";
import { sprigWords } from "./sprig-words.ts";

const sprig = [
  ...[sprigText, sprigWords, sprigLists, sprigMaps],
  ...[sprigNumbers, sprigData, sprigPaths, sprigRegex, sprigVersions],
];

const confd = [confdKeys, confdText, confdData, confdSystem];

/** All functions of Go templates. No name is in two tables: confd's `add`, `join`, `split` and so on stand for sprig's. */
export const goFunctions: GoFunctions = Object.assign({}, ...sprig, ...confd, builtin);

/** The tables, for tests and the reference page. */
export const goTables: readonly GoFunctions[] = [builtin, ...confd, ...sprig];
