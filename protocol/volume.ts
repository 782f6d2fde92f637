/**
 * The volumes of a task.
 *
 * @module
 */

import type { StringMap } from "./container.ts";

/** One volume of a task; `type` says which of the configurations is set. */
export interface Volume {
  /** The name that mount points use to refer to it. */
  name?: string | null;
  /**
   * `host`, `docker`, `efs`, `fsxWindowsFileServer`, `ebs` or `logDriverOutput`. Other values may
   * be added.
   */
  type?: string | null;
  /** Set with `host`. */
  host?: HostVolumeProperties | null;
  /** Set with `docker`. */
  dockerVolumeConfiguration?: DockerVolumeConfiguration | null;
  /** Set with `efs`. */
  efsVolumeConfiguration?: EFSVolumeConfiguration | null;
  /** Set with `fsxWindowsFileServer`. */
  fsxWindowsFileServerVolumeConfiguration?: FSxWindowsFileServerVolumeConfiguration | null;
  /** Set with `ebs`. */
  ebsVolumeConfiguration?: EBSVolumeConfiguration | null;
  /** Set with `logDriverOutput`. */
  logDriverVolumeConfiguration?: LogDriverVolumeConfiguration | null;
}

/** A directory of the host. */
export interface HostVolumeProperties {
  /** Path on the host; if empty or missing, a new directory is created. */
  sourcePath?: string | null;
}

/** A volume managed by a Docker volume driver. */
export interface DockerVolumeConfiguration {
  /** `task` (exists as long as the task) or `shared`. */
  scope?: string | null;
  /** Whether a shared volume is created if it does not exist. */
  autoprovision?: boolean | null;
  /** The driver's name. */
  driver?: string | null;
  /** Options for the driver; they may contain passwords. */
  driverOpts?: StringMap | null;
  /** Labels put on the volume. */
  labels?: StringMap | null;
}

/** A file system of Amazon EFS. */
export interface EFSVolumeConfiguration {
  /** `fs-…`. */
  fileSystemId?: string | null;
  /** Directory of the file system that becomes the volume's root. */
  rootDirectory?: string | null;
  /** `ENABLED` or `DISABLED`. */
  transitEncryption?: string | null;
  /** Local port of the encrypted connection; if 0 or missing, the mount helper chooses one. */
  transitEncryptionPort?: number | null;
  /** Access point and IAM. */
  authorizationConfig?: EFSAuthorizationConfig | null;
}

/** How a mount of EFS is authorized. */
export interface EFSAuthorizationConfig {
  /** `fsap-…`. */
  accessPointId?: string | null;
  /** `ENABLED` if the task's role is used for mounting, else `DISABLED`. */
  iam?: string | null;
}

/** A file system of Amazon FSx for Windows File Server. */
export interface FSxWindowsFileServerVolumeConfiguration {
  /** `fs-…`. */
  fileSystemId?: string | null;
  /** Directory of the file system that becomes the volume's root. */
  rootDirectory?: string | null;
  /** Where the domain's credentials are stored. */
  authorizationConfig?: FSxWindowsFileServerAuthorizationConfig | null;
}

/** The credentials for an FSx file system. */
export interface FSxWindowsFileServerAuthorizationConfig {
  /** ARN of the secret or parameter that contains them; not the credentials themselves. */
  credentialsParameter?: string | null;
  /** The Active Directory domain. */
  domain?: string | null;
}

/** A volume of Amazon EBS. */
export interface EBSVolumeConfiguration {
  /** `vol-…`. */
  volumeId?: string | null;
  /** Whether the volume is deleted when its task ends. */
  deleteOnTermination?: boolean | null;
  /** The device as which it is attached. */
  deviceName?: string | null;
  /** The file system on it, such as `xfs`. */
  filesystemType?: string | null;
}

/** Where a log driver writes its output. */
export interface LogDriverVolumeConfiguration {
  /** The log driver's name. */
  driver?: string | null;
}
