import { cellsOf, HEAD, isMissed } from './rows.mjs';

/** Sections of the page in order: the first part of the names, and what stands above the table. */
const SECTIONS = [
  [
    'step',
    'Training step',
    'Supervised, SGD with momentum, 32x32x3 images in 100 classes; name: network, batch, executor.',
  ],
  [
    'kd-epoch',
    'Epoch of distillation',
    'ResNet-20 to ResNet-8, 40 batches of 64. `book`: our teacher has answered before into a book on disk, the peers’ answers live. `live`: both answer live, to other views each time.',
  ],
  [
    'book',
    'Book of answers',
    'The same pair and number of images, another view of each in every epoch, all of them in the book, float32. `logits`: a book that is held in memory; `maps`: with two stages of the teacher, read from the disk (its pages may be in the system’s cache). `size` and `build` are those of a book of three views; the build counts from the compiling of the teacher’s graph to the check of what was written. `epoch`: beside our own live teacher. `waiting`: share of the epochs’ time. `ten-students` is reckoned: the build of one view and ten epochs from the book, beside ten epochs with a live teacher; as many views as epochs, so that it holds for any number of epochs.',
  ],
  [
    'inference',
    'Inference',
    'A trained student, from images in memory to logits in memory; name: network, batch.',
  ],
  ['busy', 'Training step on a busy machine', 'While another program keeps every core busy.'],
  ['first-step', 'From the start of the process to its first training step', ''],
  [
    'memory',
    'Largest resident memory',
    'Of the processes that the training steps were measured in; of the sample; and its growth.',
  ],
  [
    'size',
    'Size on disk',
    'Of all that training needs beside Node or Python, unpacked; of the package of the extension.',
  ],
  [
    'peak-share',
    'Share of the peak',
    'Multiply-adds of a step, counted by windows, over what a plain matrix product reaches through the same runtime: above 100 % where zeros at edges are skipped, or windows written as products of fewer.',
  ],
  ['peak', 'Peak', ''],
  [
    'compile',
    'Compiling a graph',
    'In a fresh process, from a step as a function to a graph that can run. The teacher of ResNet-20 is a ResNet-20.',
  ],
  [
    'scaling',
    'Growth',
    'Residual networks, batch 64 and depth 8 where they do not vary. The verdict is the power of the work (multiply-adds) that time and memory follow.',
  ],
  [
    'estimate',
    'Time told by `kd dry-run`',
    'How far it lies from the time that the run then takes: each experiment of the sample set under one seed. `signed`: below 0 where less was told than taken.',
  ],
  [
    'panel',
    'The panel',
    'The panel as it ships, in Chromium without a graphics card, fed by the extension’s own code from run directories on disk. `record-to-pixel`: from a line in `metrics.jsonl` to the frame that shows it. `open`: a run of 1,000,000 records, from the choice to the frame that shows its curves. `pan`: a frame while a chart of 100 runs of 10,000 records each is dragged; 16.7 ms make 60 frames a second. `memory`: private memory of the page’s process at that size, the browser’s own part included; `kept`: after garbage was collected; `empty`: of a page without a run. `code`: script and style sheet, compressed.',
  ],
  [
    'overhead',
    'What a run writes',
    'Checkpoints, records and logs of the sample, in per cent of its time. `wall`: how much longer it takes than with nothing written, in turns. `recorded`: what the run itself says.',
  ],
  [
    'measures',
    'What measuring takes',
    'ResNet-20 to ResNet-8 on the sample’s digits, six epochs of batches of 64, all else at its defaults: `gap` to the teacher (numbers, where both look, the report), `similarity` of layers, and both `together`, in per cent of the student’s phase, from the compiling of its graphs to its test. What the run itself says of them, with the writing of their reports and the compiling of the graphs that only measure.',
  ],
  [
    'attach',
    'Opening a long run',
    'The panel on 1,000,000 records: until its first message is made, and the largest memory of that process.',
  ],
  ['runs', '`kd runs`', 'From the start of the process to its end, over 1,000 runs.'],
  ['activation', 'Activation of the extension', ''],
  ['diagnostic', 'From a keystroke to its diagnostics', ''],
  ['completion', 'Completion right after a keystroke', ''],
  ['hover', 'Hover right after a keystroke', ''],
  ['server', 'The language server', ''],
];

/**
 * The stored table as a page.
 *
 * @param {import('./store.mjs').Stored} stored
 */
export function storedPage({ rows, notRun }) {
  const missed = rows.filter(isMissed);
  const parts = [
    '<!-- Written by `npm run bench -- --store`. -->',
    '# Benchmarks',
    'Medians over fresh processes, ours and every peer once a round. A ratio is ours over the fastest peer’s, the median of the paired ratios with their ends; below 1 we are faster. The peer is the fastest in step time of all configurations that were present: PyTorch (defaults; channels last with fused optimizer; also compiled), TensorFlow (function of plain operations; Keras), JAX, each also with tcmalloc. Those far from the fastest in the first round sit out the others. Memory, start and size are compared with that same peer. From the same weights and batches the first losses of all agree.',
    missed.length === 0 ? '' : `**Missed targets:** ${missed.map(({ name }) => `\`${name}\``).join(', ')}.`,
    ...SECTIONS.flatMap(([prefix, title, words]) =>
      section(
        title,
        words,
        rows.filter((row) => belongs(row, prefix)),
      ),
    ),
    // A row whose section is not known is shown all the same.
    ...section(
      'Others',
      '',
      rows.filter((row) => !SECTIONS.some(([prefix]) => belongs(row, prefix))),
    ),
    ...(notRun.length === 0
      ? []
      : ['## Not run', notRun.map(({ name, why }) => `- \`${name}\`: ${why}`).join('\n')]),
    '## How it was measured',
    ...provenance(rows),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function belongs({ name }, prefix) {
  return name.split('/')[0] === prefix;
}

function section(title, words, rows) {
  if (rows.length === 0) return [];
  const sorted = [...rows].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const table = [line(HEAD), line(HEAD.map(() => '---')), ...sorted.map((row) => line(cellsOf(row)))];
  return [`## ${title}`, words, table.join('\n')];
}

/** Which rows came from which command, on which machine, with which versions. */
function provenance(rows) {
  const runs = new Map();
  for (const { name, measured } of rows) {
    const key = JSON.stringify({ ...measured, date: measured.date.slice(0, 10) });
    runs.set(key, [...(runs.get(key) ?? []), name]);
  }
  return [...runs].map(([key, names]) => {
    const { date, machine, command, versions } = JSON.parse(key);
    return `- ${date}, \`${command}\`: ${names.length} rows. ${machine}. ${versions.join(', ')}.`;
  });
}
