/**
 * Starts the emulated service: opens its state, listens, and answers requests.
 *
 * @module
 */

import { isControlRequest } from "./control/control_paths.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import { EmulatorService } from "./emulator_service.ts";
import { Endpoints } from "./http/endpoints.ts";
import { EmulatorServer } from "./http/server.ts";
import { EmulatorState } from "./state/emulator_state.ts";
import { prepareStateFile } from "./state/state_file.ts";
import { NO_STORE } from "./state/state_store.ts";
import type { TraceFile } from "./trace/trace_file.ts";
import { VERSION } from "../internal/version.ts";

/** A service that is listening. */
export interface RunningService {
  /** The service. */
  readonly service: EmulatorService;
  /** Stops listening, ends all connections, rejects all waits, and closes the state. */
  close(): Promise<void>;
}

/**
 * Starts the service.
 *
 * @param options The emulator's options.
 * @throws {StateFileError} If the state file cannot be used.
 * @throws {TraceFileError} If the trace cannot be written.
 * @throws The system's error if the port is not available.
 */
export async function startService(options: ResolvedOptions): Promise<RunningService> {
  const state = await openState(options.stateFile);
  let server: EmulatorServer | undefined;
  try {
    server = await EmulatorServer.listen(options);
    return serve(options, server, state, await openTrace(options));
  } catch (error) {
    await server?.close();
    state.close();
    throw error;
  }
}

function serve(
  options: ResolvedOptions,
  server: EmulatorServer,
  state: EmulatorState,
  trace: TraceFile | undefined,
): RunningService {
  const { url } = server;
  const service = new EmulatorService({ options, state, url, trace });
  const endpoints = new Endpoints({ server, service, options });
  server.serve({
    upgrade: endpoints.upgrade,
    request: (request, response) => {
      if (!isControlRequest(request)) return endpoints.request(request, response);
      const context = { service, url, token: options.controlToken };
      // Loaded by the first control call: most programs that use an emulator make none.
      void import("./control/answer_control.ts")
        .then(({ answerControlRequest }) => answerControlRequest(request, response, context));
    },
  });
  return {
    service,
    async close() {
      service.stop();
      await server.close();
      endpoints.close();
      service.close();
      trace?.close();
    },
  };
}

/** Opens the trace; the modules for it are loaded only if there is one. */
async function openTrace({ trace, region, now }: ResolvedOptions): Promise<TraceFile | undefined> {
  if (trace === undefined) return undefined;
  const { TraceFile } = await import("./trace/trace_file.ts");
  const { file, producer = `AcsEmulator ${VERSION}`, scenario } = trace;
  return TraceFile.create(file, { producer, at: now(), region, scenario });
}

/** Opens the state file; the database is loaded only if there is one. */
async function openState(path: string | undefined): Promise<EmulatorState> {
  if (path === undefined) return new EmulatorState(NO_STORE);
  prepareStateFile(path);
  const { openSqliteStore } = await import("./state/sqlite_store.ts");
  return new EmulatorState(openSqliteStore(path));
}
