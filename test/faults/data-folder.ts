import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { atEnd } from "../support/process.ts";

/** A folder for the data folders of the members. At the end of the test it is removed with all mounts below it. */
export async function dataFolder(t: Pick<TestContext, "after">): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-test-"));
  atEnd(t, async () => {
    await promisify(execFile)("sh", ["-ec", unmount, folder]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

const unmount =
  'for one in "$0"/*; do if mountpoint -q "$one"; then umount --lazy "$one"; fi; done';
