/**
 * Elastic network interfaces, as attached to a task or to the whole container instance.
 *
 * @module
 */

/** One elastic network interface (ENI) that the service attaches. */
export interface ElasticNetworkInterface {
  /** The name that tasks and containers use to refer to it. */
  name?: string | null;
  /** How the agent finds the device: MAC address, colon-separated. */
  macAddress?: string | null;
  /** ARN of the attachment, with which the agent reports it as attached. */
  attachmentArn?: string | null;
  /** EC2's id, `eni-…`. */
  ec2Id?: string | null;
  /** Position among the task's interfaces; 0 is the primary one. */
  index?: number | null;
  /** `default`, `tunnel`, `veth` or `vlan`; if missing, `default`. Other values may be added. */
  interfaceAssociationProtocol?: string | null;
  /** Set with `tunnel`. */
  interfaceTunnelProperties?: NetworkInterfaceTunnelProperties | null;
  /** Set with `veth`. */
  interfaceVethProperties?: NetworkInterfaceVethProperties | null;
  /** Set with `vlan`. */
  interfaceVlanProperties?: NetworkInterfaceVlanProperties | null;
  /** IPv4 addresses; empty on an IPv6-only interface. */
  ipv4Addresses?: (IPv4AddressAssignment | null)[] | null;
  /** IPv6 addresses. */
  ipv6Addresses?: (IPv6AddressAssignment | null)[] | null;
  /** DNS search domains. */
  domainName?: (string | null)[] | null;
  /** Addresses of DNS servers. */
  domainNameServers?: (string | null)[] | null;
  /** The private host name. */
  privateDnsName?: string | null;
  /** The subnet's IPv4 gateway with prefix length, such as `10.0.0.1/24`. */
  subnetGatewayIpv4Address?: string | null;
  /** The subnet's IPv6 gateway with prefix length. */
  subnetGatewayIpv6Address?: string | null;
}

/** One IPv4 address of an interface. */
export interface IPv4AddressAssignment {
  /** The address, without a prefix length. */
  privateAddress?: string | null;
  /** Whether it is the interface's primary address. */
  primary?: boolean | null;
}

/** One IPv6 address of an interface. */
export interface IPv6AddressAssignment {
  /** The address, without a prefix length. */
  address?: string | null;
  /** Whether it is the interface's primary address. */
  primary?: boolean | null;
}

/** How to reach an interface behind a tunnel. */
export interface NetworkInterfaceTunnelProperties {
  /** The tunnel's id. */
  tunnelId?: string | null;
  /** The interface's address inside the tunnel. */
  interfaceIpAddress?: string | null;
}

/** The pair of a virtual Ethernet interface. */
export interface NetworkInterfaceVethProperties {
  /** Name of the interface at the other end. */
  peerInterface?: string | null;
}

/** A branch interface: traffic tagged with a VLAN id over a trunk. */
export interface NetworkInterfaceVlanProperties {
  /** The VLAN id, as a string. */
  vlanId?: string | null;
  /** MAC address of the trunk interface that carries it. */
  trunkInterfaceMacAddress?: string | null;
}
