/**
 * The operations on clusters.
 *
 * @module
 */

import type { Cluster } from "../ecs/clusters.ts";
import { activeCluster, type ApiContext, clusterOf } from "./api_context.ts";
import { clientException, EcsApiError, invalidParameter } from "./api_error.ts";
import type { ApiHandlers } from "./api_operation.ts";
import { pageOf } from "./page.ts";
import { lastPart } from "./present.ts";
import { tagList } from "./tag_operations.ts";

/** The form of a cluster's name. */
const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** The operations. */
export function clusterOperations(
  context: ApiContext,
): ApiHandlers<"CreateCluster" | "DeleteCluster" | "DescribeClusters" | "ListClusters"> {
  const { clusters, tags } = context;
  return {
    CreateCluster: ({ clusterName = clusters.defaultName, tags: given }) => {
      if (!NAME.test(clusterName)) {
        throw invalidParameter(
          "A cluster's name has 1 to 255 letters, digits, hyphens and underscores",
        );
      }
      if (clusters.isOnly && clusterName !== clusters.defaultName) {
        throw clientException(`The emulator was started with one cluster: ${clusters.defaultName}`);
      }
      const cluster = clusters.activate(clusterName);
      tags.add(clusters.arnOf(cluster.name), tagList(given));
      return { cluster: describeCluster(context, cluster) };
    },
    DeleteCluster: ({ cluster: named }) => {
      const { name } = activeCluster(context, named);
      refuseIfUsed(context, name);
      return { cluster: describeCluster(context, clusters.deactivate(name)) };
    },
    DescribeClusters: ({ clusters: named = [clusters.defaultName] }) => {
      const found = named.map((nameOrArn) => [nameOrArn, clusters.find(nameOrArn)] as const);
      return {
        clusters: found.flatMap(([, one]) =>
          one === undefined ? [] : [describeCluster(context, one)]
        ),
        failures: found.filter(([, one]) => one === undefined)
          .map(([nameOrArn]) => ({ arn: clusters.arnOf(lastPart(nameOrArn)), reason: "MISSING" })),
      };
    },
    ListClusters: (input) => {
      const arns = clusters.all.filter(({ status }) => status === "ACTIVE")
        .map(({ name }) => clusters.arnOf(name));
      const { items, rest } = pageOf(arns, input);
      return { clusterArns: items, ...rest };
    },
  };
}

function refuseIfUsed({ services, instances, tasks }: ApiContext, name: string): void {
  const refuse = (what: string, exception: string) => {
    throw new EcsApiError(
      exception,
      `The Cluster cannot be deleted while ${what} are active.`,
    );
  };
  if (services.in(name).some(({ status }) => status !== "INACTIVE")) {
    refuse("Services", "ClusterContainsServicesException");
  }
  if (instances.records.some((one) => one.cluster === name && one.status !== "INACTIVE")) {
    refuse("Container Instances", "ClusterContainsContainerInstancesException");
  }
  const isRunning = tasks.records.some((task) =>
    clusterOf(task) === name && task.lastStatus !== "STOPPED"
  );
  if (isRunning) refuse("Tasks", "ClusterContainsTasksException");
}

function describeCluster(
  { clusters, instances, services, tags, tasks }: ApiContext,
  { name, status }: Cluster,
): object {
  const here = tasks.records.filter((task) => clusterOf(task) === name);
  const count = (wanted: string) => here.filter(({ lastStatus }) => lastStatus === wanted).length;
  return {
    clusterArn: clusters.arnOf(name),
    clusterName: name,
    status,
    registeredContainerInstancesCount: instances.records
      .filter((one) => one.cluster === name && one.status !== "INACTIVE").length,
    runningTasksCount: count("RUNNING"),
    pendingTasksCount: count("PENDING"),
    activeServicesCount: services.in(name).filter((one) => one.status === "ACTIVE").length,
    statistics: [],
    tags: tags.of(clusters.arnOf(name)),
    settings: [{ name: "containerInsights", value: "disabled" }],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  };
}
