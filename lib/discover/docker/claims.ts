import { excerpt } from "../../base/excerpt.ts";
import { compilePattern } from "../../base/pattern.ts";
import type { Container } from "../../clients/docker/contract.ts";
import type { DockerSettings } from "./schema.ts";

type NameRules = NonNullable<DockerSettings["names"]>;
type NameRule = NameRules[string];

/** The labels by which compose and podman-compose mark the containers of a project. */
const projectLabels = ["com.docker.compose.project", "io.podman.compose.project"];

/**
 * Why a container may not claim a service: a clause; undefined if it may. Each rule whose name fits has to permit it, by its
 * image and its project.
 */
export function claimProblem(
  service: string,
  { image, labels }: Pick<Container, "image" | "labels">,
  rules: NameRules = {},
): string | undefined {
  const [project = ""] = projectLabels.flatMap((label) => labels[label] ?? []);
  for (const [name, rule] of Object.entries(rules)) {
    if (!compilePattern(name, "/")(service)) continue;
    const problem = differenceOf(rule, image, project);
    if (problem === undefined) continue;
    return `the service ${service} is for containers with ${expectedBy(rule)}, and ${problem} (presence.docker.names.${name})`;
  }
  return undefined;
}

/** What of a container a rule does not permit: a clause; undefined if it permits it. */
function differenceOf(rule: NameRule, image: string, project: string): string | undefined {
  if (rule.image !== undefined && !fitsImage(rule.image, image))
    return image === "" ? "its image has no name" : `its image is ${image}`;
  if (rule.project !== undefined && !compilePattern(rule.project, "/")(project))
    return project === "" ? "it has no project" : `its project is ${excerpt(project)}`;
  return undefined;
}

function expectedBy({ image, project }: NameRule): string {
  const parts = [
    image !== undefined && `an image like ${image}`,
    project !== undefined && `the project ${project}`,
  ];
  return parts.filter(Boolean).join(" and ");
}

/** A pattern without a tag or digest is for any. */
function fitsImage(pattern: string, image: string): boolean {
  const fits = compilePattern(pattern, "/");
  return image !== "" && (fits(image) || fits(untagged(image)));
}

/** `registry:5000/web` for `registry:5000/web:1.2@sha256:…` */
function untagged(image: string): string {
  return image.replace(/@[^@/]*$/, "").replace(/:[^:/]*$/, "");
}
