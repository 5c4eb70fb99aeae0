/** How long the name servers have to answer, and then the C library, in milliseconds. */
export const [answerLimitMs, systemLimitMs] = [2000, 500];

/** The time limit of a lookup. */
export const lookupLimitMs = answerLimitMs + systemLimitMs;
