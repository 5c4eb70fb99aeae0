import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type EnvFormat, formatVariables } from "../../../cli/env/formats.ts";
import { outputOf, throwAwayFolder } from "../../support/process.ts";

const { PATH = "" } = process.env;

/** Values that every format holds. */
const usual = {
  PLAIN: "db-1.example.com:5432",
  EMPTY: "",
  SPACES: "  a  b # no comment ",
  SINGLE: "it's",
  DOUBLE: 'say "hi"',
  DOLLAR: "$HOME $(id) $" + "{PATH}",
  BACKSLASHES: "C:\\new\\tab \\\\ \\",
  LINES: "one\ntwo\n\nlast\n",
  UNICODE: "grüße 日本 😀 \u2028",
  TABS: "\ta\tb\t",
  EQUALS: "a=b=c",
};

/** Values that some format cannot hold. */
const odd = {
  ALL_QUOTES: "a 'b' \"c\" `d` $e",
  RETURN: "one\r\ntwo",
  BELL: "\u0007",
};

/** Prints an environment as JSON. */
const printing = "console.log(JSON.stringify(process.env))";

/** The variables as a real reader of the format has them. */
const readers: Readonly<Record<Exclude<EnvFormat, "systemd">, (file: string) => Promise<object>>> =
  {
    dotenv: async (file) =>
      JSON.parse(await outputOf([process.execPath, `--env-file=${file}`, "-e", printing])),
    shell: async (file) => {
      const script = `. "$0" && exec "$1" -e '${printing}'`;
      return JSON.parse(await outputOf(["sh", "-c", script, file, process.execPath]));
    },
    json: async (file) => {
      const script = "import json, sys; print(json.dumps(json.load(open(sys.argv[1]))))";
      return JSON.parse(await outputOf(["python3", "-c", script, file]));
    },
  };

for (const [format, read] of Object.entries(readers)) {
  test(`variables that are printed as ${format} are read as they are`, async (t) => {
    assert.notEqual(PATH, "");
    const values = format === "dotenv" ? usual : { ...usual, ...odd };
    const file = join(await throwAwayFolder(t), "env");
    await writeFile(file, formatVariables(values, format as EnvFormat));
    assert.partialDeepStrictEqual(await read(file), values);
  });
}

test("systemd needs a backslash before four characters, within double quotes", () => {
  assert.equal(
    formatVariables({ A: "a \"b\" 'c' $d `e` \\f\ng" }, "systemd"),
    'A="a \\"b\\" \'c\' \\$d \\`e\\` \\\\f\ng"\n',
  );
});

for (const [name, format, why] of [
  ["ALL_QUOTES", "dotenv", "it has quotes of all kinds"],
  ["RETURN", "dotenv", "it has a carriage return, which readers drop"],
  ["RETURN", "systemd", "it has a control character, and systemd ignores such values"],
  ["BELL", "systemd", "it has a control character, and systemd ignores such values"],
] as const) {
  test(`${name} cannot be printed as ${format}`, () => {
    assert.throws(() => formatVariables({ [name]: odd[name] }, format), {
      code: "CLI_VARIABLE_UNPRINTABLE",
      message: `${name} cannot be printed as ${format}: ${why}; json holds every value`,
    });
  });
}
