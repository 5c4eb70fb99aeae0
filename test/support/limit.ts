/**
 * Preloaded into every test file: the runner's own limit (`--test-timeout`) ends a test, but not a file in which all
 * tests have ended and a handle is still open.
 */
const limitMs = 3 * testLimitMs();

/** Where several files share a process: after which tests more handles were open than before, and stayed open. */
export const leftOpen: { readonly after: string; readonly open: readonly string[] }[] = [];

// Not in the runner itself, which waits for all files.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const hung = setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${process.argv[1]} did not end within ${limitMs} ms; open handles: ${open}`);
    for (const { after, open } of leftOpen) console.error(`after ${after}: ${open.join(", ")}`);
    process.exit(1);
  }, limitMs);
  hung.unref();
}

/** The runner's limit of a test, in milliseconds: 10 minutes where it was given none. */
function testLimitMs(): number {
  const option = "--test-timeout=";
  const given = process.execArgv.findLast((argument) => argument.startsWith(option));
  return Number(given?.slice(option.length) ?? 600_000);
}
