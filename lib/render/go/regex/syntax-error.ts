import { HelperError } from "../../helpers/contract.ts";

/** A regular expression that Go refuses, too. */
export function syntaxError(problem: string, part: string): HelperError {
  return new HelperError(`error parsing regexp: ${problem}: \`${part}\``);
}
