import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { systemCode } from "../base/fault.ts";
import { type ConfiguredCommand, commandsIn } from "./commands.ts";
import type { Env } from "./located/expand-variables.ts";
import { formatPosition, type Problem } from "./located/problem.ts";
import { shapeOf } from "./located/shape.ts";
import { formatPath, type ObjectNode } from "./located/tree.ts";
import { configSchema } from "./schema.ts";
import { templatesIn } from "./templates-in.ts";

/** The machine on which a configuration is to be used. */
export interface Machine {
  readonly env: Env;
  /** The user id; undefined where the system has none. */
  readonly uid: number | undefined;
}

/** The programs and folders that a configuration needs and that this machine, or this user, does not have. */
export async function machineProblems(
  root: ObjectNode,
  { env, uid }: Machine,
): Promise<readonly Problem[]> {
  const commands = commandsIn(root, shapeOf(configSchema)).map((command) =>
    programProblem(command, env),
  );
  return [...(await Promise.all(commands)).flat(), ...(await targetProblems(root, uid))];
}

async function programProblem(
  { path, node, argv }: ConfiguredCommand,
  env: Env,
): Promise<readonly Problem[]> {
  const [program = ""] = argv;
  const position = node.items[0]?.position ?? node.position;
  if (await canRun(program, env)) return [];
  if (argv.length === 1 && /\s/.test(program.trim())) {
    const list = program.trim().split(/\s+/).join(", ");
    const message = `${formatPath(path)} is one string, which is taken for the name of a program: write [${list}]`;
    return [{ position, message }];
  }
  const where = program.includes("/") ? "there is no such program" : "it is not in the PATH";
  const message = `${formatPath(path)}: ${JSON.stringify(program)} cannot be run: ${where}`;
  return [{ position, message }];
}

/** As the system finds a program: by its path if it has a slash, else in the folders of PATH. */
async function canRun(program: string, { PATH = "/usr/bin:/bin" }: Env): Promise<boolean> {
  if (program === "") return false;
  const paths = program.includes("/")
    ? [program]
    : PATH.split(delimiter).map((folder) => join(folder || ".", program));
  for (const path of paths) if (await isProgram(path)) return true;
  return false;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function targetProblems(
  root: ObjectNode,
  uid: number | undefined,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const written = new Map<string, { readonly target: string; readonly where: string }>();
  for (const { target, targetAt: position } of templatesIn(root)) {
    if (target === undefined) continue;
    const message = await targetProblem(target, uid);
    if (message !== undefined) problems.push({ position, message });
    const real = await realTarget(target);
    const other = written.get(real);
    // The same path is a problem of the configuration itself.
    if (other && other.target !== target) {
      problems.push({
        position,
        message: `${target} is the same file as ${other.target} at ${other.where}: each template needs a target of its own`,
      });
    }
    if (!other) written.set(real, { target, where: formatPosition(position) });
  }
  return problems;
}

async function targetProblem(target: string, uid: number | undefined): Promise<string | undefined> {
  const real = await realTarget(target);
  const folder = dirname(real);
  try {
    if (!(await stat(folder)).isDirectory()) return `${folder} is not a folder`;
    await access(folder, constants.W_OK | constants.X_OK);
    const found = await stat(real).catch(() => undefined);
    return !found || found.isFile() ? undefined : `${target} is not a file`;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return `the folder ${folder} of the target does not exist`;
    if (code === "ENOTDIR") return `${folder} is not a folder`;
    const user = uid === undefined ? "" : ` for the user ${uid}`;
    return `the folder ${folder} of the target is not writable${user}`;
  }
}

/** The path without links, as far as it exists. */
async function realTarget(target: string): Promise<string> {
  try {
    return await realpath(target);
  } catch {
    const folder = await realpath(dirname(target)).catch(() => dirname(target));
    return join(folder, basename(target));
  }
}
