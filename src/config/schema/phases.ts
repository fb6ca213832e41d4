import { choice, integer, later, list, object, record, text, union } from '../../schema/field.ts';

const model = text({ doc: 'Name of a model.', refersTo: 'model', filled: true });

export const phasesField = list(
  object(
    {
      name: text({
        doc: 'Name of the phase, unique within the experiment. The student alone is customarily `baseline`.',
        filled: true,
      }),
      train: list(
        union(
          [
            model,
            record(
              choice(
                { fresh: 'A new instance with its own initialisation, named after the phase.' },
                { doc: 'How the instance begins.', later: { continue: 'Goes on from an earlier phase.' } },
              ),
              { doc: '`{ student: fresh }`: another instance of a model.', nameDoc: 'Name of a model.' },
            ),
          ],
          { doc: 'What is trained.' },
        ),
        { doc: 'What is trained in this phase.', minimumLength: 1, maximumLength: 1 },
      ),
      freeze: list(model, { doc: 'Models that answer but do not learn.', default: [], maximumLength: 16 }),
      loss: choice(
        {
          task: 'Hard labels alone.',
          distill: 'The terms of `distill.match` and the weighted hard labels.',
        },
        { doc: 'What is minimised.' },
      ),
      epochs: integer({ doc: 'Length of the phase.', unit: 'epochs', minimum: 1, maximum: 100_000 }),
      alternate: later('Optimizers that take turns.'),
    },
    { doc: 'One phase of training.' },
  ),
  {
    doc: 'What happens in which order, written out. Left out: the scheme says it.',
    optional: true,
    minimumLength: 1,
    maximumLength: 32,
  },
);
