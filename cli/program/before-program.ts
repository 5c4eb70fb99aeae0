/** The commands that may run a program, whose arguments follow `--`. */
const running = new Set(["exec", "env", "wait"]);

/** A command line before `--`, and the program with its arguments after it; undefined without `--`, and for other commands. */
export function splitProgram(args: readonly string[]): {
  readonly own: readonly string[];
  readonly program: readonly string[] | undefined;
} {
  const end = running.has(args[0] ?? "") ? args.indexOf("--") : -1;
  if (end < 0) return { own: args, program: undefined };
  return { own: args.slice(0, end), program: args.slice(end + 1) };
}
