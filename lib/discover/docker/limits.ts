/**
 * Limits of what labels may ask of this agent: anyone able to start a container, or to build its image, can set them, and
 * the agent also checks instances of the configuration.
 */

/** The shortest interval between probes, in milliseconds: a shorter one is raised. */
export const minIntervalMs = 250;

/** The checks of all ports of a container. */
export const maxChecksPerContainer = 64;

/** The checks of all containers. */
export const maxChecks = 20_000;
