/**
 * The field types of every received message, in one plain table: {@link "./find_problem.ts"} checks
 * against it, and `deno task generate:checks` generates {@link "./field_checks.gen.ts"} from it.
 * The compiler compares it with the interfaces: a field that is missing here, or has another type,
 * does not compile.
 *
 * @module
 */

import type {
  Association,
  Attachment,
  Container,
  DockerVolumeConfiguration,
  EFSVolumeConfiguration,
  ElasticNetworkInterface,
  FSxWindowsFileServerVolumeConfiguration,
  IAMRoleCredentials,
  LinuxParameters,
  ReceivedMessages,
  RegistryAuthenticationData,
  Secret,
  Task,
  TaskIdentifier,
  UpdateInfo,
  Volume,
} from "./messages.ts";

/**
 * The JSON type of one field. `integer` is a number without a fraction within 64 bits, `double` any
 * finite number, `map` an object with string values, a shape in brackets a list of it, and an
 * object a structure. Null and missing values are allowed everywhere.
 */
export type FieldShape =
  | "string"
  | "integer"
  | "double"
  | "boolean"
  | "map"
  | readonly [FieldShape]
  | StructureShape;

/** The fields of a structure. Other fields are allowed and not checked. */
export interface StructureShape {
  /** One field. */
  readonly [field: string]: FieldShape;
}

/** Whether a shape is that of a list. */
export function isListShape(shape: FieldShape): shape is readonly [FieldShape] {
  return Array.isArray(shape);
}

/** The one shape that fits the interface `T`. */
export type ShapeOf<T> = { readonly [F in keyof T]-?: FieldShapeOf<NonNullable<T[F]>> };

/** The one shape that fits a field of type `V`. */
export type FieldShapeOf<V> = V extends string ? "string"
  : V extends number ? "integer" | "double"
  : V extends boolean ? "boolean"
  : V extends (infer E)[] ? readonly [FieldShapeOf<NonNullable<E>>]
  : string extends keyof V ? "map"
  : ShapeOf<V>;

const networkInterface: ShapeOf<ElasticNetworkInterface> = {
  name: "string",
  macAddress: "string",
  attachmentArn: "string",
  ec2Id: "string",
  index: "integer",
  interfaceAssociationProtocol: "string",
  interfaceTunnelProperties: { tunnelId: "string", interfaceIpAddress: "string" },
  interfaceVethProperties: { peerInterface: "string" },
  interfaceVlanProperties: { vlanId: "string", trunkInterfaceMacAddress: "string" },
  ipv4Addresses: [{ privateAddress: "string", primary: "boolean" }],
  ipv6Addresses: [{ address: "string", primary: "boolean" }],
  domainName: ["string"],
  domainNameServers: ["string"],
  privateDnsName: "string",
  subnetGatewayIpv4Address: "string",
  subnetGatewayIpv6Address: "string",
};

const dockerVolume: ShapeOf<DockerVolumeConfiguration> = {
  scope: "string",
  autoprovision: "boolean",
  driver: "string",
  driverOpts: "map",
  labels: "map",
};

const efsVolume: ShapeOf<EFSVolumeConfiguration> = {
  fileSystemId: "string",
  rootDirectory: "string",
  transitEncryption: "string",
  transitEncryptionPort: "integer",
  authorizationConfig: { accessPointId: "string", iam: "string" },
};

const fsxVolume: ShapeOf<FSxWindowsFileServerVolumeConfiguration> = {
  fileSystemId: "string",
  rootDirectory: "string",
  authorizationConfig: { credentialsParameter: "string", domain: "string" },
};

const volume: ShapeOf<Volume> = {
  name: "string",
  type: "string",
  host: { sourcePath: "string" },
  dockerVolumeConfiguration: dockerVolume,
  efsVolumeConfiguration: efsVolume,
  fsxWindowsFileServerVolumeConfiguration: fsxVolume,
  ebsVolumeConfiguration: {
    volumeId: "string",
    deleteOnTermination: "boolean",
    deviceName: "string",
    filesystemType: "string",
  },
  logDriverVolumeConfiguration: { driver: "string" },
};

const linuxParameters: ShapeOf<LinuxParameters> = {
  capabilities: { add: ["string"], drop: ["string"] },
  devices: [{ hostPath: "string", containerPath: "string", permissions: ["string"] }],
  initProcessEnabled: "boolean",
  sharedMemorySize: "integer",
};

const registryAuthentication: ShapeOf<RegistryAuthenticationData> = {
  type: "string",
  ecrAuthData: {
    registryId: "string",
    region: "string",
    endpointOverride: "string",
    useExecutionRole: "boolean",
  },
  asmAuthData: { credentialsParameter: "string", region: "string" },
};

const secret: ShapeOf<Secret> = {
  name: "string",
  valueFrom: "string",
  containerPath: "string",
  type: "string",
  region: "string",
  provider: "string",
  target: "string",
};

const container: ShapeOf<Container> = {
  command: ["string"],
  cpu: "integer",
  credentialSpecs: ["string"],
  entryPoint: ["string"],
  environment: "map",
  environmentFiles: [{ value: "string", type: "string" }],
  essential: "boolean",
  restartPolicy: {
    enabled: "boolean",
    ignoredExitCodes: ["integer"],
    restartAttemptPeriod: "integer",
  },
  image: "string",
  links: ["string"],
  memory: "integer",
  name: "string",
  overrides: "string",
  portMappings: [{
    containerPort: "integer",
    hostPort: "integer",
    containerPortRange: "string",
    protocol: "string",
  }],
  managedAgents: [{ name: "string", properties: "map" }],
  mountPoints: [{ sourceVolume: "string", containerPath: "string", readOnly: "boolean" }],
  linuxParameters,
  privileged: "boolean",
  networkInterfaceNames: ["string"],
  volumesFrom: [{ sourceContainer: "string", readOnly: "boolean" }],
  dockerConfig: { version: "string", config: "string", hostConfig: "string" },
  healthCheckType: "string",
  registryAuthentication,
  logsAuthStrategy: "string",
  secrets: [secret],
  dependsOn: [{ containerName: "string", condition: "string" }],
  startTimeout: "integer",
  stopTimeout: "integer",
  firelensConfiguration: { type: "string", options: "map" },
  containerArn: "string",
};

const roleCredentials: ShapeOf<IAMRoleCredentials> = {
  credentialsId: "string",
  roleArn: "string",
  accessKeyId: "string",
  secretAccessKey: "string",
  sessionToken: "string",
  expiration: "string",
  credentialScope: "string",
};

const association: ShapeOf<Association> = {
  name: "string",
  type: "string",
  content: { value: "string", encoding: "string" },
  containers: ["string"],
};

const attachment: ShapeOf<Attachment> = {
  attachmentArn: "string",
  attachmentType: "string",
  attachmentProperties: [{ name: "string", value: "string" }],
};

const task: ShapeOf<Task> = {
  arn: "string",
  taskClusterArn: "string",
  containers: [container],
  desiredStatus: "string",
  family: "string",
  overrides: "string",
  version: "string",
  zone: "string",
  taskDefinitionAccountId: "string",
  volumes: [volume],
  roleCredentials,
  executionRoleCredentials: roleCredentials,
  elasticNetworkInterfaces: [networkInterface],
  cpu: "double",
  memory: "integer",
  associations: [association],
  pidMode: "string",
  ipcMode: "string",
  proxyConfiguration: { type: "string", containerName: "string", properties: "map" },
  agentConfiguration: "string",
  launchType: "string",
  attachments: [attachment],
  networkMode: "string",
  serviceName: "string",
  group: "string",
  enableFaultInjection: "boolean",
  trustedExecutionConfiguration: { isolationMode: "string" },
};

const taskIdentifier: ShapeOf<TaskIdentifier> = {
  taskArn: "string",
  taskClusterArn: "string",
  desiredStatus: "string",
};

const updateInfo: ShapeOf<UpdateInfo> = { location: "string", signature: "string" };

const update = {
  containerInstanceArn: "string",
  clusterArn: "string",
  updateInfo,
  messageId: "string",
} as const;

const text = { message: "string" } as const;

/** The shape of every received message, by its type. */
export const SHAPES: { readonly [T in keyof ReceivedMessages]: ShapeOf<ReceivedMessages[T]> } = {
  HeartbeatMessage: { healthy: "boolean", messageId: "string" },
  PayloadMessage: {
    containerInstanceArn: "string",
    clusterArn: "string",
    tasks: [task],
    generatedAt: "integer",
    messageId: "string",
    seqNum: "integer",
    timeline: "integer",
  },
  CloseMessage: text,
  PerformUpdateMessage: update,
  StageUpdateMessage: update,
  IAMRoleCredentialsMessage: {
    taskArn: "string",
    taskClusterArn: "string",
    roleCredentials,
    roleType: "string",
    messageId: "string",
  },
  AttachTaskNetworkInterfacesMessage: {
    containerInstanceArn: "string",
    clusterArn: "string",
    taskArn: "string",
    taskClusterArn: "string",
    generatedAt: "integer",
    messageId: "string",
    waitTimeoutMs: "integer",
    elasticNetworkInterfaces: [networkInterface],
  },
  AttachInstanceNetworkInterfacesMessage: {
    containerInstanceArn: "string",
    clusterArn: "string",
    generatedAt: "integer",
    messageId: "string",
    waitTimeoutMs: "integer",
    elasticNetworkInterfaces: [networkInterface],
  },
  ConfirmAttachmentMessage: {
    containerInstanceArn: "string",
    clusterArn: "string",
    taskArn: "string",
    taskClusterArn: "string",
    generatedAt: "integer",
    messageId: "string",
    waitTimeoutMs: "integer",
    attachment,
  },
  TaskManifestMessage: {
    containerInstanceArn: "string",
    clusterArn: "string",
    tasks: [taskIdentifier],
    generatedAt: "integer",
    messageId: "string",
    timeline: "integer",
  },
  TaskStopVerificationAck: {
    generatedAt: "integer",
    messageId: "string",
    stopTasks: [taskIdentifier],
  },
  ErrorMessage: text,
  ServerException: text,
  BadRequestException: text,
  InvalidClusterException: text,
  InvalidInstanceException: text,
  AccessDeniedException: text,
  InactiveInstanceException: text,
};
