/**
 * Amazon Resource Names.
 *
 * @module
 */

/**
 * Whether a text has the form of an ARN: `arn:partition:service:region:account:resource`, where
 * region and account may be empty, and the resource may contain more colons. This is the rule of AWS's
 * own parser, which a test compares it with.
 */
export function isArn(text: string | null | undefined): text is string {
  return typeof text === "string" && text.startsWith("arn:") && text.split(":", 6).length >= 6;
}

const CLUSTER_ARN = /^arn:aws[^:]*:ecs:[^:]+:[^:]*:cluster\/[^/]+$/;
const CONTAINER_INSTANCE_ARN = /^arn:aws[^:]*:ecs:[^:]+:[^:]*:container-instance\/.+$/;

/** Whether a text is the ARN of a cluster. */
export function isClusterArn(text: string): boolean {
  return CLUSTER_ARN.test(text);
}

/** Whether a text is the ARN of a container instance, in its older or its longer form. */
export function isContainerInstanceArn(text: string): boolean {
  return CONTAINER_INSTANCE_ARN.test(text);
}

/** Where an ECS resource is, by its ARN. */
export interface EcsLocation {
  /** Partition, service, region and account: `arn:aws:ecs:us-west-2:123456789012`. */
  readonly account: string;
  /**
   * The name of the resource's cluster, or of the cluster itself; `undefined` in the older form of
   * ARN, `container-instance/0f0f`, which does not name it.
   */
  readonly cluster: string | undefined;
}

/**
 * Where the resource of an ARN is: a cluster, or a resource in a cluster such as a task.
 *
 * @param arn The ARN of an ECS resource.
 */
export function ecsLocation(arn: string): EcsLocation {
  const parts = arn.split(":");
  const [type, ...names] = parts.slice(5).join(":").split("/");
  const isNamed = type === "cluster" || names.length > 1;
  return { account: parts.slice(0, 5).join(":"), cluster: isNamed ? names[0] : undefined };
}

/** The name of a cluster that is given by its name or its ARN. */
export function clusterName(nameOrArn: string): string {
  return isArn(nameOrArn) ? ecsLocation(nameOrArn).cluster ?? "" : nameOrArn;
}

/**
 * The ARN of a cluster that is given by its name or its ARN.
 *
 * @param nameOrArn The cluster.
 * @param account The account of a cluster that is given by its name, as {@linkcode EcsLocation} has it.
 */
export function clusterArn(nameOrArn: string, account: string): string {
  return isArn(nameOrArn) ? nameOrArn : `${account}:cluster/${nameOrArn}`;
}
