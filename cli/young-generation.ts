import { setFlagsFromString } from "node:v8";

/**
 * Keeps the space for young objects at its first size: loading the program would have it grow to many times of what an
 * idle agent needs, for good. `nodeOptions` are those of Node.js, which may set its size.
 */
export function holdYoungGeneration(nodeOptions: string): void {
  if (!/semi[-_]space/.test(nodeOptions)) setFlagsFromString("--semi-space-growth-factor=1");
}
