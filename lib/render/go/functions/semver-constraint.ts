import { UnusableValue } from "../../helpers/contract.ts";
import { compareVersions, parseVersion, type Version } from "./semver.ts";

/** A condition such as `>=1.2.x`: its version with zeros for what is missing, and how many numbers it gives. */
interface Condition {
  readonly operator: string;
  readonly version: Version;
  readonly given: 0 | 1 | 2 | 3;
}

const number = "[0-9|xX*]+";
const suffix = "(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?";
const pattern = `v?${number}(?:\\.${number})?(?:\\.${number})?${suffix}`;
const operator = "(?:=||!=|>|<|>=|=>|<=|=<|~|~>|\\^)";
const one = `${operator}\\s*${pattern}`;

const range = new RegExp(`\\s*(${pattern})\\s+-\\s+(${pattern})\\s*`, "g");
const valid = new RegExp(`^\\s*${one}\\s*(?:(?:\\s+|,\\s*)${one}\\s*)*$`);
const each = new RegExp(`(?:[!<>]=?|=[<>]?|~>?|\\^)?\\s*${pattern}`, "g");

/** Whether a version meets a constraint of sprig: `>=1.2, <2 || ^3.1`. Throws an UnusableValue for another text. */
export function meets(version: Version, constraint: string): boolean {
  const alternatives = constraint.replace(range, ">= $1, <= $2").split("||");
  const parsed = alternatives.map((text) => {
    if (!valid.test(text)) throw new UnusableValue(`improper constraint: ${text}`);
    return (text.match(each) ?? []).map(parse);
  });
  return parsed.some((conditions) => conditions.every((condition) => holds(version, condition)));
}

function parse(text: string): Condition {
  const [, operator = "", rest = ""] = /^([!<>=~^]*)\s*v?(.*)$/.exec(text) ?? [];
  const at = rest.search(/[-+]/);
  const [numbers, tail] = at === -1 ? [rest, ""] : [rest.slice(0, at), rest.slice(at)];
  const parts = numbers.split(".");
  const wildcard = [...parts, "x"].findIndex((part) => /^[xX*]$/.test(part));
  const given = Math.min(wildcard, 3) as Condition["given"];
  const whole = [...parts.slice(0, given), "0", "0", "0"].slice(0, 3).join(".");
  const prerelease = tail.replace(/\+.*/, "");
  try {
    return { operator, version: parseVersion(whole + prerelease), given };
  } catch {
    throw new UnusableValue("constraint Parser Error");
  }
}

function holds(version: Version, condition: Condition): boolean {
  const { operator } = condition;
  const isOther = operator === "!=" && condition.given === 3;
  // A prerelease meets only what has one.
  if (!isOther && version.prerelease !== "" && condition.version.prerelease === "") return false;
  return (rules[operator] ?? equals)(version, condition);
}

type Rule = (version: Version, condition: Condition) => boolean;

const rules: Readonly<Record<string, Rule>> = {
  "!=": (version, condition) => !isSame(version, condition),
  ">": (version, condition) =>
    isExact(condition)
      ? compareVersions(version, condition.version) > 0
      : compareNumbers(version, condition) > 0,
  "<": (version, condition) => compareVersions(version, condition.version) < 0,
  ">=": atLeast,
  "=>": atLeast,
  "<=": atMost,
  "=<": atMost,
  "~": tilde,
  "~>": tilde,
  "^": caret,
};

function equals(version: Version, condition: Condition): boolean {
  if (condition.given < 3) return tilde(version, condition);
  return compareVersions(version, condition.version) === 0;
}

function isSame(version: Version, condition: Condition): boolean {
  if (isExact(condition)) return compareVersions(version, condition.version) === 0;
  return compareNumbers(version, condition) === 0;
}

/** Compares as many numbers as the condition gives. */
function compareNumbers(version: Version, { version: limit, given }: Condition): number {
  const major = version.major - limit.major;
  return given === 1 ? major : major || version.minor - limit.minor;
}

/** Also `*`, which stands for 0.0.0 here. */
function isExact({ given }: Condition): boolean {
  return given === 3 || given === 0;
}

function atLeast(version: Version, condition: Condition): boolean {
  return compareVersions(version, condition.version) >= 0;
}

function atMost(version: Version, condition: Condition): boolean {
  if (condition.given === 3) return compareVersions(version, condition.version) <= 0;
  return compareNumbers(version, condition) <= 0;
}

function tilde(version: Version, condition: Condition): boolean {
  if (!atLeast(version, condition)) return false;
  const { major, minor, patch } = condition.version;
  const isAny = condition.given === 0 || (condition.given === 3 && major + minor + patch === 0);
  return isAny || compareNumbers(version, condition) === 0;
}

/** Within the first number that is not 0. */
function caret(version: Version, condition: Condition): boolean {
  const { version: limit, given } = condition;
  if (!atLeast(version, condition)) return false;
  if (limit.major > 0 || given === 1) return version.major === limit.major;
  if (version.major > 0) return false;
  if (limit.minor > 0 || given === 2) return version.minor === limit.minor;
  return version.minor === 0 && version.patch === limit.patch;
}
