import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEditor } from '../vscode/editor.ts';

/** Prints how long loading and activating the packaged extension took, as VS Code itself measures it. */
const editor = await openEditor();
try {
  writeFileSync(join(editor.workspace, 'a.kd.yaml'), 'name: activation\n');
  const window = await editor.window();
  await window.open('a.kd.yaml');
  await (await window.lens('Run')).waitFor();
  await window.command('Developer: Show Running Extensions');
  const row = window.page.locator('.runtime-extensions-editor .extension', { hasText: 'KD Workbench' });
  const text = await row.locator('.activation-time').innerText();
  const milliseconds = /Activation: (\d+)ms/.exec(text)?.[1];
  if (milliseconds === undefined) throw new Error(`no activation time in "${text}"`);
  console.log(JSON.stringify({ milliseconds: Number(milliseconds) }));
} finally {
  await editor.close();
}
