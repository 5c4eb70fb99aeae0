import { Integer } from "../values/numbers.ts";
import { Struct } from "../values/types.ts";
import { pure, table } from "./define.ts";
import { parseVersion, versionText } from "./semver.ts";
import { meets } from "./semver-constraint.ts";

/** Versions, as in sprig. */
export const sprigVersions = table(
  pure(
    "semver(text string) any",
    "a version, with .Major, .Minor, .Patch, .Prerelease and .Metadata",
    semver,
  ),
  pure(
    "semverCompare(constraint, version string) bool",
    "whether a version meets a constraint: `^1.2`, `>=1.2, <2 || ~3.1`",
    (constraint, version) => {
      meets(parseVersion("0"), constraint);
      return meets(parseVersion(version), constraint);
    },
  ),
);

function semver(text: string): Struct {
  const version = parseVersion(text);
  const uint64 = (value: number) => new Integer("uint64", value);
  const fields = {
    ...{ Major: uint64(version.major), Minor: uint64(version.minor), Patch: uint64(version.patch) },
    ...{ Prerelease: version.prerelease, Metadata: version.metadata, Original: text },
  };
  return new Struct("*semver.Version", fields, versionText(version));
}
