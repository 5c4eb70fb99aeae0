/**
 * Preloaded into every test file: the runner's own limit (`--test-timeout`) ends a test, but not a file in which all
 * tests have ended and a handle is still open.
 */
const limitMs = 30 * 60_000;

// Not in the runner itself, which waits for all files.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const hung = setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${process.argv[1]} did not end within ${limitMs} ms; open handles: ${open}`);
    process.exit(1);
  }, limitMs);
  hung.unref();
}
