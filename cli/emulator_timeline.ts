/**
 * Shows what an emulator does as a timeline.
 *
 * @module
 */

import type { AcsEmulator } from "../emulator/acs_emulator.ts";
import { AnswerJoin } from "./answer_join.ts";
import { reportEmulator, SHORT_NAME_LENGTH } from "./emulator_report.ts";
import type { Screen } from "./screen.ts";
import { Timeline } from "./timeline.ts";

/**
 * Shows each event of an emulator; on a terminal, messages are joined with their answers.
 *
 * @param emulator The emulator.
 * @param screen The screen that shows the timeline.
 * @param withTelemetry Whether frames of telemetry are shown, too.
 * @returns The join; call its `flush` before printing other lines, so that they follow all earlier
 * events.
 */
export function showEmulator(
  emulator: AcsEmulator,
  screen: Screen,
  withTelemetry: boolean,
): Pick<AnswerJoin, "flush"> {
  const terminal = screen.out;
  const timeline = new Timeline({ terminal, whoWidth: SHORT_NAME_LENGTH });
  const join = new AnswerJoin({
    questions: ">",
    terminal,
    print: (entry) => screen.print(timeline.format(entry)),
  });
  reportEmulator(emulator, (event) => join.take(event), withTelemetry);
  return join;
}
