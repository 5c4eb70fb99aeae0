import type { TestContext } from "node:test";

/** Prints `details` if the test fails, or one of its subtests: then with the subtest, as they are at that moment. */
export function onFailure(t: TestContext, details: () => string | Promise<string>): void {
  const print = async (test: TestContext) => {
    // Missing in the types of Node.js.
    const { passed } = test as { passed?: boolean };
    if (passed === false) test.diagnostic(await details());
  };
  t.after(() => print(t));
  // A failed subtest does not count as a failure of `t` before the hooks of `t` have run.
  t.afterEach((subtest) => print(subtest as TestContext));
}
