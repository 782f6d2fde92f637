/**
 * Whether the fields of a received message have the JSON types of the table in `shapes.ts`. Made from
 * it by `deno task generate:checks`, so that each field is asked for by its name, which takes a tenth
 * of the time of going through a message with the table. Change the table, not this.
 *
 * @module
 */

import type { ReceivedMessageType } from "./messages.ts";

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && !Array.isArray(value);
}

function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function string(value: unknown): boolean {
  return typeof value === "string" || isMissing(value);
}

function boolean(value: unknown): boolean {
  return typeof value === "boolean" || isMissing(value);
}

// The greatest 64-bit integer becomes 2^63 when JSON.parse rounds it, so 2^63 itself passes.
function integer(value: unknown): boolean {
  return isMissing(value) ||
    (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= 2 ** 63);
}

function double(value: unknown): boolean {
  return isMissing(value) || Number.isFinite(value);
}

function map(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!isObject(value)) return false;
  for (const key in value) {
    const entry = value[key];
    if (typeof entry !== "string" && entry !== null) return false;
  }
  return true;
}

function heartbeatMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && boolean(value.healthy) && string(value.messageId);
}

function stringList(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!string(value[index])) return false;
  }
  return true;
}

function environmentFilesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.value) && string(value.type);
}

function environmentFiles(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!environmentFilesItem(value[index])) return false;
  }
  return true;
}

function integerList(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!integer(value[index])) return false;
  }
  return true;
}

function restartPolicy(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && boolean(value.enabled) && integerList(value.ignoredExitCodes) &&
    integer(value.restartAttemptPeriod);
}

function portMappingsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && integer(value.containerPort) && integer(value.hostPort) &&
    string(value.containerPortRange) && string(value.protocol);
}

function portMappings(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!portMappingsItem(value[index])) return false;
  }
  return true;
}

function managedAgentsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.name) && map(value.properties);
}

function managedAgents(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!managedAgentsItem(value[index])) return false;
  }
  return true;
}

function mountPointsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.sourceVolume) && string(value.containerPath) &&
    boolean(value.readOnly);
}

function mountPoints(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!mountPointsItem(value[index])) return false;
  }
  return true;
}

function capabilities(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && stringList(value.add) && stringList(value.drop);
}

function devicesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.hostPath) && string(value.containerPath) &&
    stringList(value.permissions);
}

function devices(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!devicesItem(value[index])) return false;
  }
  return true;
}

function linuxParameters(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && capabilities(value.capabilities) && devices(value.devices) &&
    boolean(value.initProcessEnabled) && integer(value.sharedMemorySize);
}

function volumesFromItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.sourceContainer) && boolean(value.readOnly);
}

function volumesFrom(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!volumesFromItem(value[index])) return false;
  }
  return true;
}

function dockerConfig(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.version) && string(value.config) &&
    string(value.hostConfig);
}

function ecrAuthData(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.registryId) && string(value.region) &&
    string(value.endpointOverride) && boolean(value.useExecutionRole);
}

function asmAuthData(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.credentialsParameter) && string(value.region);
}

function registryAuthentication(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.type) && ecrAuthData(value.ecrAuthData) &&
    asmAuthData(value.asmAuthData);
}

function secretsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.name) && string(value.valueFrom) &&
    string(value.containerPath) && string(value.type) && string(value.region) &&
    string(value.provider) && string(value.target);
}

function secrets(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!secretsItem(value[index])) return false;
  }
  return true;
}

function dependsOnItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.containerName) && string(value.condition);
}

function dependsOn(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!dependsOnItem(value[index])) return false;
  }
  return true;
}

function firelensConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.type) && map(value.options);
}

function containersItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && stringList(value.command) && integer(value.cpu) &&
    stringList(value.credentialSpecs) && stringList(value.entryPoint) && map(value.environment) &&
    environmentFiles(value.environmentFiles) && boolean(value.essential) &&
    restartPolicy(value.restartPolicy) && string(value.image) && stringList(value.links) &&
    integer(value.memory) && string(value.name) && string(value.overrides) &&
    portMappings(value.portMappings) && managedAgents(value.managedAgents) &&
    mountPoints(value.mountPoints) && linuxParameters(value.linuxParameters) &&
    boolean(value.privileged) && stringList(value.networkInterfaceNames) &&
    volumesFrom(value.volumesFrom) && dockerConfig(value.dockerConfig) &&
    string(value.healthCheckType) && registryAuthentication(value.registryAuthentication) &&
    string(value.logsAuthStrategy) && secrets(value.secrets) && dependsOn(value.dependsOn) &&
    integer(value.startTimeout) && integer(value.stopTimeout) &&
    firelensConfiguration(value.firelensConfiguration) && string(value.containerArn);
}

function containers(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!containersItem(value[index])) return false;
  }
  return true;
}

function host(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.sourcePath);
}

function dockerVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.scope) && boolean(value.autoprovision) &&
    string(value.driver) && map(value.driverOpts) && map(value.labels);
}

function authorizationConfig(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.accessPointId) && string(value.iam);
}

function efsVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.fileSystemId) && string(value.rootDirectory) &&
    string(value.transitEncryption) && integer(value.transitEncryptionPort) &&
    authorizationConfig(value.authorizationConfig);
}

function authorizationConfig2(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.credentialsParameter) && string(value.domain);
}

function fsxWindowsFileServerVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.fileSystemId) && string(value.rootDirectory) &&
    authorizationConfig2(value.authorizationConfig);
}

function ebsVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.volumeId) && boolean(value.deleteOnTermination) &&
    string(value.deviceName) && string(value.filesystemType);
}

function logDriverVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.driver);
}

function volumesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.name) && string(value.type) && host(value.host) &&
    dockerVolumeConfiguration(value.dockerVolumeConfiguration) &&
    efsVolumeConfiguration(value.efsVolumeConfiguration) &&
    fsxWindowsFileServerVolumeConfiguration(value.fsxWindowsFileServerVolumeConfiguration) &&
    ebsVolumeConfiguration(value.ebsVolumeConfiguration) &&
    logDriverVolumeConfiguration(value.logDriverVolumeConfiguration);
}

function volumes(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!volumesItem(value[index])) return false;
  }
  return true;
}

function roleCredentials(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.credentialsId) && string(value.roleArn) &&
    string(value.accessKeyId) && string(value.secretAccessKey) && string(value.sessionToken) &&
    string(value.expiration) && string(value.credentialScope);
}

function interfaceTunnelProperties(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.tunnelId) && string(value.interfaceIpAddress);
}

function interfaceVethProperties(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.peerInterface);
}

function interfaceVlanProperties(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.vlanId) && string(value.trunkInterfaceMacAddress);
}

function ipv4AddressesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.privateAddress) && boolean(value.primary);
}

function ipv4Addresses(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!ipv4AddressesItem(value[index])) return false;
  }
  return true;
}

function ipv6AddressesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.address) && boolean(value.primary);
}

function ipv6Addresses(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!ipv6AddressesItem(value[index])) return false;
  }
  return true;
}

function elasticNetworkInterfacesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.name) && string(value.macAddress) &&
    string(value.attachmentArn) && string(value.ec2Id) && integer(value.index) &&
    string(value.interfaceAssociationProtocol) &&
    interfaceTunnelProperties(value.interfaceTunnelProperties) &&
    interfaceVethProperties(value.interfaceVethProperties) &&
    interfaceVlanProperties(value.interfaceVlanProperties) && ipv4Addresses(value.ipv4Addresses) &&
    ipv6Addresses(value.ipv6Addresses) && stringList(value.domainName) &&
    stringList(value.domainNameServers) && string(value.privateDnsName) &&
    string(value.subnetGatewayIpv4Address) && string(value.subnetGatewayIpv6Address);
}

function elasticNetworkInterfaces(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!elasticNetworkInterfacesItem(value[index])) return false;
  }
  return true;
}

function content(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.value) && string(value.encoding);
}

function associationsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.name) && string(value.type) && content(value.content) &&
    stringList(value.containers);
}

function associations(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!associationsItem(value[index])) return false;
  }
  return true;
}

function proxyConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.type) && string(value.containerName) &&
    map(value.properties);
}

function attachmentPropertiesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.name) && string(value.value);
}

function attachmentProperties(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!attachmentPropertiesItem(value[index])) return false;
  }
  return true;
}

function attachmentsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.attachmentArn) && string(value.attachmentType) &&
    attachmentProperties(value.attachmentProperties);
}

function attachments(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!attachmentsItem(value[index])) return false;
  }
  return true;
}

function trustedExecutionConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.isolationMode);
}

function tasksItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.arn) && string(value.taskClusterArn) &&
    containers(value.containers) && string(value.desiredStatus) && string(value.family) &&
    string(value.overrides) && string(value.version) && string(value.zone) &&
    string(value.taskDefinitionAccountId) && volumes(value.volumes) &&
    roleCredentials(value.roleCredentials) && roleCredentials(value.executionRoleCredentials) &&
    elasticNetworkInterfaces(value.elasticNetworkInterfaces) && double(value.cpu) &&
    integer(value.memory) && associations(value.associations) && string(value.pidMode) &&
    string(value.ipcMode) && proxyConfiguration(value.proxyConfiguration) &&
    string(value.agentConfiguration) && string(value.launchType) &&
    attachments(value.attachments) && string(value.networkMode) && string(value.serviceName) &&
    string(value.group) && boolean(value.enableFaultInjection) &&
    trustedExecutionConfiguration(value.trustedExecutionConfiguration);
}

function tasks(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!tasksItem(value[index])) return false;
  }
  return true;
}

function payloadMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.containerInstanceArn) && string(value.clusterArn) &&
    tasks(value.tasks) && integer(value.generatedAt) && string(value.messageId) &&
    integer(value.seqNum) && integer(value.timeline);
}

function closeMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.message);
}

function updateInfo(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.location) && string(value.signature);
}

function performUpdateMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.containerInstanceArn) && string(value.clusterArn) &&
    updateInfo(value.updateInfo) && string(value.messageId);
}

function iAMRoleCredentialsMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.taskArn) && string(value.taskClusterArn) &&
    roleCredentials(value.roleCredentials) && string(value.roleType) && string(value.messageId);
}

function attachTaskNetworkInterfacesMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.containerInstanceArn) && string(value.clusterArn) &&
    string(value.taskArn) && string(value.taskClusterArn) && integer(value.generatedAt) &&
    string(value.messageId) && integer(value.waitTimeoutMs) &&
    elasticNetworkInterfaces(value.elasticNetworkInterfaces);
}

function attachInstanceNetworkInterfacesMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.containerInstanceArn) && string(value.clusterArn) &&
    integer(value.generatedAt) && string(value.messageId) && integer(value.waitTimeoutMs) &&
    elasticNetworkInterfaces(value.elasticNetworkInterfaces);
}

function confirmAttachmentMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.containerInstanceArn) && string(value.clusterArn) &&
    string(value.taskArn) && string(value.taskClusterArn) && integer(value.generatedAt) &&
    string(value.messageId) && integer(value.waitTimeoutMs) && attachmentsItem(value.attachment);
}

function tasksItem2(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.taskArn) && string(value.taskClusterArn) &&
    string(value.desiredStatus);
}

function tasks2(value: unknown): boolean {
  if (isMissing(value)) return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) {
    if (!tasksItem2(value[index])) return false;
  }
  return true;
}

function taskManifestMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && string(value.containerInstanceArn) && string(value.clusterArn) &&
    tasks2(value.tasks) && integer(value.generatedAt) && string(value.messageId) &&
    integer(value.timeline);
}

function taskStopVerificationAck(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && integer(value.generatedAt) && string(value.messageId) &&
    tasks2(value.stopTasks);
}

/** A check for each message: whether every field has the right type, or is missing or null. */
export const FIELD_CHECKS: Readonly<Record<ReceivedMessageType, (message: unknown) => boolean>> = {
  HeartbeatMessage: heartbeatMessage,
  PayloadMessage: payloadMessage,
  CloseMessage: closeMessage,
  PerformUpdateMessage: performUpdateMessage,
  StageUpdateMessage: performUpdateMessage,
  IAMRoleCredentialsMessage: iAMRoleCredentialsMessage,
  AttachTaskNetworkInterfacesMessage: attachTaskNetworkInterfacesMessage,
  AttachInstanceNetworkInterfacesMessage: attachInstanceNetworkInterfacesMessage,
  ConfirmAttachmentMessage: confirmAttachmentMessage,
  TaskManifestMessage: taskManifestMessage,
  TaskStopVerificationAck: taskStopVerificationAck,
  ErrorMessage: closeMessage,
  ServerException: closeMessage,
  BadRequestException: closeMessage,
  InvalidClusterException: closeMessage,
  InvalidInstanceException: closeMessage,
  AccessDeniedException: closeMessage,
  InactiveInstanceException: closeMessage,
};
