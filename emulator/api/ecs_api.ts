/**
 * The ECS API: from the name of an operation and its input to the answer.
 *
 * @module
 */

import type { EmulatorState } from "../state/emulator_state.ts";
import { agentOperations } from "./agent_operations.ts";
import type { ApiContext } from "./api_context.ts";
import { EcsApiError } from "./api_error.ts";
import { isApiOperation, readApiInput } from "./api_input.ts";
import { API_INPUTS } from "./api_inputs.gen.ts";
import type { ApiCall, ApiHandlers, ApiInput, ApiOperation } from "./api_operation.ts";
import { clusterOperations } from "./cluster_operations.ts";
import { instanceOperations } from "./instance_operations.ts";
import { serviceOperations } from "./service_operations.ts";
import { ServiceScheduler } from "./service_scheduler.ts";
import { tagOperations } from "./tag_operations.ts";
import { taskDefinitionOperations } from "./task_definition_operations.ts";
import { taskOperations } from "./task_operations.ts";

/** The names of operations that change nothing. */
const READS = /^(?:Describe|Discover|List)/;

/** The parts of the API. */
export interface EcsApiOptions {
  /** What the operations work on. */
  readonly context: ApiContext;
  /** Groups changes into transactions. */
  readonly state: EmulatorState;
  /** Called when the service scheduler could not save a change. */
  readonly failed: (error: unknown) => void;
}

/** The ECS API of one emulator. */
export class EcsApi {
  /** Keeps the tasks of services running. */
  readonly scheduler: ServiceScheduler;
  readonly #context: ApiContext;
  readonly #state: EmulatorState;
  readonly #handlers: ApiHandlers<ApiOperation>;

  /**
   * @param options Its parts.
   */
  constructor({ context, state, failed }: EcsApiOptions) {
    this.#context = context;
    this.#state = state;
    this.scheduler = new ServiceScheduler({ context, state, failed });
    this.#handlers = {
      ...agentOperations(context),
      ...clusterOperations(context),
      ...instanceOperations(context),
      ...serviceOperations(context),
      ...tagOperations(context),
      ...taskDefinitionOperations(context),
      ...taskOperations(context),
    };
  }

  /**
   * Carries out one call. Its effects are saved when it returns.
   *
   * @param operation The operation's name.
   * @param input Its input, as parsed JSON.
   * @param call The rest of the call.
   * @throws {EcsApiError} If the call is refused.
   * @throws {StateWriteError} If its effects cannot be saved; then there are none.
   */
  answer(operation: string, input: unknown, call: ApiCall): object {
    if (!isApiOperation(operation)) throw unknownOperation(operation);
    const { tasks, tags, now } = this.#context;
    const answer = this.#state.transaction(() => {
      for (const forgotten of tasks.forgetOld(now())) tags.forget(forgotten);
      return this.#handle(operation, input, call);
    });
    if (!READS.test(operation)) this.scheduler.wake();
    return answer;
  }

  /** Releases its timers. */
  close(): void {
    this.scheduler.close();
  }

  #handle<N extends ApiOperation>(operation: N, input: unknown, call: ApiCall): object {
    const handler: (input: ApiInput<N>, call: ApiCall) => object = this.#handlers[operation];
    return handler(readApiInput(operation, input), call);
  }
}

function unknownOperation(operation: string): EcsApiError {
  return new EcsApiError(
    "UnknownOperationException",
    `${operation} is not an operation that the emulator serves. It serves ` +
      Object.keys(API_INPUTS).join(", "),
  );
}
