/** The longest pin of files, in milliseconds. Here, as the command line checks it without loading what talks to agents. */
export const longestPinMs = 7 * 24 * 3_600_000;
