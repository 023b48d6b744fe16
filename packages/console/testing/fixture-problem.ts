type Problem = { status: number; code: string; title: string; detail: string }

/** A refusal, as the server would word it. */
export class FixtureProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}
