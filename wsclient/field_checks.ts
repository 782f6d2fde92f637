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
  return isObject(value) && (value.healthy === undefined || boolean(value.healthy)) &&
    (value.messageId === undefined || string(value.messageId));
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
  return isObject(value) && (value.value === undefined || string(value.value)) &&
    (value.type === undefined || string(value.type));
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
  return isObject(value) && (value.enabled === undefined || boolean(value.enabled)) &&
    (value.ignoredExitCodes === undefined || integerList(value.ignoredExitCodes)) &&
    (value.restartAttemptPeriod === undefined || integer(value.restartAttemptPeriod));
}

function portMappingsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.containerPort === undefined || integer(value.containerPort)) &&
    (value.hostPort === undefined || integer(value.hostPort)) &&
    (value.containerPortRange === undefined || string(value.containerPortRange)) &&
    (value.protocol === undefined || string(value.protocol));
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
  return isObject(value) && (value.name === undefined || string(value.name)) &&
    (value.properties === undefined || map(value.properties));
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
  return isObject(value) && (value.sourceVolume === undefined || string(value.sourceVolume)) &&
    (value.containerPath === undefined || string(value.containerPath)) &&
    (value.readOnly === undefined || boolean(value.readOnly));
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
  return isObject(value) && (value.add === undefined || stringList(value.add)) &&
    (value.drop === undefined || stringList(value.drop));
}

function devicesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.hostPath === undefined || string(value.hostPath)) &&
    (value.containerPath === undefined || string(value.containerPath)) &&
    (value.permissions === undefined || stringList(value.permissions));
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
  return isObject(value) &&
    (value.capabilities === undefined || capabilities(value.capabilities)) &&
    (value.devices === undefined || devices(value.devices)) &&
    (value.initProcessEnabled === undefined || boolean(value.initProcessEnabled)) &&
    (value.sharedMemorySize === undefined || integer(value.sharedMemorySize));
}

function volumesFromItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) &&
    (value.sourceContainer === undefined || string(value.sourceContainer)) &&
    (value.readOnly === undefined || boolean(value.readOnly));
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
  return isObject(value) && (value.version === undefined || string(value.version)) &&
    (value.config === undefined || string(value.config)) &&
    (value.hostConfig === undefined || string(value.hostConfig));
}

function ecrAuthData(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.registryId === undefined || string(value.registryId)) &&
    (value.region === undefined || string(value.region)) &&
    (value.endpointOverride === undefined || string(value.endpointOverride)) &&
    (value.useExecutionRole === undefined || boolean(value.useExecutionRole));
}

function asmAuthData(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) &&
    (value.credentialsParameter === undefined || string(value.credentialsParameter)) &&
    (value.region === undefined || string(value.region));
}

function registryAuthentication(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.type === undefined || string(value.type)) &&
    (value.ecrAuthData === undefined || ecrAuthData(value.ecrAuthData)) &&
    (value.asmAuthData === undefined || asmAuthData(value.asmAuthData));
}

function secretsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.name === undefined || string(value.name)) &&
    (value.valueFrom === undefined || string(value.valueFrom)) &&
    (value.containerPath === undefined || string(value.containerPath)) &&
    (value.type === undefined || string(value.type)) &&
    (value.region === undefined || string(value.region)) &&
    (value.provider === undefined || string(value.provider)) &&
    (value.target === undefined || string(value.target));
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
  return isObject(value) && (value.containerName === undefined || string(value.containerName)) &&
    (value.condition === undefined || string(value.condition));
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
  return isObject(value) && (value.type === undefined || string(value.type)) &&
    (value.options === undefined || map(value.options));
}

function containersItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.command === undefined || stringList(value.command)) &&
    (value.cpu === undefined || integer(value.cpu)) &&
    (value.credentialSpecs === undefined || stringList(value.credentialSpecs)) &&
    (value.entryPoint === undefined || stringList(value.entryPoint)) &&
    (value.environment === undefined || map(value.environment)) &&
    (value.environmentFiles === undefined || environmentFiles(value.environmentFiles)) &&
    (value.essential === undefined || boolean(value.essential)) &&
    (value.restartPolicy === undefined || restartPolicy(value.restartPolicy)) &&
    (value.image === undefined || string(value.image)) &&
    (value.links === undefined || stringList(value.links)) &&
    (value.memory === undefined || integer(value.memory)) &&
    (value.name === undefined || string(value.name)) &&
    (value.overrides === undefined || string(value.overrides)) &&
    (value.portMappings === undefined || portMappings(value.portMappings)) &&
    (value.managedAgents === undefined || managedAgents(value.managedAgents)) &&
    (value.mountPoints === undefined || mountPoints(value.mountPoints)) &&
    (value.linuxParameters === undefined || linuxParameters(value.linuxParameters)) &&
    (value.privileged === undefined || boolean(value.privileged)) &&
    (value.networkInterfaceNames === undefined || stringList(value.networkInterfaceNames)) &&
    (value.volumesFrom === undefined || volumesFrom(value.volumesFrom)) &&
    (value.dockerConfig === undefined || dockerConfig(value.dockerConfig)) &&
    (value.healthCheckType === undefined || string(value.healthCheckType)) &&
    (value.registryAuthentication === undefined ||
      registryAuthentication(value.registryAuthentication)) &&
    (value.logsAuthStrategy === undefined || string(value.logsAuthStrategy)) &&
    (value.secrets === undefined || secrets(value.secrets)) &&
    (value.dependsOn === undefined || dependsOn(value.dependsOn)) &&
    (value.startTimeout === undefined || integer(value.startTimeout)) &&
    (value.stopTimeout === undefined || integer(value.stopTimeout)) &&
    (value.firelensConfiguration === undefined ||
      firelensConfiguration(value.firelensConfiguration)) &&
    (value.containerArn === undefined || string(value.containerArn));
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
  return isObject(value) && (value.sourcePath === undefined || string(value.sourcePath));
}

function dockerVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.scope === undefined || string(value.scope)) &&
    (value.autoprovision === undefined || boolean(value.autoprovision)) &&
    (value.driver === undefined || string(value.driver)) &&
    (value.driverOpts === undefined || map(value.driverOpts)) &&
    (value.labels === undefined || map(value.labels));
}

function authorizationConfig(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.accessPointId === undefined || string(value.accessPointId)) &&
    (value.iam === undefined || string(value.iam));
}

function efsVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.fileSystemId === undefined || string(value.fileSystemId)) &&
    (value.rootDirectory === undefined || string(value.rootDirectory)) &&
    (value.transitEncryption === undefined || string(value.transitEncryption)) &&
    (value.transitEncryptionPort === undefined || integer(value.transitEncryptionPort)) &&
    (value.authorizationConfig === undefined || authorizationConfig(value.authorizationConfig));
}

function authorizationConfig2(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) &&
    (value.credentialsParameter === undefined || string(value.credentialsParameter)) &&
    (value.domain === undefined || string(value.domain));
}

function fsxWindowsFileServerVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.fileSystemId === undefined || string(value.fileSystemId)) &&
    (value.rootDirectory === undefined || string(value.rootDirectory)) &&
    (value.authorizationConfig === undefined || authorizationConfig2(value.authorizationConfig));
}

function ebsVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.volumeId === undefined || string(value.volumeId)) &&
    (value.deleteOnTermination === undefined || boolean(value.deleteOnTermination)) &&
    (value.deviceName === undefined || string(value.deviceName)) &&
    (value.filesystemType === undefined || string(value.filesystemType));
}

function logDriverVolumeConfiguration(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.driver === undefined || string(value.driver));
}

function volumesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.name === undefined || string(value.name)) &&
    (value.type === undefined || string(value.type)) &&
    (value.host === undefined || host(value.host)) &&
    (value.dockerVolumeConfiguration === undefined ||
      dockerVolumeConfiguration(value.dockerVolumeConfiguration)) &&
    (value.efsVolumeConfiguration === undefined ||
      efsVolumeConfiguration(value.efsVolumeConfiguration)) &&
    (value.fsxWindowsFileServerVolumeConfiguration === undefined ||
      fsxWindowsFileServerVolumeConfiguration(value.fsxWindowsFileServerVolumeConfiguration)) &&
    (value.ebsVolumeConfiguration === undefined ||
      ebsVolumeConfiguration(value.ebsVolumeConfiguration)) &&
    (value.logDriverVolumeConfiguration === undefined ||
      logDriverVolumeConfiguration(value.logDriverVolumeConfiguration));
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
  return isObject(value) && (value.credentialsId === undefined || string(value.credentialsId)) &&
    (value.roleArn === undefined || string(value.roleArn)) &&
    (value.accessKeyId === undefined || string(value.accessKeyId)) &&
    (value.secretAccessKey === undefined || string(value.secretAccessKey)) &&
    (value.sessionToken === undefined || string(value.sessionToken)) &&
    (value.expiration === undefined || string(value.expiration)) &&
    (value.credentialScope === undefined || string(value.credentialScope));
}

function interfaceTunnelProperties(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.tunnelId === undefined || string(value.tunnelId)) &&
    (value.interfaceIpAddress === undefined || string(value.interfaceIpAddress));
}

function interfaceVethProperties(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.peerInterface === undefined || string(value.peerInterface));
}

function interfaceVlanProperties(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.vlanId === undefined || string(value.vlanId)) &&
    (value.trunkInterfaceMacAddress === undefined || string(value.trunkInterfaceMacAddress));
}

function ipv4AddressesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.privateAddress === undefined || string(value.privateAddress)) &&
    (value.primary === undefined || boolean(value.primary));
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
  return isObject(value) && (value.address === undefined || string(value.address)) &&
    (value.primary === undefined || boolean(value.primary));
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
  return isObject(value) && (value.name === undefined || string(value.name)) &&
    (value.macAddress === undefined || string(value.macAddress)) &&
    (value.attachmentArn === undefined || string(value.attachmentArn)) &&
    (value.ec2Id === undefined || string(value.ec2Id)) &&
    (value.index === undefined || integer(value.index)) &&
    (value.interfaceAssociationProtocol === undefined ||
      string(value.interfaceAssociationProtocol)) &&
    (value.interfaceTunnelProperties === undefined ||
      interfaceTunnelProperties(value.interfaceTunnelProperties)) &&
    (value.interfaceVethProperties === undefined ||
      interfaceVethProperties(value.interfaceVethProperties)) &&
    (value.interfaceVlanProperties === undefined ||
      interfaceVlanProperties(value.interfaceVlanProperties)) &&
    (value.ipv4Addresses === undefined || ipv4Addresses(value.ipv4Addresses)) &&
    (value.ipv6Addresses === undefined || ipv6Addresses(value.ipv6Addresses)) &&
    (value.domainName === undefined || stringList(value.domainName)) &&
    (value.domainNameServers === undefined || stringList(value.domainNameServers)) &&
    (value.privateDnsName === undefined || string(value.privateDnsName)) &&
    (value.subnetGatewayIpv4Address === undefined || string(value.subnetGatewayIpv4Address)) &&
    (value.subnetGatewayIpv6Address === undefined || string(value.subnetGatewayIpv6Address));
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
  return isObject(value) && (value.value === undefined || string(value.value)) &&
    (value.encoding === undefined || string(value.encoding));
}

function associationsItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.name === undefined || string(value.name)) &&
    (value.type === undefined || string(value.type)) &&
    (value.content === undefined || content(value.content)) &&
    (value.containers === undefined || stringList(value.containers));
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
  return isObject(value) && (value.type === undefined || string(value.type)) &&
    (value.containerName === undefined || string(value.containerName)) &&
    (value.properties === undefined || map(value.properties));
}

function attachmentPropertiesItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.name === undefined || string(value.name)) &&
    (value.value === undefined || string(value.value));
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
  return isObject(value) && (value.attachmentArn === undefined || string(value.attachmentArn)) &&
    (value.attachmentType === undefined || string(value.attachmentType)) &&
    (value.attachmentProperties === undefined || attachmentProperties(value.attachmentProperties));
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
  return isObject(value) && (value.isolationMode === undefined || string(value.isolationMode));
}

function tasksItem(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.arn === undefined || string(value.arn)) &&
    (value.taskClusterArn === undefined || string(value.taskClusterArn)) &&
    (value.containers === undefined || containers(value.containers)) &&
    (value.desiredStatus === undefined || string(value.desiredStatus)) &&
    (value.family === undefined || string(value.family)) &&
    (value.overrides === undefined || string(value.overrides)) &&
    (value.version === undefined || string(value.version)) &&
    (value.zone === undefined || string(value.zone)) &&
    (value.taskDefinitionAccountId === undefined || string(value.taskDefinitionAccountId)) &&
    (value.volumes === undefined || volumes(value.volumes)) &&
    (value.roleCredentials === undefined || roleCredentials(value.roleCredentials)) &&
    (value.executionRoleCredentials === undefined ||
      roleCredentials(value.executionRoleCredentials)) &&
    (value.elasticNetworkInterfaces === undefined ||
      elasticNetworkInterfaces(value.elasticNetworkInterfaces)) &&
    (value.cpu === undefined || double(value.cpu)) &&
    (value.memory === undefined || integer(value.memory)) &&
    (value.associations === undefined || associations(value.associations)) &&
    (value.pidMode === undefined || string(value.pidMode)) &&
    (value.ipcMode === undefined || string(value.ipcMode)) &&
    (value.proxyConfiguration === undefined || proxyConfiguration(value.proxyConfiguration)) &&
    (value.agentConfiguration === undefined || string(value.agentConfiguration)) &&
    (value.launchType === undefined || string(value.launchType)) &&
    (value.attachments === undefined || attachments(value.attachments)) &&
    (value.networkMode === undefined || string(value.networkMode)) &&
    (value.serviceName === undefined || string(value.serviceName)) &&
    (value.group === undefined || string(value.group)) &&
    (value.enableFaultInjection === undefined || boolean(value.enableFaultInjection)) &&
    (value.trustedExecutionConfiguration === undefined ||
      trustedExecutionConfiguration(value.trustedExecutionConfiguration));
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
  return isObject(value) &&
    (value.containerInstanceArn === undefined || string(value.containerInstanceArn)) &&
    (value.clusterArn === undefined || string(value.clusterArn)) &&
    (value.tasks === undefined || tasks(value.tasks)) &&
    (value.generatedAt === undefined || integer(value.generatedAt)) &&
    (value.messageId === undefined || string(value.messageId)) &&
    (value.seqNum === undefined || integer(value.seqNum)) &&
    (value.timeline === undefined || integer(value.timeline));
}

function closeMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.message === undefined || string(value.message));
}

function updateInfo(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.location === undefined || string(value.location)) &&
    (value.signature === undefined || string(value.signature));
}

function performUpdateMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) &&
    (value.containerInstanceArn === undefined || string(value.containerInstanceArn)) &&
    (value.clusterArn === undefined || string(value.clusterArn)) &&
    (value.updateInfo === undefined || updateInfo(value.updateInfo)) &&
    (value.messageId === undefined || string(value.messageId));
}

function iAMRoleCredentialsMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.taskArn === undefined || string(value.taskArn)) &&
    (value.taskClusterArn === undefined || string(value.taskClusterArn)) &&
    (value.roleCredentials === undefined || roleCredentials(value.roleCredentials)) &&
    (value.roleType === undefined || string(value.roleType)) &&
    (value.messageId === undefined || string(value.messageId));
}

function attachTaskNetworkInterfacesMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) &&
    (value.containerInstanceArn === undefined || string(value.containerInstanceArn)) &&
    (value.clusterArn === undefined || string(value.clusterArn)) &&
    (value.taskArn === undefined || string(value.taskArn)) &&
    (value.taskClusterArn === undefined || string(value.taskClusterArn)) &&
    (value.generatedAt === undefined || integer(value.generatedAt)) &&
    (value.messageId === undefined || string(value.messageId)) &&
    (value.waitTimeoutMs === undefined || integer(value.waitTimeoutMs)) &&
    (value.elasticNetworkInterfaces === undefined ||
      elasticNetworkInterfaces(value.elasticNetworkInterfaces));
}

function attachInstanceNetworkInterfacesMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) &&
    (value.containerInstanceArn === undefined || string(value.containerInstanceArn)) &&
    (value.clusterArn === undefined || string(value.clusterArn)) &&
    (value.generatedAt === undefined || integer(value.generatedAt)) &&
    (value.messageId === undefined || string(value.messageId)) &&
    (value.waitTimeoutMs === undefined || integer(value.waitTimeoutMs)) &&
    (value.elasticNetworkInterfaces === undefined ||
      elasticNetworkInterfaces(value.elasticNetworkInterfaces));
}

function confirmAttachmentMessage(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) &&
    (value.containerInstanceArn === undefined || string(value.containerInstanceArn)) &&
    (value.clusterArn === undefined || string(value.clusterArn)) &&
    (value.taskArn === undefined || string(value.taskArn)) &&
    (value.taskClusterArn === undefined || string(value.taskClusterArn)) &&
    (value.generatedAt === undefined || integer(value.generatedAt)) &&
    (value.messageId === undefined || string(value.messageId)) &&
    (value.waitTimeoutMs === undefined || integer(value.waitTimeoutMs)) &&
    (value.attachment === undefined || attachmentsItem(value.attachment));
}

function tasksItem2(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.taskArn === undefined || string(value.taskArn)) &&
    (value.taskClusterArn === undefined || string(value.taskClusterArn)) &&
    (value.desiredStatus === undefined || string(value.desiredStatus));
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
  return isObject(value) &&
    (value.containerInstanceArn === undefined || string(value.containerInstanceArn)) &&
    (value.clusterArn === undefined || string(value.clusterArn)) &&
    (value.tasks === undefined || tasks2(value.tasks)) &&
    (value.generatedAt === undefined || integer(value.generatedAt)) &&
    (value.messageId === undefined || string(value.messageId)) &&
    (value.timeline === undefined || integer(value.timeline));
}

function taskStopVerificationAck(value: unknown): boolean {
  if (isMissing(value)) return true;
  return isObject(value) && (value.generatedAt === undefined || integer(value.generatedAt)) &&
    (value.messageId === undefined || string(value.messageId)) &&
    (value.stopTasks === undefined || tasks2(value.stopTasks));
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
