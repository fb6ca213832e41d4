import { entry, type ProblemEntries } from './entry.ts';

/** Commands of the editor that cannot do now what they are asked for. */
export const EDITOR_PROBLEMS: ProblemEntries = {
  KD5102: entry(
    'Restricted Mode',
    'The command starts something, and the workspace is not trusted.',
    'Choose "Manage Workspace Trust", trust the folder, and try again.',
  ),
  KD5103: entry(
    'No experiment is open',
    'And the workspace holds no `*.kd.yaml` file to choose from.',
    'Write one with the command "KD: New Experiment".',
  ),
  KD5104: entry(
    'The experiment is in no folder of this machine',
    'It is not saved yet, or lies in a place that only the editor can read.',
    'Save it as `NAME.kd.yaml`, then run it.',
  ),
  KD5105: entry(
    'No run fits the command',
    'There is none in this workspace, or none in a state in which the command makes sense.',
    'The message says which would: run an experiment first, or choose another run.',
  ),
  KD5106: entry(
    'A pair of layers cannot be inserted',
    'The experiment file of the run is not part of this workspace, or cannot be changed.',
    'Open its folder, and see whether the file is read-only.',
  ),
  KD5108: entry('The run is not working', 'There is nothing to stop.', 'Resume it, or start a new one.'),
  KD5109: entry('The run is working already', 'There is nothing to resume.', 'Watch it in the panel.'),
  KD5110: entry('The run has no log yet', 'Its engine is starting.', 'Try again in a moment.'),
  KD5111: entry(
    'The experiment has errors',
    'Nothing was started.',
    'The Problems view lists them, most with a fix.',
  ),
  KD5120: entry(
    'The effective config is not known',
    'The experiment has errors, so it is not known how it would run.',
    'Mend the problems that the Problems view lists, and ask again.',
  ),
  KD5121: entry(
    'No teacher is trained first',
    'The config takes its teacher from a run, or has errors.',
    'Run the experiment itself, or describe the teacher by an `architecture`.',
  ),
  KD5122: entry(
    'Two configs are compared',
    'A comparison of configs takes two runs.',
    'Select two runs in the Runs view, and choose "Compare Configs".',
  ),
  KD5123: entry(
    'The export gave no answer',
    'The command line that writes it ended without a word.',
    'See the log of the workbench, or run `kd export` in a terminal.',
  ),
  KD5124: entry(
    'The file of the run is gone',
    'It was there when the panel listed it.',
    'Look at the list again; older checkpoints are removed while a run goes on.',
  ),
  KD5125: entry(
    'An ablation over layers cannot be written',
    'It varies the pairs of a term in `distill.match`, beside the config of the run. This experiment writes its phases out, the run does not tell its layers, or another file has the name of a variant.',
    'Use a scheme in place of `phases`, run the experiment again, or move the file that stands in the way.',
  ),
};
