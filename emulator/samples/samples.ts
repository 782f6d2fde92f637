/**
 * Messages as the service sends them, with made-up contents: two containers that share a volume,
 * with role and execution role, an elastic network interface, an EBS volume. Each builder takes a
 * number and returns the same message for the same number. All keys in them are the examples of the
 * AWS documentation, or are named as not secret.
 *
 * @module
 */

import type {
  AttachInstanceNetworkInterfacesMessage,
  Attachment,
  AttachTaskNetworkInterfacesMessage,
  ConfirmAttachmentMessage,
  ElasticNetworkInterface,
  IAMRoleCredentials,
  IAMRoleCredentialsMessage,
  PayloadMessage,
  StageUpdateMessage,
  Task,
  TaskIdentifier,
  TaskManifestMessage,
} from "../../protocol/messages.ts";

const REGION = "us-west-2";
const ACCOUNT = "111122223333";
const CLUSTER = "default";

/** The cluster of all samples. */
export const SAMPLE_CLUSTER_ARN: string = arn(`cluster/${CLUSTER}`);

/** A container instance in it. */
export const SAMPLE_CONTAINER_INSTANCE_ARN: string = arn(
  `container-instance/${CLUSTER}/${id(0xc0ffee)}`,
);

/** The two roles that a task may have. */
export type TaskRoleType = "TaskApplication" | "TaskExecution";

function arn(resource: string): string {
  return `arn:aws:ecs:${REGION}:${ACCOUNT}:${resource}`;
}

/** 32 hexadecimal digits, as the service's own ids have. */
function id(n: number): string {
  return n.toString(16).padStart(32, "0");
}

/** The ARN of task `n`. */
export function sampleTaskArn(n = 1): string {
  return arn(`task/${CLUSTER}/${id(n)}`);
}

/**
 * Credentials of one of a task's roles.
 *
 * @param n The task.
 * @param roleType The kind of role.
 * @param expiration When they expire, as ISO 8601 text.
 */
export function sampleRoleCredentials(
  n = 1,
  roleType: TaskRoleType = "TaskApplication",
  expiration = "2099-12-31T23:59:59Z",
): IAMRoleCredentials {
  const role = roleType === "TaskApplication" ? "webTaskRole" : "ecsTaskExecutionRole";
  const suffix = roleType === "TaskApplication" ? "a" : "e";
  return {
    credentialsId: `00000000-0000-4000-8000-${n.toString(16).padStart(11, "0")}${suffix}`,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
    accessKeyId: "ASIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    sessionToken: `EXAMPLE-SESSION-TOKEN-NOT-A-SECRET-${n}`,
    expiration,
  };
}

/**
 * An interface that agents accept.
 *
 * @param n The interface's number, from which its id, MAC address, IP addresses and attachment are
 * derived.
 */
export function sampleElasticNetworkInterface(n = 1): ElasticNetworkInterface {
  const host = n % 200 + 10;
  return {
    name: "eth0",
    index: 0,
    ec2Id: `eni-${n.toString(16).padStart(17, "0")}`,
    macAddress: sampleMacAddress(n),
    attachmentArn: arn(`attachment/${id(n)}`),
    interfaceAssociationProtocol: "default",
    ipv4Addresses: [{ privateAddress: `10.0.0.${host}`, primary: true }],
    ipv6Addresses: [{ address: `2001:db8::${host.toString(16)}`, primary: true }],
    subnetGatewayIpv4Address: "10.0.0.1/24",
    domainName: [`${REGION}.compute.internal`],
    domainNameServers: ["10.0.0.2"],
    privateDnsName: `ip-10-0-0-${host}.${REGION}.compute.internal`,
  };
}

/**
 * An interface on a trunk, identified by a VLAN id.
 *
 * @param n Numbers the interface.
 */
export function sampleBranchNetworkInterface(n = 1): ElasticNetworkInterface {
  return {
    ...sampleElasticNetworkInterface(n),
    interfaceAssociationProtocol: "vlan",
    interfaceVlanProperties: {
      vlanId: String(n % 4094 + 1),
      trunkInterfaceMacAddress: sampleMacAddress(0xffff),
    },
  };
}

/** A locally administered address, which belongs to no real device. */
function sampleMacAddress(n: number): string {
  const digits = n.toString(16).padStart(10, "0").slice(-10);
  return ["02", ...(digits.match(/../g) ?? [])].join(":");
}

/**
 * A task of two containers, a web server and its log router, that share a volume.
 *
 * @param n The task.
 */
export function sampleTask(n = 1): Task {
  return {
    arn: sampleTaskArn(n),
    taskClusterArn: SAMPLE_CLUSTER_ARN,
    desiredStatus: "RUNNING",
    family: "web",
    version: "7",
    zone: `${REGION}a`,
    taskDefinitionAccountId: ACCOUNT,
    launchType: "EC2",
    networkMode: "awsvpc",
    serviceName: "web",
    group: "service:web",
    cpu: 0.5,
    memory: 512,
    overrides: "{}",
    enableFaultInjection: false,
    roleCredentials: sampleRoleCredentials(n, "TaskApplication"),
    executionRoleCredentials: sampleRoleCredentials(n, "TaskExecution"),
    elasticNetworkInterfaces: [sampleElasticNetworkInterface(n)],
    volumes: [{ name: "logs", type: "docker", dockerVolumeConfiguration: { scope: "task" } }],
    containers: [
      {
        name: "web",
        containerArn: arn(`container/${CLUSTER}/${id(n)}/web`),
        image: "public.ecr.aws/nginx/nginx:1.29",
        cpu: 256,
        memory: 256,
        essential: true,
        command: [],
        entryPoint: null,
        environment: { PORT: "8080", GREETING: "hello from the emulator" },
        secrets: [{
          name: "DATABASE_URL",
          type: "ENVIRONMENT_VARIABLE",
          provider: "ssm",
          region: REGION,
          valueFrom: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/web/database-url`,
          target: "CONTAINER",
        }],
        portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
        mountPoints: [{ sourceVolume: "logs", containerPath: "/var/log/web", readOnly: false }],
        dependsOn: [{ containerName: "log-router", condition: "START" }],
        dockerConfig: {
          version: "1.44",
          config: JSON.stringify({ Labels: { "com.example.team": "web" } }),
          hostConfig: JSON.stringify({ CapDrop: ["NET_RAW"] }),
        },
        healthCheckType: "docker",
        stopTimeout: 30,
        overrides: "{}",
      },
      {
        name: "log-router",
        containerArn: arn(`container/${CLUSTER}/${id(n)}/log-router`),
        image: "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
        cpu: 64,
        memory: 64,
        essential: false,
        environment: {},
        mountPoints: [{ sourceVolume: "logs", containerPath: "/var/log/web", readOnly: true }],
        firelensConfiguration: {
          type: "fluentbit",
          options: { "enable-ecs-log-metadata": "true" },
        },
        registryAuthentication: {
          type: "ecr",
          ecrAuthData: { registryId: ACCOUNT, region: REGION, useExecutionRole: true },
        },
        logsAuthStrategy: "ExecutionRole",
        overrides: "{}",
      },
    ],
  };
}

/**
 * A payload.
 *
 * @param tasks The numbers of its tasks.
 */
export function samplePayload(...tasks: readonly number[]): PayloadMessage {
  return { tasks: (tasks.length === 0 ? [1] : tasks).map((n) => sampleTask(n)) };
}

/**
 * Fresh credentials of one of a task's roles.
 *
 * @param n The task.
 * @param roleType The kind of role.
 */
export function sampleCredentials(
  n = 1,
  roleType: TaskRoleType = "TaskApplication",
): IAMRoleCredentialsMessage {
  return {
    taskArn: sampleTaskArn(n),
    taskClusterArn: SAMPLE_CLUSTER_ARN,
    roleType,
    roleCredentials: sampleRoleCredentials(n, roleType),
  };
}

/**
 * The interface of a task, announced.
 *
 * @param n The task and its interface.
 */
export function sampleAttachTaskNetworkInterfaces(n = 1): AttachTaskNetworkInterfacesMessage {
  return {
    taskArn: sampleTaskArn(n),
    taskClusterArn: SAMPLE_CLUSTER_ARN,
    waitTimeoutMs: 300_000,
    elasticNetworkInterfaces: [sampleElasticNetworkInterface(n)],
  };
}

/**
 * An interface of the container instance, announced.
 *
 * @param n The interface.
 */
export function sampleAttachInstanceNetworkInterfaces(
  n = 1,
): AttachInstanceNetworkInterfacesMessage {
  return {
    waitTimeoutMs: 300_000,
    elasticNetworkInterfaces: [{ ...sampleElasticNetworkInterface(n), name: "eth1", index: 1 }],
  };
}

/**
 * An EBS volume of a task.
 *
 * @param n Numbers the volume.
 */
export function sampleEbsAttachment(n = 1): Attachment {
  return attachment(n, "amazonebs", {
    volumeId: volumeId(n),
    volumeSizeGib: "10",
    deviceName: "/dev/sdf",
    sourceVolumeHostPath: `/mnt/ecs/ebs/${id(n)}`,
    volumeName: "data",
    fileSystem: "xfs",
  });
}

/**
 * Extensible ephemeral storage, an older kind of attachment.
 *
 * @param n Numbers the volume.
 */
export function sampleEphemeralStorageAttachment(n = 1): Attachment {
  return attachment(n, "EphemeralStorage", {
    resourceType: "EphemeralStorage",
    resourceID: "ephemeral-volume",
    volumeID: volumeId(n),
    volumeSizeInGiB: "70",
    requestedSizeInGiB: "60",
    deviceName: "/dev/sdg",
  });
}

function volumeId(n: number): string {
  return `vol-${n.toString(16).padStart(17, "0")}`;
}

function attachment(n: number, type: string, properties: Record<string, string>): Attachment {
  return {
    attachmentArn: arn(`attachment/${CLUSTER}/${id(n)}`),
    attachmentType: type,
    attachmentProperties: Object.entries(properties).map(([name, value]) => ({ name, value })),
  };
}

/**
 * The EBS volume of a task, announced.
 *
 * @param n The task and its volume.
 */
export function sampleConfirmAttachment(n = 1): ConfirmAttachmentMessage {
  return {
    taskArn: sampleTaskArn(n),
    taskClusterArn: SAMPLE_CLUSTER_ARN,
    waitTimeoutMs: 300_000,
    attachment: sampleEbsAttachment(n),
  };
}

/** How manifests and stop verifications name task `n`. */
export function sampleTaskIdentifier(n = 1): TaskIdentifier {
  return {
    taskArn: sampleTaskArn(n),
    taskClusterArn: SAMPLE_CLUSTER_ARN,
    desiredStatus: "RUNNING",
  };
}

/**
 * A manifest.
 *
 * @param tasks The numbers of the tasks that should run; none for an empty instance.
 */
export function sampleTaskManifest(...tasks: readonly number[]): TaskManifestMessage {
  return { tasks: tasks.map((n) => sampleTaskIdentifier(n)) };
}

/** A new version of the agent, for staging and for performing an update. */
export function sampleUpdate(): StageUpdateMessage {
  return {
    updateInfo: {
      location: "https://example.com/agent.tar",
      signature: "d41d8cd98f00b204e9800998ecf8427e",
    },
  };
}
