import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Says how many faults the tests have seen in all, such as breaches of the policy: none, unless a test failed. */
export default class Faults implements Reporter {
  private watched = 0;
  private faults = 0;

  onTestEnd(_: TestCase, { annotations }: TestResult) {
    for (const { description } of annotations.filter(({ type }) => type === 'faults')) {
      this.watched += 1;
      this.faults += Number(description);
    }
  }

  onEnd() {
    console.log(`breaches of the policy, errors that nobody caught and dialogs of scripts: ${this.faults}, in ${this.watched} tests`);
  }

  printsToStdio() {
    return false;
  }
}
