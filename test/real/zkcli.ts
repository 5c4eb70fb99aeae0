import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { atEnd, eventually } from "../support/process.ts";

/** The zkCli.sh of ZooKeeper, in one session: its ephemeral nodes exist until the end of the test. */
export interface ZkCli {
  /** Runs a command and resolves with its standard output. */
  run(command: string): Promise<string>;
}

/** The command line of zkCli.sh, without the logging of Debian's configuration. */
const java = ["-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"];
const main = ["-cp", "/usr/share/java/zookeeper.jar", "org.apache.zookeeper.ZooKeeperMain"];

/** The command zkCli.sh, which takes `-server` and commands at its standard input. */
export const zkCliCommand = ["java", ...java, ...main];

/** Marks the end of the output of a command: prints one line and has no other effect. */
const marker = { command: "printwatches", line: "printwatches is off\n" };

export async function startZkCli(t: TestContext, endpoint: string): Promise<ZkCli> {
  const child = spawn("java", [...java, ...main, "-server", endpoint, "-waitforconnection"], {
    env: { ...process.env, LC_ALL: "C.UTF-8" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  atEnd(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });

  const run = async (command: string): Promise<string> => {
    printed = "";
    child.stdin.write(`${command}\n${marker.command}\n`);
    await eventually(command, () => printed.endsWith(marker.line));
    return printed.slice(0, -marker.line.length);
  };

  await run("printwatches off");
  return { run };
}
