import { UnusableValue } from "../../helpers/contract.ts";
import { integerText } from "../values/cast.ts";

/** A version: `1.2.3-beta.1+build`. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: string;
  readonly metadata: string;
}

const dotted = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";

const versionPattern = new RegExp(
  `^v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-(${dotted}))?(?:\\+(${dotted}))?$`,
);

/** Minor and patch may be missing. Throws an UnusableValue. */
export function parseVersion(text: string): Version {
  const found = versionPattern.exec(text);
  if (!found) throw new UnusableValue("Invalid Semantic Version");
  const [, major = "0", minor = "0", patch = "0", prerelease = "", metadata = ""] = found;
  if (prerelease.split(".").some((part) => /^0\d+$/.test(part))) {
    throw new UnusableValue("Version segment starts with 0");
  }
  return { major: part(major), minor: part(minor), patch: part(patch), prerelease, metadata };
}

function part(digits: string): number {
  const number = integerText(digits, 10);
  if (number !== undefined) return number;
  throw new UnusableValue("Error parsing version segment: value out of range");
}

export function versionText({ major, minor, patch, prerelease, metadata }: Version): string {
  const before = prerelease === "" ? "" : `-${prerelease}`;
  return `${major}.${minor}.${patch}${before}${metadata === "" ? "" : `+${metadata}`}`;
}

/** Negative if a is before b. Metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  const numbers = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  return numbers || comparePrereleases(a.prerelease, b.prerelease);
}

/** A release is after its prereleases. */
function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  const [left, right] = [a.split("."), b.split(".")];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const order = compareParts(left[at], right[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers are before words, and a missing part before any. */
function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return Number(a) - Number(b);
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return a < b ? -1 : 1;
}
