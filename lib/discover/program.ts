import type { Standing } from "./contract.ts";

/** The program of instances that this process runs itself: their standing is that of the program. */
export interface ProgramStanding {
  readonly standing: Standing;
  /** Another one each time it is started. */
  readonly run: string;
}
