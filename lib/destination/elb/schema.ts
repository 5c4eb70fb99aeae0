import { z } from "zod";
import { path } from "../../base/schema.ts";

const expectedUrl = (of: string) => `expected ${of}, such as http://host:1234`;

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "";
}

const machine = z
  .string()
  .regex(/^i-[0-9a-f]{8,17}$/, "expected the id of an EC2 instance, such as i-315b7e51");

const region = z
  .string()
  .regex(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, "expected a region, such as us-west-2");

/** What both generations of Elastic Load Balancing need for a request. */
const access = {
  instanceId: machine
    .optional()
    .describe("The id of this machine. Default: that of the instance metadata service."),
  endpoint: z
    .string()
    .refine(isHttpUrl, expectedUrl("the URL of an endpoint"))
    .optional()
    .describe(
      "The URL that requests are sent to. Default: AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING (targetGroup: …_V2), AWS_ENDPOINT_URL, or that of the region.",
    ),
  proxy: z
    .string()
    .refine((text) => text === "none" || isHttpUrl(text), expectedUrl("none or the URL of a proxy"))
    .optional()
    .describe(
      "The HTTP proxy for requests to AWS, or none. Default: PROXY_HOST and PROXY_PORT, HTTPS_PROXY; exceptions are in NO_PROXY. Never used for metadata.",
    ),
  ca: path
    .optional()
    .describe(
      "PEM file with the CA certificates to trust instead of the well-known ones. Default: AWS_CA_BUNDLE.",
    ),
  accessKeyId: z
    .string()
    .min(1)
    .optional()
    .describe("Access key. Default: the environment, a role of the container or of the machine."),
  secretAccessKey: z.string().min(1).optional().describe("Secret of the access key."),
  secretAccessKeyFile: path
    .optional()
    .describe("File with the secret of the access key in its first line."),
};

/** The secret belongs to the key: neither is of use alone. */
const hasWholeKey = ({ accessKeyId, secretAccessKey, secretAccessKeyFile }: KeySettings) =>
  (accessKeyId === undefined) ===
    (secretAccessKey === undefined && secretAccessKeyFile === undefined) &&
  !(secretAccessKey && secretAccessKeyFile);

const wholeKey = {
  path: ["accessKeyId"],
  message: "expected accessKeyId with one of secretAccessKey and secretAccessKeyFile, or none",
};

interface KeySettings {
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly secretAccessKeyFile?: string | undefined;
}

/** A classic load balancer. */
export const elbSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,32}$/, "expected the name of a load balancer")
      .describe("The name of the load balancer."),
    region: region
      .optional()
      .describe("Default: AWS_REGION, AWS_DEFAULT_REGION, or that of this machine."),
    ...access,
  })
  .refine(hasWholeKey, wholeKey)
  .describe("A classic load balancer, in which this machine is registered.");

const arn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/[A-Za-z0-9-]+\/[0-9a-f]+$/,
    "expected the ARN of a target group",
  );

/** A target group of an application, network or gateway load balancer. */
export const targetGroupSchema = z
  .strictObject({
    arn: arn.describe("The ARN of the target group."),
    id: z
      .enum(["address", "instance"])
      .default("address")
      .describe(
        "The target type of the group: the address of an instance, or this machine (instance), with the port in both cases.",
      ),
    availabilityZone: z
      .string()
      .regex(/^(all|[a-z]{2,4}(-[a-z0-9]+)+)$/, "expected all or an availability zone")
      .optional()
      .describe("all for addresses outside the VPC of the group, which requires it."),
    ...access,
  })
  .refine(hasWholeKey, wholeKey)
  .refine(({ id, availabilityZone }) => id === "address" || availabilityZone === undefined, {
    path: ["availabilityZone"],
    message: "only allowed with id: address",
  })
  .describe("A target group of an application or network load balancer.");

export type ElbConfig = z.infer<typeof elbSchema>;
export type TargetGroupConfig = z.infer<typeof targetGroupSchema>;

/** What the calls of both kinds need; `region` of a target group is that of its ARN. */
export type ApiConfig = Omit<ElbConfig, "name">;
