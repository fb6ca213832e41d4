import type { Command } from 'commander';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { defineCommand } from '../define-command.ts';
import { countsText, diagnosticText } from '../diagnostic-text.ts';
import { checkFile } from '../experiment-file.ts';

/** `kd check FILE...` */
export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('Every diagnostic that the editor shows, without starting anything');
  command.argument('<file...>', 'experiment files (*.kd.yaml)');
  defineCommand(command, ({ output, folder }, names) => {
    const checked = names.map((name) => ({ name, ...checkFile(name, folder) }));
    output.emit({
      files: checked.map(({ name, diagnostics }) => ({
        file: name,
        diagnostics: diagnostics.map(({ range, severity, code, message, help, fixes }) => ({
          ...{ range, severity, code, message, help, fixes },
        })),
      })),
    });
    const all = checked.flatMap(({ diagnostics }) => diagnostics);
    if (!output.json) {
      for (const { name, text, diagnostics } of checked) {
        for (const diagnostic of diagnostics) output.say(`${diagnosticText(name, text, diagnostic)}\n`);
      }
      const counts = countsText(all);
      output.say(counts === '' ? `no problems in ${names.join(', ')}` : counts);
    }
    return all.some(({ severity }) => severity === 'error') ? EXIT_CODES.failure : EXIT_CODES.done;
  });
}
