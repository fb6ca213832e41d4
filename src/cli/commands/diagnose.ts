import type { Command } from 'commander';
import { diagnose } from '../../diagnosis/index.ts';
import { evidenceOf } from '../../diagnosis/of-run.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { storeHere } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { diagnosisText } from '../diagnosis-text.ts';
import { RUN_ARGUMENT } from './run-argument.ts';

/** `kd diagnose RUN` */
export function addDiagnose(program: Command): void {
  const command = program
    .command('diagnose')
    .description('What went wrong in a run: symptom, numbers, likely cause, and what to change');
  command.argument(...RUN_ARGUMENT);
  defineCommand(command, (context, [reference = '']) => {
    const run = storeHere(context).open(reference);
    const diagnosis = diagnose(run.id, evidenceOf(run));
    context.output.emit(diagnosis);
    if (!context.output.json) context.output.say(diagnosisText(diagnosis));
    return EXIT_CODES.done;
  });
}
