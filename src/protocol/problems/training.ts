import { entry, type ProblemEntries } from './entry.ts';

/** Training and its guards, and `kd verify`. */
export const TRAINING_PROBLEMS: ProblemEntries = {
  KD4001: entry(
    'A golden fixture cannot be read',
    '`kd verify` met a file that is no fixture of the format `kd-golden-loss/1`, or a folder without any.',
    'Name a folder of such files, or leave it out: the shipped ones are used then.',
  ),
  KD4002: entry(
    'A term names no method',
    'The experiment was made by another version of the product, with a method that this one does not have.',
    'Compare the name with the catalogue (`kd methods`).',
  ),
  KD4003: entry(
    "The teacher's weights are not whole",
    'A tensor is missing or holds numbers that are not finite. A student is never taught by such a teacher.',
    'Train the teacher again, or name a run whose model has this architecture.',
  ),
  KD4004: entry(
    'Training left the finite numbers',
    'A loss, a gradient or a weight became infinite or not a number. The run stopped; its last good checkpoint is kept.',
    'Lower the learning rate or the weight of the term that is named, warm the rate up, or bound the gradient (`train.gradientClipping`).',
  ),
  KD4005: entry(
    'A term teaches nothing',
    'In the first steps its value or its gradient was zero, so the run would be the baseline under another name.',
    'Check the layers that it matches, and that teacher and student are not the same network with the same weights.',
  ),
  KD4006: entry(
    'The frozen teacher changed',
    'Its weights were compared before and after and differ. That is a defect of the product, and the result is thrown away.',
    'Report it with the config.',
  ),
  KD4007: entry(
    'The checkpoint belongs to other work',
    'It stands in a phase or a seed that the experiment does not have at that place.',
    'Resume with the config that is stored in the run directory, or start a new run.',
  ),
  KD4008: entry(
    'The teacher has no layer that a term reuses',
    'The method reads weights of the teacher itself (its classifier, a batch norm), and this teacher has none such there.',
    'Choose another layer or teacher, or a method that needs only its answers.',
  ),
  KD4010: entry(
    'The teacher does not hold its weights',
    'They were written into the compiled graphs and read back, and differ: the student would be taught by something else.',
    'Choose another executor by `engine.device`, and report it with the output of `kd doctor`.',
  ),
  KD4011: entry(
    'The teacher is not in inference mode',
    'It was asked about one sample among different neighbours and gave different answers: its batch norms or its dropout behave as in training.',
    'Report it with the config and the output of `kd doctor`.',
  ),
  KD4012: entry(
    'The teacher is not the one that was trained',
    'On the validation split it is not as accurate as when it was kept.',
    'Start a new run; if it happens again, report it with the config.',
  ),
  KD4030: entry(
    'The book does not belong to this experiment',
    'A book of this name was written for something else; the message names the first thing that differs. Answers of another teacher, or to other data or views, are never used.',
    'Write it anew (`kd book prune NAME`), choose another `distill.book.name`, or leave the name out: a book that serves is found or written then.',
  ),
  KD4031: entry(
    'The book does not say what the teacher says',
    'At the start of a run, stored answers to some samples are compared with live ones: their cosine must reach 0.999, and 0.99 where only the most probable classes are kept.',
    'Write the book anew: `kd book prune NAME`, then run again.',
  ),
  KD4032: entry(
    'A part of the book is damaged',
    'A file of rows is not what its checksum says. A run writes such parts again by itself; it stops only where that does not help.',
    'Look after the disk; `kd book prune NAME` removes the book, and the next run writes another.',
  ),
  KD4033: entry(
    'There is no such book',
    'Books lie below `.kd/books` of the experiment.',
    '`kd book list` names them; `kd book build FILE` writes one.',
  ),
  KD4034: entry(
    'The book is in use',
    'A process reads or writes it, so it cannot be removed.',
    'Let the run end, or stop it with `kd stop RUN`.',
  ),
  KD4035: entry(
    'There is no room for the book',
    'Its size is known before it is written, and the disk has less.',
    '`kd book prune` removes books that nobody used lately; `precision: float16`, `topK` or fewer `views` make this one smaller.',
  ),
  KD4036: entry(
    'The teacher has no weights yet',
    'A book is written from a finished teacher. This one is trained by the run itself, which writes the book too.',
    'Start the run, or name a finished teacher: `--set "models.teacher={ run: RUN }"`.',
  ),
};
