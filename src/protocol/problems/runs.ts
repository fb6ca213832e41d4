import { entry, type ProblemEntries } from './entry.ts';

/** The run directory and the engine that works in it. */
export const RUN_PROBLEMS: ProblemEntries = {
  KD5000: entry(
    'An error inside the engine',
    'A defect of the product. The run is closed with it; checkpoints, metrics and log are kept.',
    'Report it with the log (`kd log RUN`), which has the details.',
  ),
  KD5001: entry(
    'No such run',
    'The name or folder means no run: removed, mistyped, or not a run directory.',
    '`kd runs` lists them.',
  ),
  KD5002: entry(
    'The id may mean several runs',
    'A beginning of an id must be unique.',
    'Give more of the id.',
  ),
  KD5003: entry(
    'The record of a run is damaged',
    '`run.json` is not readable as a record. Metrics, checkpoints and log beside it are untouched.',
    'Start the experiment again, or remove the run with `kd rm`.',
  ),
  KD5004: entry(
    'Another process works on this run',
    'Two engines would write over one another, so the second does not start.',
    'Watch the first (`kd log RUN --follow`), or stop it (`kd stop RUN`).',
  ),
  KD5005: entry(
    'The disk is full',
    'Or the quota is used up. Everything written before is kept.',
    'Free some space, then `kd resume RUN` goes on from the last checkpoint.',
  ),
  KD5006: entry(
    'A place cannot be written to',
    'The folder or its file system is read-only for you.',
    'Give yourself permission, or move the experiment to a folder of your own.',
  ),
  KD5007: entry(
    'The storage device reported a failure',
    'Reading or writing failed below the file system.',
    'Copy the run directory to another disk and resume it there.',
  ),
  KD5008: entry(
    'A checkpoint is damaged',
    'Its hash or its form does not fit. The one before it is used, and the damaged one stays where it is.',
    'Nothing to do; look after the disk if it happens again.',
  ),
  KD5009: entry(
    'No checkpoint is whole',
    'The run cannot go on. Its metrics and finished models stay as they are.',
    'Start the experiment again with `kd run`.',
  ),
  KD5010: entry(
    'The run holds no such model',
    'A model is saved when its phase has finished.',
    'Use one of those that the message lists, or wait for the phase to end.',
  ),
  KD5011: entry(
    'A saved model is damaged',
    'Its hash or its form does not fit.',
    'Restore the folder from a copy, or train the model again.',
  ),
  KD5012: entry(
    'Metrics are missing',
    'The file has fewer records than the checkpoint knows; going on would leave a hole.',
    'Restore the file from a copy, or start the experiment again.',
  ),
  KD5013: entry(
    'The run is still running',
    'A run is not removed under its engine.',
    'Stop it first with `kd stop RUN`.',
  ),
  KD5014: entry(
    'The folder for control sockets belongs to another user',
    'The run goes on without a socket, and can be stopped with `kd stop` all the same.',
    'Set `XDG_RUNTIME_DIR` to a folder of your own.',
  ),
  KD5015: entry(
    'The engine cannot be ended from here',
    'It works on another machine, or belongs to another user.',
    'Ask it to stop with `kd stop RUN`, or end it there.',
  ),
  KD5016: entry(
    'The run is complete',
    'There is nothing to go on with.',
    'See it with `kd show RUN`, or start a new one.',
  ),
  KD5017: entry(
    'No Node.js that can run the engine',
    'The program is no Node.js, or too old (20 is needed).',
    'Install Node.js 20 or newer, or name one in the setting `kd.nodePath`.',
  ),
  KD5018: entry(
    'The workspace is not trusted',
    'Nothing is started from it; the language features work.',
    'Trust the workspace (command "Workspaces: Manage Workspace Trust"), then run again.',
  ),
  KD5019: entry(
    'The engine could not be started',
    'Its process ended at once or could not be made.',
    'See `kd doctor`, or install the product again.',
  ),
  KD5020: entry(
    'The run waits for no engine',
    'An engine was started for a run that has ended or is at work.',
    'Go on with it by `kd resume RUN`.',
  ),
  KD5021: entry(
    'The engine ended without a word',
    'It was killed, ran out of memory or crashed. Everything up to its last checkpoint is kept.',
    'Go on with `kd resume RUN`; with a smaller batch where memory ran out.',
  ),
  KD5022: entry(
    'The engine gave no answer',
    'A tool of the engine (`doctor`, `verify`) ended before it said anything.',
    'Install the product again; if it stays, report the message.',
  ),
  KD5023: entry(
    'A model of a run that still trains',
    'It may change under the experiment that uses it.',
    'Wait until that run has ended, or stop it.',
  ),
  KD5024: entry(
    'Something changed since the run was started',
    'Data, models or products of an earlier run differ; going on would mix two experiments.',
    'Put back what the message names, or start a new run.',
  ),
  KD5025: entry(
    'Somebody else controls the run at this moment',
    'Another window or terminal is stopping, pausing or resuming it. One controls a run at a time; all read along.',
    'Wait until it has done so, then look with `kd show RUN`.',
  ),
  KD5026: entry(
    'The engine belongs to another version',
    'It was started before the product was updated and is controlled otherwise. It is watched, and never ended from here.',
    'Let it end, or make an empty file named `stop` in the run directory: every version stops at that with a checkpoint.',
  ),
  KD5027: entry(
    'Another run works on this machine',
    'Of this folder, or of another one of yours and then on the same device: processor or graphics. Two runs on one device slow each other down, and may take more memory than there is.',
    'Put it after the other with `kd queue add FILE`, or start it all the same with `--beside`.',
  ),
  KD5028: entry(
    'A model that answers through a part of a method',
    "The method gives the student another classifier (`simkd`), which is no part of the model's own graph.",
    'Export it with `--format safetensors`, which holds both.',
  ),
  KD5029: entry(
    'The run does not wait in the queue',
    'It works, has ended, or was never put there.',
    '`kd queue list` tells what waits; `kd queue retry RUN` puts a run that has ended into it.',
  ),
  KD5030: entry(
    'Written by a newer version',
    'A checkpoint or model of a run has a format that this version does not know. It is not damaged, and nothing is changed.',
    'Go on with the version that the message names, or a newer one.',
  ),
  KD5031: entry(
    'Best weights are damaged',
    'Weights that did best on validation, in `best/<number>/`. A checkpoint that does without them is used, else the best weights before them; then the run says that it may end otherwise.',
    'Nothing to do where a checkpoint was found; else start the experiment again where the exact result matters.',
  ),
  KD5040: entry(
    'A report of the gap is damaged',
    'Its file in the folder `gap` of the run is no JSON, is too large, or holds something else.',
    'Measure it again with `kd gap RUN`.',
  ),
  KD5041: entry(
    'Nobody in the run is taught by a finished teacher',
    'The gap lies between a student and who taught it. Peers that learn together, or a model that learns by labels alone, have none, and models that answer with images have no classes to compare; or no student has a checkpoint yet.',
    'Choose a run that distils; of one that still trains its teacher, wait for the first checkpoint of the student.',
  ),
  KD5045: entry(
    'There are no layers to match',
    'Layers are compared where a student learns from a finished teacher. This experiment has no such phase, or this run has not kept such a student yet.',
    'Choose a scheme with a teacher (`offline`), or wait until the student has finished.',
  ),
  KD5050: entry(
    'The run has no results yet',
    'A comparison or a report stands on students that have finished under a seed.',
    'Wait for it, or resume it with `kd resume`.',
  ),
  KD5051: entry(
    'Runs of different data are not compared',
    'They read other files, other splits or other preprocessing, so their test samples are not the same and no pairs can be formed.',
    'Compare runs of one data set, one split and one `train.seed`; the message names what differs.',
  ),
};
