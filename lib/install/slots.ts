import { Slots } from "../base/slots.ts";

/**
 * How many files are checked and written at a time in this process: each takes file descriptors, and its check command a process.
 * With thousands of templates all of them change at once, at the start and when a keyspace is replaced.
 */
export const installSlots = new Slots(32);
