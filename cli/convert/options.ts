/** A command line of `sidekick convert`. */
export interface ConvertOptions {
  readonly program: string | undefined;
  /** The folder to write to. */
  readonly write: string | undefined;
  readonly fixture: string | undefined;
  /** The command line of the program. */
  readonly rest: readonly string[];
}

const usage = `Usage: sidekick convert confd|nerve|synapse|registrator [its options]

Prints the configuration of that program as sidekick.yaml, and each Go template
as a Handlebars template; then renders the files of both, and exits with 1 if
they are different.

  --write DIR     write to a folder; no file there is overwritten
  --fixture FILE  render from keys and values of a file, not the keyspace
  --help          print this
`;

/** Takes the options of convert out of the command line; the others are those of the program. */
export function parseConvert(args: readonly string[]): ConvertOptions | { readonly usage: string } {
  const [program, ...others] = args;
  if (program === undefined || ["help", "-h", "--help"].includes(program)) return { usage };
  const own: Record<string, string | undefined> = {};
  const rest: string[] = [];
  const left = [...others];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    if (/^--?h(elp)?$/.test(arg)) return { usage };
    const [, name, value] = /^--(write|fixture)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined) rest.push(arg);
    else own[name] = value ?? left.shift();
  }
  return { program, write: own.write, fixture: own.fixture, rest };
}
