const triplet = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

/** The library of Debian's package libfaketime, which changes the time that a program sees. */
export const libfaketime = `/usr/lib/${triplet}/faketime/libfaketime.so.1`;

/** The environment in which the wall clock of a program is off by the seconds in a file. Its monotonic clock is not. */
export function ownClock(file: string): Record<string, string> {
  return {
    LD_PRELOAD: libfaketime,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
}
