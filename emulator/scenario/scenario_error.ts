/**
 * Why a scenario cannot be played.
 *
 * @module
 */

/** One thing that is wrong with a scenario. */
export interface ScenarioProblem {
  /** The line of the file, from 1; missing where it says nothing. */
  readonly line?: number | undefined;
  /** The step, from 1; missing for what is no step. */
  readonly step?: number | undefined;
  /** What, in words that name the field. */
  readonly text: string;
}

/** A scenario cannot be read. */
export class ScenarioError extends Error {
  /** Always `"ScenarioError"`. */
  override readonly name = "ScenarioError";
  /** All that is wrong. */
  readonly problems: readonly ScenarioProblem[];

  /**
   * Tells all problems, one a line.
   *
   * @param problems All that is wrong.
   * @param source What the scenario is called, such as its file.
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
