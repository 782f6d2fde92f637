/**
 * The catalogue of failures: each way in which connecting can fail, with its cause and its remedy.
 * It is used by the log, the errors' `help`, `acs doctor`, `acs explain` and
 * docs/troubleshooting.md.
 *
 * @module
 */

import type { FailureCode } from "./failure_code.ts";

/**
 * One failure. `cause` and `fix` may contain placeholders in braces, such as `{host}`, which
 * `fillIn()` replaces by details of the error, or by general words.
 */
export interface Failure {
  /** A few words. */
  readonly title: string;
  /** What happened, in one sentence. */
  readonly cause: string;
  /** The one thing to do, in one sentence. */
  readonly fix: string;
  /** Further things to check if that does not help, each in one sentence. */
  readonly more: readonly string[];
}

/** Every failure, by its code. */
export const FAILURES: Readonly<Record<FailureCode, Failure>> = {
  "ACS-C01": {
    title: "No credentials found",
    cause: "There are no AWS credentials in the environment, in shared files or from a role.",
    fix:
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run on a host with an IAM role.",
    more: [
      "On EC2, the instance needs an instance profile with a role.",
      "In a container on EC2, the metadata service needs a hop limit of 2: aws ec2 " +
      "modify-instance-metadata-options --http-put-response-hop-limit 2.",
      "A systemd unit does not inherit the variables of your shell: use Environment= or " +
      "EnvironmentFile=.",
    ],
  },
  "ACS-C02": {
    title: "AWS profile not found",
    cause: "The shared AWS files have no profile {profile}.",
    fix: "Correct AWS_PROFILE, or create the profile: aws configure --profile {profile}.",
    more: [
      "The files are ~/.aws/config and ~/.aws/credentials of the user that the process runs as, or " +
      "those that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name.",
      "In ~/.aws/config a profile's section is called [profile NAME], in ~/.aws/credentials [NAME].",
    ],
  },
  "ACS-C03": {
    title: "Sign-in expired",
    cause: "The SSO session or other sign-in that issues the credentials has expired.",
    fix: "Sign in again: aws sso login.",
    more: [
      "An agent that runs unattended should use a role instead: an SSO session lasts a few hours.",
    ],
  },
  "ACS-C04": {
    title: "Credentials not readable",
    cause: "The process is not permitted to read the credentials.",
    fix: "Run it with {permission}.",
    more: [
      "See docs/deployment.md for the permissions that a session needs on Deno.",
    ],
  },
  "ACS-C05": {
    title: "Credentials service unreachable",
    cause: "The service that issues the credentials does not respond.",
    fix: "Check that the metadata service, or the URL in AWS_CONTAINER_CREDENTIALS_FULL_URI, is " +
      "reachable from this process.",
    more: [
      "With a proxy, NO_PROXY must name 169.254.169.254 and 169.254.170.2.",
      "On EC2, curl -m 2 http://169.254.169.254/ must answer, even if only with status 401.",
    ],
  },
  "ACS-C06": {
    title: "Credentials incomplete or malformed",
    cause: "The credentials lack a key, or contain a character that no AWS key has.",
    fix: "Set the access key ID and the secret access key again, without spaces or line breaks.",
    more: [
      "A trailing line break usually comes from a file or a secret store: trim the value.",
    ],
  },
  "ACS-C07": {
    title: "Credentials function failed",
    cause: "The function that provides the credentials threw an error or did not respond in time.",
    fix: "Fix the source; if it is only slow, raise timing.credentialsTimeoutMs.",
    more: [],
  },
  "ACS-C08": {
    title: "credential_process failed",
    cause: "The credential_process of the AWS profile {profile} returned no credentials.",
    fix: "Run its command in a shell as the same user, and fix the errors that it prints.",
    more: [
      "The command must print JSON with Version 1, AccessKeyId and SecretAccessKey.",
      "The PATH of a service differs from a shell's: use the command's absolute path.",
    ],
  },

  "ACS-N01": {
    title: "Name not found",
    cause: "{host} cannot be resolved to an address ({systemCode}).",
    fix: "Check the spelling of the region and the endpoint, then the DNS server: dig {hostname}.",
    more: [
      "A private subnet needs a NAT gateway, or the VPC endpoints com.amazonaws.REGION.ecs and " +
      "com.amazonaws.REGION.ecs-agent with private DNS names.",
      "Behind a proxy, names are resolved by the proxy: set HTTPS_PROXY, and on Node.js " +
      "NODE_USE_ENV_PROXY=1, too.",
      "Ask the DNS server of the VPC directly: dig NAME @169.254.169.253.",
    ],
  },
  "ACS-N02": {
    title: "Connection refused",
    cause: "{host} refused the connection: no program accepts connections on that port.",
    fix: "Check the host and the port of the endpoint.",
    more: [
      "The variables AWS_ENDPOINT_URL_ECS and AWS_ENDPOINT_URL replace the region's endpoint: are they set by " +
      "mistake?",
      "A firewall that rejects instead of dropping packets looks the same.",
    ],
  },
  "ACS-N03": {
    title: "No answer",
    cause: "{host} did not respond in time: packets are probably being dropped on the way.",
    fix:
      "Allow outbound TCP to port {port} in the security group, the network ACL and the firewall.",
    more: [
      "A private subnet needs a route to a NAT gateway, or the VPC endpoints " +
      "com.amazonaws.REGION.ecs and com.amazonaws.REGION.ecs-agent.",
      "The security group of a VPC endpoint must allow port 443 from the instance.",
    ],
  },
  "ACS-N04": {
    title: "Connection reset",
    cause: "{host} or a device in between closed the connection before answering.",
    fix: "Find the firewall, proxy or load balancer that closes connections to {host}.",
    more: [
      "If it happens once in a while, nothing needs to be done: the session reconnects.",
    ],
  },
  "ACS-N05": {
    title: "Network unreachable",
    cause: "This machine has no route to {host} ({systemCode}).",
    fix: "Check the network interface and the default route: ip route (for IPv6, ip -6 route).",
    more: [
      "On an instance with only IPv6, use the dual-stack endpoint: --dualstack, " +
      "AWS_USE_DUALSTACK_ENDPOINT=true or the option useDualstackEndpoint.",
      "In a container, check the network mode.",
    ],
  },
  "ACS-N06": {
    title: "Network access not permitted",
    cause: "The process is not permitted to connect to {host}.",
    fix: "Run it with {permission}.",
    more: [
      "See docs/deployment.md for the permissions that a session needs on Deno.",
    ],
  },
  "ACS-N07": {
    title: "Connection failed",
    cause: "The connection to {host} failed for an unusual reason.",
    fix: "Read the causes (run with --log-level debug), and look for a proxy that alters the data.",
    more: [
      "Some ports are refused by fetch, such as 1, 22, 6000 and 6667: use another port for the endpoint.",
      "A peer that sends broken WebSocket frames is reported like this, too.",
    ],
  },

  "ACS-P01": {
    title: "Proxy set but ignored",
    cause: "{proxyVariable} names a proxy, Node.js does not use it, and {host} cannot be reached " +
      "directly.",
    fix: "Set NODE_USE_ENV_PROXY=1.",
    more: [
      "Node.js reads the variable from 22.21 and 24.0 on, and only when it starts.",
      "If the host should be reached directly, add it to NO_PROXY and fix the network instead.",
    ],
  },
  "ACS-P02": {
    title: "Proxy unreachable",
    cause: "The proxy {proxy}, which {proxyVariable} names, cannot be reached ({systemCode}).",
    fix: "Start the proxy or correct {proxyVariable}; to bypass it, add {hostname} to NO_PROXY.",
    more: [
      "The URL of the proxy must start with http:// or https://; otherwise Node.js itself exits.",
    ],
  },
  "ACS-P03": {
    title: "No tunnel through the proxy",
    cause: "The proxy {proxy} refused to open a tunnel to {host} ({status}).",
    fix: "Allow CONNECT to {hostname}:{port} in the proxy, or add {hostname} to NO_PROXY.",
    more: [
      "ACS has its own host name, such as ecs-a-3.us-west-2.amazonaws.com: allow both it and ECS.",
    ],
  },
  "ACS-P04": {
    title: "Proxy requires a login",
    cause: "The proxy {proxy} requires a user name and a password (status 407).",
    fix: "Put them into {proxyVariable}: http://USER:PASSWORD@PROXY:PORT.",
    more: [
      "Characters such as @ and : in the password must be percent-encoded.",
    ],
  },
  "ACS-P05": {
    title: "Answer is not from AWS",
    cause: "{host} answered ({status}), but not as AWS does: a proxy, a login page or another " +
      "service is answering.",
    fix: "Open https://{host}/ from this machine and see who answers; log in there or bypass it.",
    more: [
      "A captive portal or a proxy that inspects TLS answers with an HTML page.",
      "If AWS_ENDPOINT_URL_ECS or --endpoint-url is set, check that it is the URL of the ECS API.",
    ],
  },

  "ACS-T01": {
    title: "Certificate authority unknown",
    cause: "The certificate of {host} is signed by an authority that is not trusted here " +
      "({systemCode}).",
    fix: "If the authority is your company's, name its certificate (a PEM file) in {trust}.",
    more: [
      "If nobody intercepts TLS on purpose, do not trust it: someone may be listening.",
      "See who signed it: openssl s_client -connect HOST:443 -showcerts.",
    ],
  },
  "ACS-T02": {
    title: "Certificate expired or not yet valid",
    cause: "The certificate of {host} is not valid at the time that this machine's clock shows.",
    fix: "Check the clock (date -u); if it is right, the certificate of {host} has to be renewed.",
    more: [],
  },
  "ACS-T03": {
    title: "Certificate for another name",
    cause: "The server that answered for {host} has a certificate for another name.",
    fix: "Use the name in the certificate as the endpoint, or correct the DNS entry of {hostname}.",
    more: [
      "A VPC endpoint without private DNS names must be used by its own name, " +
      "vpce-….ecs.REGION.vpce.amazonaws.com.",
    ],
  },
  "ACS-T04": {
    title: "Port does not speak TLS",
    cause: "{host} does not speak TLS: it answered with something else, probably plain HTTP.",
    fix: "Use http:// in the endpoint's URL, or the port that speaks TLS.",
    more: [],
  },
  "ACS-T05": {
    title: "No common TLS version",
    cause: "{host} and this process have no TLS version or cipher in common ({systemCode}).",
    fix: "Enable TLS 1.2 or 1.3 on {host}.",
    more: [
      "A proxy that inspects TLS, or a load balancer with an old security policy, is usually the " +
      "reason: AWS itself speaks TLS 1.2 and 1.3.",
    ],
  },

  "ACS-A01": {
    title: "Access key unknown",
    cause: "AWS does not know the access key: it is wrong, or was deleted or deactivated.",
    fix: "Use a current access key: aws iam list-access-keys.",
    more: [
      "With temporary credentials, AWS_SESSION_TOKEN must be set together with the two keys.",
      "A key of another partition, such as aws-cn or aws-us-gov, is not known either.",
      "Who am I: aws sts get-caller-identity.",
    ],
  },
  "ACS-A02": {
    title: "Secret key wrong",
    cause: "The signature is not the one that AWS expects: the secret access key is wrong.",
    fix: "Set the secret access key that belongs to this access key ID.",
    more: [
      "Quotes and spaces around a value in a Docker env file become part of the value.",
      "A proxy that changes the Host header or the body causes the same error.",
    ],
  },
  "ACS-A03": {
    title: "Session token expired",
    cause: "The temporary credentials have expired.",
    fix: "Renew the credentials: both keys and AWS_SESSION_TOKEN have to be replaced together.",
    more: [
      "Pass the session a function that returns fresh credentials.",
      "Credentials in variables are never renewed: use a profile or a role.",
    ],
  },
  "ACS-A04": {
    title: "Access denied",
    cause: "The credentials are valid, but are not allowed to do this.",
    fix: "Allow ecs:DiscoverPollEndpoint and ecs:Poll for the role (the managed policy " +
      "AmazonEC2ContainerServiceforEC2Role does).",
    more: [
      "ACS refuses expired credentials and unknown keys with the same message: check aws sts " +
      "get-caller-identity.",
      "A policy of the organization (SCP) or of the VPC endpoint can deny the call, too.",
    ],
  },
  "ACS-A05": {
    title: "Cluster not found",
    cause: "There is no cluster {cluster} in this region and account.",
    fix: "Check the cluster's name, the region and the account: aws ecs list-clusters.",
    more: [
      "The name is taken from --cluster, ECS_CLUSTER or the option cluster, else from the ARN.",
      "The credentials determine the account: aws sts get-caller-identity.",
    ],
  },
  "ACS-A06": {
    title: "Container instance not found",
    cause: "The container instance does not exist in this cluster, region and account.",
    fix:
      "Use the ARN that RegisterContainerInstance returned, with the cluster it is registered in.",
    more: [
      "List the instances that exist: aws ecs list-container-instances --cluster NAME.",
      "The ARN must be that of a container instance, not of a cluster or of an EC2 instance.",
    ],
  },
  "ACS-A07": {
    title: "Container instance deregistered",
    cause: "The container instance has been deregistered (it is INACTIVE).",
    fix: "Register the instance again (RegisterContainerInstance) and use the new ARN.",
    more: [
      "The session tries again once an hour.",
    ],
  },
  "ACS-A08": {
    title: "Signed for another region",
    cause: "The request was signed for another region or service than the one that received it.",
    fix: "Make the region and the endpoint agree: the endpoint's name contains its region.",
    more: [],
  },
  "ACS-A09": {
    title: "Throttled",
    cause: "AWS throttles the calls of this account: there were too many in a short time.",
    fix: "Wait: the session retries with increasing delays.",
    more: [
      "Many agents that start at the same moment, or one that restarts in a loop, reach the limit.",
    ],
  },
  "ACS-A10": {
    title: "Error in the service",
    cause: "{host} failed with an internal error ({status}).",
    fix: "Wait: the session tries again; check https://health.aws.amazon.com if it lasts.",
    more: [],
  },
  "ACS-A11": {
    title: "Request refused as invalid",
    cause: "The service understood the request and refused its contents.",
    fix: "Check the cluster, the container instance's ARN and the agent's version.",
    more: [
      "The service's own message is in the log: run with --log-level debug.",
    ],
  },
  "ACS-A12": {
    title: "Endpoint unusable",
    cause: "ECS returned an endpoint for ACS that must not or cannot be used.",
    fix: "Check who answers as ECS; for a test endpoint without TLS, set allowInsecureEndpoint.",
    more: [],
  },

  "ACS-K01": {
    title: "Clock wrong",
    cause: "The clock of this machine {skew}, so that signatures are refused.",
    fix: "Set the clock: timedatectl set-ntp true, or chronyc makestep.",
    more: [
      "The session corrects its signatures by up to 24 h (timing.maxClockSkewMs) in the meantime.",
    ],
  },

  "ACS-S01": {
    title: "Replaced by another connection",
    cause: "Another connection of the same container instance replaced this one.",
    fix: "Stop the other agent that uses this container instance's ARN.",
    more: [
      "A cloned machine image contains the ARN of the original: register the clone.",
    ],
  },
  "ACS-S02": {
    title: "Connection silent",
    cause: "The connection was open, but no more data came through.",
    fix: "Check for a NAT gateway or firewall that drops connections which are idle for a minute.",
    more: [
      "If it happens once in a while, nothing needs to be done: the session reconnects.",
    ],
  },
  "ACS-S03": {
    title: "Handler stuck",
    cause:
      "A handler has been processing a message for too long and blocks the messages behind it.",
    fix: "Find out what the handler awaits; give it a time limit.",
    more: [
      "The limits are timing.laneStuckMs and timing.updateStuckMs.",
    ],
  },
  "ACS-S04": {
    title: "Handler failed",
    cause: "A handler threw an error, so that its message was not acknowledged.",
    fix: "Fix the handler, using the error in the log; the service resends the message.",
    more: [],
  },
  "ACS-S05": {
    title: "Connections end immediately",
    cause: "Connections to ACS are opened, but end within seconds.",
    fix: "Check for a second agent with the same ARN, and for a proxy that ends connections.",
    more: [
      "The log says how each connection ended, with the close code if there was one.",
    ],
  },
  "ACS-S06": {
    title: "Frame is not an ACS message",
    cause: "A frame from the endpoint is too large or not a message of ACS; it was dropped.",
    fix: "Check that the endpoint is ACS, and look for a proxy that alters or replaces data.",
    more: [
      "A frame of more than limits.maxFrameSize characters is not parsed (4 Mi by default).",
    ],
  },
};

/** Every code, in the catalogue's order. */
export const FAILURE_CODES: readonly FailureCode[] = Object.keys(FAILURES).filter(isFailureCode);

/** Whether a text is the code of a failure. */
export function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(FAILURES, text);
}

/** Where the documentation explains a failure. */
export function docsOf(code: FailureCode): string {
  return `docs/troubleshooting.md#${code.toLowerCase()}`;
}
