/**
 * Code shared by the attachment of network interfaces to a task and to the instance.
 *
 * @module
 */

import type { AttachInstanceNetworkInterfacesMessage } from "../protocol/messages.ts";
import type { ElasticNetworkInterface } from "../protocol/network_interface.ts";
import type { AttachmentWaits } from "./attachment_waits.ts";
import { InvalidMessageError } from "./invalid_message_error.ts";
import type { ResponderContext } from "./responder.ts";
import { ackRequestOf, expiryOf, requireAckable } from "./rules.ts";

/** A network interface that will be attached to the container instance. */
export interface EniAttachment {
  /** `"task-eni"` for one task's, `"instance-eni"` for the container instance's. */
  readonly attachmentType: "task-eni" | "instance-eni";
  /** The task's ARN; empty for the container instance's. */
  readonly taskArn: string;
  /** The attachment's ARN. */
  readonly attachmentArn: string;
  /** The cluster's ARN. */
  readonly clusterArn: string;
  /** The container instance's ARN. */
  readonly containerInstanceArn: string;
  /** The interface's MAC address, which identifies it. */
  readonly macAddress: string;
  /** When the service stops waiting for it. */
  readonly expiresAt: Date;
}

/** The agent's handler of attached network interfaces. */
export interface EniHandler {
  /**
   * Waits for the interface and reports it. Runs in the background: the message has been
   * acknowledged. A copy of the attachment that arrives meanwhile is acknowledged and joins this
   * call; one that arrives after it has ended starts another call. Must be idempotent.
   */
  handleEniAttachment(attachment: EniAttachment): void | Promise<void>;
}

/** The fields of both messages that are used here. */
type AttachMessage = AttachInstanceNetworkInterfacesMessage & { taskArn?: string | null };

/**
 * Starts the handler for each interface that is not already being waited for, in parallel, and
 * acknowledges without waiting.
 *
 * @throws {InvalidMessageError} If the message violates a rule.
 */
export function handleAttachMessage(
  attachmentType: EniAttachment["attachmentType"],
  message: AttachMessage,
  handler: EniHandler,
  waits: AttachmentWaits,
  context: ResponderContext,
): void {
  requireAckable(message);
  const { waitTimeoutMs } = message;
  if (!waitTimeoutMs || waitTimeoutMs <= 0) {
    throw new InvalidMessageError(
      "waitTimeoutMs is missing or not greater than 0",
      "waitTimeoutMs",
    );
  }
  const interfaces = (message.elasticNetworkInterfaces ?? []).map(validateEni);
  if (interfaces.length === 0) {
    throw new InvalidMessageError("there is no network interface", "elasticNetworkInterfaces");
  }

  for (const eni of interfaces) {
    const attachment = {
      attachmentType,
      taskArn: message.taskArn ?? "",
      attachmentArn: eni.attachmentArn ?? "",
      clusterArn: message.clusterArn ?? "",
      containerInstanceArn: message.containerInstanceArn ?? "",
      macAddress: eni.macAddress ?? "",
      expiresAt: expiryOf(context.receivedAt, waitTimeoutMs),
    };
    waits.start(attachment, context, (each) => handler.handleEniAttachment(each));
  }
  context.respond("AckRequest", ackRequestOf(message));
}

/**
 * Checks that the agent can attach a network interface.
 *
 * @returns The interface.
 * @throws {InvalidMessageError} If it violates a rule.
 */
export function validateEni(eni: ElasticNetworkInterface | null): ElasticNetworkInterface {
  if (eni === null) {
    throw new InvalidMessageError("a network interface is null", "elasticNetworkInterfaces");
  }
  const hasIpv4 = (eni.ipv4Addresses ?? []).length > 0;
  const isIpv6Only = !hasIpv4 && (eni.ipv6Addresses ?? []).length > 0;
  if (isIpv6Only) {
    requireSubnetGateway(eni.subnetGatewayIpv6Address, "subnetGatewayIpv6Address");
  } else {
    if (!hasIpv4) throw new InvalidMessageError("a network interface has no address");
    requireSubnetGateway(eni.subnetGatewayIpv4Address, "subnetGatewayIpv4Address");
  }
  requirePresent(eni.macAddress, "macAddress");
  requirePresent(eni.ec2Id, "ec2Id");
  validateAssociationProtocol(eni);
  return eni;
}

function requirePresent(value: string | null | undefined, name: string): string {
  if (value === undefined || value === null) {
    throw new InvalidMessageError(`a network interface has no ${name}`, name);
  }
  return value;
}

/** The address with its prefix length, `a/b`. */
function requireSubnetGateway(value: string | null | undefined, name: string): void {
  if (requirePresent(value, name).split("/", 3).length === 2) return;
  throw new InvalidMessageError(
    `a network interface's ${name} is not of the form address/prefix`,
    name,
  );
}

function validateAssociationProtocol(eni: ElasticNetworkInterface): void {
  const protocol = eni.interfaceAssociationProtocol;
  if (protocol === undefined || protocol === null || protocol === "default") return;
  if (protocol !== "vlan") {
    throw new InvalidMessageError(
      "a network interface's association protocol is not supported",
      "interfaceAssociationProtocol",
    );
  }
  const vlan = eni.interfaceVlanProperties;
  if (vlan?.vlanId && vlan.trunkInterfaceMacAddress) return;
  throw new InvalidMessageError(
    "a vlan network interface lacks vlanId or trunkInterfaceMacAddress",
    "interfaceVlanProperties",
  );
}
