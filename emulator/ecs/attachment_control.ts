/**
 * Attaches network interfaces and volumes, by sending agents the messages for it.
 *
 * @module
 */

import type { ElasticNetworkInterface } from "../../protocol/messages.ts";
import type { PostedMessage } from "../acs/outbox.ts";
import type { Post, SendOptions } from "../acs/send_options.ts";
import type { Entropy } from "../entropy.ts";
import {
  sampleAttachInstanceNetworkInterfaces,
  sampleAttachTaskNetworkInterfaces,
  sampleConfirmAttachment,
} from "../samples/samples.ts";
import type { EmulatorState } from "../state/emulator_state.ts";
import { arnIn, homeOf } from "./home.ts";
import type { Tasks } from "./tasks.ts";

/** How a network interface is attached. */
export interface AttachNetworkInterfaceOptions extends SendOptions {
  /** The interface's task; by default it belongs to the container instance. */
  readonly taskArn?: string | undefined;
  /** Fields of the interface. Missing fields are those of a sample, with a new attachment ARN. */
  readonly networkInterface?: Partial<ElasticNetworkInterface> | undefined;
  /**
   * The `waitTimeoutMs` of the message, in ms.
   *
   * @default 300_000
   */
  readonly waitTimeoutMs?: number | undefined;
}

/** How a volume is attached. */
export interface AttachVolumeOptions extends SendOptions {
  /** The volume's task; by default that of a sample. */
  readonly taskArn?: string | undefined;
  /** Properties of the attachment, such as `volumeId`; missing ones are those of a sample. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /**
   * The `waitTimeoutMs` of the message, in ms.
   *
   * @default 300_000
   */
  readonly waitTimeoutMs?: number | undefined;
}

/** A message about an attachment. */
export interface PostedAttachment extends PostedMessage {
  /** The attachment's ARN. */
  readonly attachmentArn: string;
}

/** The parts of an AttachmentControl. */
export interface AttachmentControlOptions {
  /** Groups changes into transactions. */
  readonly state: EmulatorState;
  /** Makes ARNs. */
  readonly entropy: Entropy;
  /** The tasks. */
  readonly tasks: Tasks;
  /** Sends a message. */
  readonly post: Post;
  /** The default instance: the one that connected last. */
  readonly defaultInstance: () => string | undefined;
  /** The only cluster; `undefined` for any. */
  readonly clusterArn: string | undefined;
}

/** Attaches resources to tasks and container instances. */
export class AttachmentControl {
  readonly #options: AttachmentControlOptions;

  /**
   * @param options What it needs.
   */
  constructor(options: AttachmentControlOptions) {
    this.#options = options;
  }

  /** Attaches a network interface to a task or to the container instance. */
  attachNetworkInterface(options: AttachNetworkInterfaceOptions): PostedAttachment {
    const { state, post } = this.#options;
    return state.transaction(() => {
      const { taskArn, networkInterface, waitTimeoutMs = 300_000 } = options;
      const recipient = this.#recipient(options);
      const sample = taskArn === undefined
        ? sampleAttachInstanceNetworkInterfaces()
        : sampleAttachTaskNetworkInterfaces();
      const attachmentArn = networkInterface?.attachmentArn ?? this.#attachmentArn(recipient);
      const elasticNetworkInterfaces = [{
        ...sample.elasticNetworkInterfaces?.[0],
        ...networkInterface,
        attachmentArn,
      }];
      const message = { ...sample, waitTimeoutMs, elasticNetworkInterfaces };
      const posted = taskArn === undefined
        ? post("AttachInstanceNetworkInterfacesMessage", message, recipient)
        : post("AttachTaskNetworkInterfacesMessage", {
          ...message,
          taskArn,
          taskClusterArn: this.#clusterOf(taskArn, recipient),
        }, recipient);
      return { ...posted, attachmentArn };
    });
  }

  /** Attaches a volume to a task. */
  attachVolume(options: AttachVolumeOptions): PostedAttachment {
    const { state, post } = this.#options;
    return state.transaction(() => {
      const { taskArn, properties, waitTimeoutMs = 300_000 } = options;
      const recipient = this.#recipient(options);
      const sample = sampleConfirmAttachment();
      const attachmentArn = this.#attachmentArn(recipient);
      const complete = {
        ...Object.fromEntries(
          (sample.attachment?.attachmentProperties ?? [])
            .map((property) => [property?.name ?? "", property?.value ?? ""]),
        ),
        ...properties,
      };
      const posted = post("ConfirmAttachmentMessage", {
        ...sample,
        ...(taskArn !== undefined &&
          { taskArn, taskClusterArn: this.#clusterOf(taskArn, recipient) }),
        waitTimeoutMs,
        attachment: {
          ...sample.attachment,
          attachmentArn,
          attachmentProperties: Object.entries(complete)
            .map(([name, value]) => ({ name, value })),
        },
      }, recipient);
      return { ...posted, attachmentArn };
    });
  }

  /** Messages about a task go to the task's instance. */
  #recipient(
    { containerInstanceArn, taskArn }: SendOptions & { readonly taskArn?: string | undefined },
  ): SendOptions {
    const { tasks, defaultInstance } = this.#options;
    return {
      containerInstanceArn: containerInstanceArn ??
        tasks.get(taskArn ?? "")?.containerInstanceArn ??
        defaultInstance(),
    };
  }

  #clusterOf(taskArn: string, { containerInstanceArn }: SendOptions): string {
    return this.#options.tasks.get(taskArn)?.task.taskClusterArn ??
      homeOf(containerInstanceArn, this.#options.clusterArn).clusterArn;
  }

  #attachmentArn({ containerInstanceArn }: SendOptions): string {
    const { clusterArn, entropy } = this.#options;
    return arnIn(homeOf(containerInstanceArn, clusterArn), "attachment", entropy);
  }
}
