const triplet = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

/** The library of Debian's package of that name, which shows a program another time. */
export const libfaketime = `/usr/lib/${triplet}/faketime/libfaketime.so.1`;

/** The environment in which a program's clock is wrong by the seconds that a file names; time passes as ever. */
export function ownClock(file: string): Record<string, string> {
  return {
    LD_PRELOAD: libfaketime,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
}
