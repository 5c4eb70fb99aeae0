/**
 * Preloaded into every file of a run: the runner's own limit (`--test-timeout`) ends a test, but not a file whose tests
 * are over and in which something is still open.
 */
const limitMs = 60 * 60_000;

// The runner itself has none: it waits for all files.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const hung = setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${process.argv[1]} has not ended after ${limitMs} ms; still open: ${open}`);
    process.exit(1);
  }, limitMs);
  hung.unref();
}
