/**
 * Why a scenario cannot be played.
 *
 * @module
 */

/** One problem of a scenario. */
export interface ScenarioProblem {
  /** The line of the file, from 1; missing if unknown. */
  readonly line?: number | undefined;
  /** The step, from 1; missing for a problem outside the steps. */
  readonly step?: number | undefined;
  /** The description, which names the field. */
  readonly text: string;
}

/** A scenario cannot be read. */
export class ScenarioError extends Error {
  /** Always `"ScenarioError"`. */
  override readonly name = "ScenarioError";
  /** All problems. */
  readonly problems: readonly ScenarioProblem[];

  /**
   * Creates the error: one line per problem.
   *
   * @param problems All problems.
   * @param source The scenario's name, such as its file.
   */
  constructor(problems: readonly ScenarioProblem[], source = "scenario") {
    super(problems.map((problem) => describe(problem, source)).join("\n"));
    this.problems = problems;
  }
}

function describe({ line, step, text }: ScenarioProblem, source: string): string {
  const where = line === undefined ? source : `${source}:${line}`;
  return step === undefined ? `${where}: ${text}` : `${where}: step ${step}: ${text}`;
}
