/**
 * Preloaded into every file of a run: the runner's own limit (`--test-timeout`) ends a test, but not a file whose tests
 * are over and in which something is still open.
 */
const limitMs = 3 * testLimitMs();

// The runner itself has none: it waits for all files.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const hung = setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${process.argv[1]} has not ended after ${limitMs} ms; still open: ${open}`);
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
