import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** @typedef {{ passed: number, failed: string[], skipped: { name: string, why: string }[] }} Tally */

/**
 * A vitest reporter that writes what `npm test` sums up: how many cases passed, the failed ones by name, the skipped
 * ones with their reason. A file that cannot be loaded and an error outside any case count as failed.
 */
export default class TallyReporter {
  /** @param {{ file: string }} options where to write */
  constructor({ file }) {
    this.file = file;
  }

  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Tally} */
    const tally = { passed: 0, failed: [], skipped: [] };
    for (const module of modules) {
      for (const error of module.errors())
        tally.failed.push(`${module.relativeModuleId}: ${firstLine(error)}`);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) tally.failed.push(`${suite.fullName}: ${firstLine(error)}`);
      }
      for (const test of module.children.allTests()) {
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        const result = test.result();
        if (result.state === 'passed') tally.passed += 1;
        else if (result.state === 'failed') tally.failed.push(name);
        else tally.skipped.push({ name, why: result.note ?? whySkipped(test) });
      }
    }
    for (const error of unhandledErrors) tally.failed.push(`outside any case: ${firstLine(error)}`);
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, JSON.stringify(tally));
  }
}

function firstLine(error) {
  return String(error.message).split('\n', 1)[0];
}

/** Why a case without a note of its own was skipped. */
function whySkipped(test) {
  for (let above = test.parent; above !== undefined; above = above.parent) {
    if (above.errors().length > 0) return 'its preparation failed';
  }
  return test.options.mode === 'todo' ? 'todo' : 'no reason given';
}
