/**
 * One plausible message of each type that the service sends. All names and credentials are made up.
 *
 * @module
 */

import type { ReceivedMessages } from "../../protocol/messages.ts";

const containerInstanceArn =
  "arn:aws:ecs:us-west-2:111122223333:container-instance/default/0123456789abcdef0123456789abcdef";
const clusterArn = "arn:aws:ecs:us-west-2:111122223333:cluster/default";
const taskArn = "arn:aws:ecs:us-west-2:111122223333:task/default/fedcba9876543210fedcba9876543210";
const messageId = "f2a4c0d8-0000-4000-8000-000000000001";
const generatedAt = 1_795_500_000_000;

const roleCredentials = {
  credentialsId: "f2a4c0d8-0000-4000-8000-0000000000cc",
  roleArn: "arn:aws:iam::111122223333:role/web",
  accessKeyId: "ASIAEXAMPLEEXAMPLE00",
  secretAccessKey: "made/up+secret/access/key/0000000000000",
  sessionToken: "made+up/session/token==",
  expiration: "2026-11-24T12:00:00Z",
};

const elasticNetworkInterfaces = [{
  name: "web",
  macAddress: "0a:1b:2c:3d:4e:5f",
  attachmentArn: "arn:aws:ecs:us-west-2:111122223333:attachment/a",
  ec2Id: "eni-0123456789abcdef0",
  index: 0,
  interfaceAssociationProtocol: "vlan",
  interfaceVlanProperties: { vlanId: "7", trunkInterfaceMacAddress: "0a:1b:2c:3d:4e:50" },
  ipv4Addresses: [{ privateAddress: "10.0.0.4", primary: true }],
  ipv6Addresses: [{ address: "2001:db8::4", primary: false }],
  domainName: ["us-west-2.compute.internal"],
  domainNameServers: ["10.0.0.2"],
  privateDnsName: "ip-10-0-0-4.us-west-2.compute.internal",
  subnetGatewayIpv4Address: "10.0.0.1/24",
  subnetGatewayIpv6Address: "2001:db8::1/64",
}];

/** The messages, by type. */
export const SAMPLES: ReceivedMessages = {
  HeartbeatMessage: { healthy: true, messageId },
  PayloadMessage: {
    containerInstanceArn,
    clusterArn,
    generatedAt,
    messageId,
    seqNum: 1,
    timeline: 12,
    tasks: [{
      arn: taskArn,
      taskClusterArn: clusterArn,
      desiredStatus: "RUNNING",
      family: "web",
      version: "3",
      overrides: "{}",
      cpu: 0.5,
      memory: 512,
      networkMode: "awsvpc",
      enableFaultInjection: false,
      roleCredentials,
      executionRoleCredentials: roleCredentials,
      elasticNetworkInterfaces,
      volumes: [
        { name: "data", type: "host", host: { sourcePath: "/data" } },
        {
          name: "shared",
          type: "docker",
          dockerVolumeConfiguration: { scope: "task", driverOpts: { o: "uid=1000", device: null } },
        },
        { name: "files", type: "efs", efsVolumeConfiguration: { transitEncryptionPort: 2049 } },
      ],
      associations: [{
        name: "0",
        type: "gpu",
        content: { value: "R1BVLTA=", encoding: "base64" },
        containers: ["app"],
      }],
      attachments: [{
        attachmentArn: "arn:aws:ecs:us-west-2:111122223333:attachment/b",
        attachmentType: "amazonebs",
        attachmentProperties: [{ name: "volumeId", value: "vol-0" }],
      }],
      containers: [{
        name: "app",
        image: "111122223333.dkr.ecr.us-west-2.amazonaws.com/web:3",
        command: ["node", "server.js"],
        cpu: 256,
        memory: 512,
        essential: true,
        privileged: null,
        environment: { DATABASE_PASSWORD: "made-up-password", PORT: "8080", EMPTY: null },
        portMappings: [{ containerPort: 8080, hostPort: 0, protocol: "tcp" }],
        mountPoints: [{ sourceVolume: "data", containerPath: "/data", readOnly: false }],
        restartPolicy: { enabled: true, ignoredExitCodes: [0, 143], restartAttemptPeriod: 60 },
        linuxParameters: {
          capabilities: { add: ["SYS_PTRACE"], drop: [] },
          devices: [{ hostPath: "/dev/fuse", permissions: ["read", "write"] }],
          initProcessEnabled: true,
          sharedMemorySize: 64,
        },
        dockerConfig: { version: "1.44", config: '{"User":"node"}', hostConfig: "{}" },
        registryAuthentication: {
          type: "ecr",
          ecrAuthData: { region: "us-west-2", registryId: "111122223333", useExecutionRole: true },
        },
        secrets: [{ name: "KEY", valueFrom: "/web/key", provider: "ssm", target: "CONTAINER" }],
        dependsOn: [{ containerName: "router", condition: "START" }],
      }, {
        name: "router",
        firelensConfiguration: {
          type: "fluentbit",
          options: { "enable-ecs-log-metadata": "true" },
        },
      }, null],
    }],
  },
  CloseMessage: { message: "ConnectionExpired: Reconnect to continue" },
  PerformUpdateMessage: {
    containerInstanceArn,
    clusterArn,
    messageId,
    updateInfo: { location: "https://example.com/agent.tar", signature: "0123456789abcdef" },
  },
  StageUpdateMessage: {
    containerInstanceArn,
    clusterArn,
    messageId,
    updateInfo: { location: "https://example.com/agent.tar", signature: "0123456789abcdef" },
  },
  IAMRoleCredentialsMessage: {
    taskArn,
    taskClusterArn: clusterArn,
    roleCredentials,
    roleType: "TaskApplication",
    messageId,
  },
  AttachTaskNetworkInterfacesMessage: {
    containerInstanceArn,
    clusterArn,
    taskArn,
    taskClusterArn: clusterArn,
    generatedAt,
    messageId,
    waitTimeoutMs: 300_000,
    elasticNetworkInterfaces,
  },
  AttachInstanceNetworkInterfacesMessage: {
    containerInstanceArn,
    clusterArn,
    generatedAt,
    messageId,
    waitTimeoutMs: 300_000,
    elasticNetworkInterfaces,
  },
  ConfirmAttachmentMessage: {
    containerInstanceArn,
    clusterArn,
    taskArn,
    taskClusterArn: clusterArn,
    generatedAt,
    messageId,
    waitTimeoutMs: 300_000,
    attachment: {
      attachmentArn: "arn:aws:ecs:us-west-2:111122223333:attachment/c",
      attachmentType: "amazonebs",
      attachmentProperties: [{ name: "volumeId", value: "vol-0" }, null],
    },
  },
  TaskManifestMessage: {
    containerInstanceArn,
    clusterArn,
    tasks: [{ taskArn, taskClusterArn: clusterArn, desiredStatus: "RUNNING" }],
    generatedAt,
    messageId,
    timeline: 13,
  },
  TaskStopVerificationAck: {
    generatedAt,
    messageId,
    stopTasks: [{ taskArn, taskClusterArn: clusterArn, desiredStatus: "STOPPED" }],
  },
  ErrorMessage: { message: "Something went wrong" },
  ServerException: { message: "Try again" },
  BadRequestException: { message: "No sequence number" },
  InvalidClusterException: { message: "Cluster not found" },
  InvalidInstanceException: { message: "Instance not found" },
  AccessDeniedException: { message: "Not authorized" },
  InactiveInstanceException: { message: "Instance is deregistered" },
};
