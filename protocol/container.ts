/**
 * A task's containers.
 *
 * @module
 */

/** A map of strings to strings. */
export type StringMap = Record<string, string | null>;

/** One container of a task. */
export interface Container {
  /** The arguments, instead of the image's. */
  command?: (string | null)[] | null;
  /** CPU units; 1024 are one core. */
  cpu?: number | null;
  /** Credential specs for Active Directory, or ARNs of where they are stored. */
  credentialSpecs?: (string | null)[] | null;
  /** The entry point, instead of the image's. */
  entryPoint?: (string | null)[] | null;
  /** Environment variables. Secret: they are often used for passwords. */
  environment?: StringMap | null;
  /** Files with more environment variables. */
  environmentFiles?: (EnvironmentFile | null)[] | null;
  /** Whether the task ends when this container does. */
  essential?: boolean | null;
  /** Whether and when the agent restarts it in place. */
  restartPolicy?: RestartPolicy | null;
  /** The image's reference. */
  image?: string | null;
  /** Docker links, `container:alias`. */
  links?: (string | null)[] | null;
  /** Hard memory limit, in MiB. */
  memory?: number | null;
  /** The name, unique in its task. */
  name?: string | null;
  /** Overrides given when the task was run, as JSON text. */
  overrides?: string | null;
  /** Ports to publish. */
  portMappings?: (PortMapping | null)[] | null;
  /** Agents that ECS runs inside the container. */
  managedAgents?: (ManagedAgent | null)[] | null;
  /** Where the task's volumes are mounted. */
  mountPoints?: (MountPoint | null)[] | null;
  /** Settings of the Linux kernel. */
  linuxParameters?: LinuxParameters | null;
  /** Whether it has the host's full privileges. */
  privileged?: boolean | null;
  /** Names of the task's network interfaces it uses. */
  networkInterfaceNames?: (string | null)[] | null;
  /** Other containers whose volumes it gets. */
  volumesFrom?: (VolumeFrom | null)[] | null;
  /** Settings passed through to Docker. */
  dockerConfig?: DockerConfig | null;
  /** `docker` if Docker runs the health check. Other values may be added. */
  healthCheckType?: string | null;
  /** How to log in to the image's registry. */
  registryAuthentication?: RegistryAuthenticationData | null;
  /** `ExecutionRole` if the log driver uses that role's credentials. Other values may be added. */
  logsAuthStrategy?: string | null;
  /** References to secrets; their values are fetched by the agent. */
  secrets?: (Secret | null)[] | null;
  /** Containers that it depends on. */
  dependsOn?: (ContainerDependency | null)[] | null;
  /** How long to wait for it as a dependency, in s. */
  startTimeout?: number | null;
  /** How long it has to stop before it is killed, in s. */
  stopTimeout?: number | null;
  /** Set on a container that routes the others' logs. */
  firelensConfiguration?: FirelensConfiguration | null;
  /** ARN of this container. */
  containerArn?: string | null;
}

/** A file of environment variables. */
export interface EnvironmentFile {
  /** Its ARN. */
  value?: string | null;
  /** `s3`. Other values may be added. */
  type?: string | null;
}

/** Whether and when the agent restarts a container without ending its task. */
export interface RestartPolicy {
  /** Whether restarts are enabled. */
  enabled?: boolean | null;
  /** Exit codes after which it is not restarted. */
  ignoredExitCodes?: (number | null)[] | null;
  /** How long a container must have run to be restarted, in s. */
  restartAttemptPeriod?: number | null;
}

/** A port of a container and the host port on which it is published. */
export interface PortMapping {
  /** The container's port. */
  containerPort?: number | null;
  /** The host's port; if 0 or missing, the host chooses one. */
  hostPort?: number | null;
  /** A range such as `8000-8010`, instead of a single port. */
  containerPortRange?: string | null;
  /** `tcp` or `udp`. Other values may be added. */
  protocol?: string | null;
}

/** An agent that ECS runs inside a container. */
export interface ManagedAgent {
  /** `ExecuteCommandAgent`. Other values may be added. */
  name?: string | null;
  /** Its settings. */
  properties?: StringMap | null;
}

/** Where a volume of the task is mounted in a container. */
export interface MountPoint {
  /** The volume's name. */
  sourceVolume?: string | null;
  /** Path in the container. */
  containerPath?: string | null;
  /** Whether it is mounted read-only. */
  readOnly?: boolean | null;
}

/** Settings of the Linux kernel for a container. */
export interface LinuxParameters {
  /** Capabilities to add and to drop. */
  capabilities?: KernelCapabilities | null;
  /** Devices of the host to pass in. */
  devices?: (Device | null)[] | null;
  /** Whether a small init process runs as PID 1. */
  initProcessEnabled?: boolean | null;
  /** Size of `/dev/shm`, in MiB. */
  sharedMemorySize?: number | null;
}

/** Linux capabilities, by name. */
export interface KernelCapabilities {
  /** Added to the default ones. */
  add?: (string | null)[] | null;
  /** Taken from the default ones. */
  drop?: (string | null)[] | null;
}

/** A device of the host, passed into a container. */
export interface Device {
  /** Path on the host. The service's model marks it as required, but it may be missing. */
  hostPath?: string | null;
  /** Path in the container; if missing, the same as on the host. */
  containerPath?: string | null;
  /** Any of `read`, `write`, `mknod`; if missing, all. */
  permissions?: (string | null)[] | null;
}

/** Another container whose volumes are mounted. */
export interface VolumeFrom {
  /** Its name. */
  sourceContainer?: string | null;
  /** Whether this container mounts them read-only. */
  readOnly?: boolean | null;
}

/** Settings that the agent passes through to Docker. Secret: they may repeat the environment. */
export interface DockerConfig {
  /** The version of Docker's API for which the other two fields are written. */
  version?: string | null;
  /** Docker's `Config`, as JSON text. */
  config?: string | null;
  /** Docker's `HostConfig`, as JSON text. */
  hostConfig?: string | null;
}

/** How to log in to the registry of a container's image. */
export interface RegistryAuthenticationData {
  /** `ecr` or `asm` (AWS Secrets Manager). Other values may be added. */
  type?: string | null;
  /** Set with `ecr`. */
  ecrAuthData?: ECRAuthData | null;
  /** Set with `asm`. */
  asmAuthData?: ASMAuthData | null;
}

/** A registry of Amazon ECR. */
export interface ECRAuthData {
  /** The registry's id, an AWS account id. */
  registryId?: string | null;
  /** Its region. */
  region?: string | null;
  /** An ECR endpoint instead of the region's. */
  endpointOverride?: string | null;
  /** Whether the execution role's credentials are used instead of the instance's. */
  useExecutionRole?: boolean | null;
}

/** A registry whose credentials are stored in AWS Secrets Manager. */
export interface ASMAuthData {
  /** ARN of the secret; not the credentials themselves. */
  credentialsParameter?: string | null;
  /** Its region. */
  region?: string | null;
}

/** A reference to a secret that the agent fetches for a container. */
export interface Secret {
  /** Name of the variable, option or file. */
  name?: string | null;
  /** ARN or name of the secret; not its value. */
  valueFrom?: string | null;
  /** Path in the container, with `MOUNT_POINT`. */
  containerPath?: string | null;
  /** `ENVIRONMENT_VARIABLE`, `MOUNT_POINT` or `BOOTSTRAP`. Other values may be added. */
  type?: string | null;
  /** The secret's region. */
  region?: string | null;
  /** `ssm` (Systems Manager) or `asm` (Secrets Manager). Other values may be added. */
  provider?: string | null;
  /** `CONTAINER` or `LOG_DRIVER`. Other values may be added. */
  target?: string | null;
}

/** A container that another one depends on. */
export interface ContainerDependency {
  /** Its name. */
  containerName?: string | null;
  /** `START`, `COMPLETE`, `SUCCESS` or `HEALTHY`. Other values may be added. */
  condition?: string | null;
}

/** The settings of a log router. */
export interface FirelensConfiguration {
  /** `fluentd` or `fluentbit`. Other values may be added. */
  type?: string | null;
  /** The router's options. */
  options?: StringMap | null;
}
