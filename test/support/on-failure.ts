import type { TestContext } from "node:test";

/** Prints `details` if the test fails. */
export function onFailure(t: TestContext, details: () => string | Promise<string>): void {
  t.after(async () => {
    // Missing in the types of Node.js.
    const { passed } = t as { passed?: boolean };
    if (passed === false) t.diagnostic(await details());
  });
}
