import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";

/** `demo`, and the hidden command by which it starts its applications. */
export function demoCommands(commands: Command, context: CommandContext): void {
  demoCommand(commands, context);
  demoAppCommand(commands, context);
}

function demoCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  const proxy = new Option("--proxy <kind>", "proxy to run (default: the installed one)");
  commands
    .command("demo")
    .description("show an instance fail and recover; needs no server")
    .option("--once", "run it once and exit: 0 if every step happened in time")
    .addOption(proxy.choices(["haproxy", "nginx", "none"]))
    .action(async (options) => {
      const { demo } = await import("../demo/demo.ts");
      exitWith(await demo({ once: options.once === true, proxy: options.proxy }, world, signal));
    });
}

function demoAppCommand(commands: Command, { world, signal }: CommandContext): void {
  commands
    .command("demo-app", { hidden: true })
    .argument("<name>")
    .argument("<port>")
    .action(async (name, port) => {
      const { demoApp } = await import("../demo/demo-app.ts");
      await demoApp(name, Number(port), world.out.write, signal);
    });
}
