import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostMessage } from '../../src/protocol/panel.ts';
import { Recovery } from '../../webview/recovery.ts';

const OTHER = '/runs/2';
const snapshot = (overlay?: string): HostMessage => ({
  ...{ type: 'snapshot', stream: 1, through: 0, content: null },
  ...(overlay !== undefined && { overlay }),
});
const delta = (overlay?: string): HostMessage => ({
  ...{ type: 'delta', stream: 1, after: 0, through: 1, changes: {} },
  ...(overlay !== undefined && { overlay }),
});

function begin(): { recovery: Recovery; asked: string[] } {
  const asked: string[] = [];
  return { recovery: new Recovery((reason) => asked.push(reason)), asked };
}

describe('a message that cannot be read', () => {
  test('is asked for once; when the answer cannot be read either, the person is told and nobody is asked again', () => {
    const { recovery, asked } = begin();
    recovery.refused(delta(), 'changes.series: a list');
    expect([asked, recovery.unread([])]).toEqual([['a message made no sense'], null]);
    for (let answer = 0; answer < 50; answer += 1)
      recovery.refused(snapshot(), `content.gap[${answer}]: a gap record`);
    expect(asked).toHaveLength(1);
    expect(recovery.unread([])).toBe('content.gap[49]: a gap record');
  });

  test('is no longer told of when everything has been read', () => {
    const { recovery, asked } = begin();
    recovery.refused(snapshot(), 'content.run');
    recovery.refused(snapshot(), 'content.run');
    recovery.took(snapshot(), null);
    expect(recovery.unread([])).toBeNull();
    recovery.took(delta(), null);
    recovery.refused(delta(), 'changes');
    expect(asked).toHaveLength(2);
  });

  test('and follows at once on the answer is told of, not asked for', () => {
    const { recovery, asked } = begin();
    recovery.refused(delta(), 'changes');
    recovery.took(snapshot(), null);
    recovery.refused(delta(), 'changes');
    expect([asked.length, recovery.unread([])]).toEqual([1, 'changes']);
  });

  test('while the answer is on its way says nothing new', () => {
    const { recovery, asked } = begin();
    recovery.refused(delta(), 'changes');
    recovery.refused(delta(), 'changes');
    recovery.took(delta(), 'records after 3 are missing');
    expect([asked.length, recovery.unread([])]).toEqual([1, null]);
  });

  test('of a run laid over another is missed only while it lies there', () => {
    const { recovery, asked } = begin();
    recovery.refused(snapshot(OTHER), 'content');
    recovery.took(snapshot(), null);
    recovery.refused(snapshot(OTHER), 'content');
    expect(asked).toHaveLength(1);
    expect([recovery.unread([OTHER]), recovery.unread([])]).toEqual(['content', null]);
  });

  test('of another kind is told of, since no snapshot would bring it, until one of the kind is read', () => {
    const { recovery, asked } = begin();
    recovery.refused({ type: 'table', rows: 5 }, 'rows: a list');
    expect([asked, recovery.unread([])]).toEqual([[], 'rows: a list']);
    recovery.took({ type: 'table', rows: [] }, null);
    expect(recovery.unread([])).toBeNull();
  });

  test('and is none of the extension is nobody’s business', () => {
    const { recovery, asked } = begin();
    for (const nonsense of [null, 7, 'x', [], {}, { type: 5 }]) recovery.refused(nonsense, 'an object');
    expect([asked, recovery.unread([])]).toEqual([[], null]);
  });

  test('is asked for anew of an extension that says hello anew', () => {
    const { recovery, asked } = begin();
    for (let time = 0; time < 3; time += 1) recovery.refused(snapshot(), 'content');
    recovery.took({ type: 'welcome', version: 1 }, null);
    expect(recovery.unread([])).toBeNull();
    recovery.refused(snapshot(), 'content');
    expect(asked).toHaveLength(2);
  });
});

test('whatever is refused and lost, a host that answers each question with one snapshot comes to rest', () => {
  const event = fc.record({
    overlay: fc.constantFrom(undefined, OTHER),
    isDelta: fc.boolean(),
    outcome: fc.constantFrom('read', 'lost', 'refused'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), fc.infiniteStream(fc.boolean()), (events, isReadable) => {
      const { recovery, asked } = begin();
      let answered = 0;
      const answer = () => {
        // Each answer is a snapshot of both runs, which can be read or not.
        for (; answered < asked.length; answered += 1) {
          for (const overlay of [undefined, OTHER]) {
            if (isReadable.next().value) recovery.took(snapshot(overlay), null);
            else recovery.refused(snapshot(overlay), 'content');
          }
        }
      };
      for (const { overlay, isDelta, outcome } of events) {
        const message = isDelta ? delta(overlay) : snapshot(overlay);
        if (outcome === 'refused') recovery.refused(message, 'content');
        else recovery.took(message, outcome === 'lost' && isDelta ? 'records are missing' : null);
        answer();
      }
      // For each message of the run's own at most one question a run; none follow from answers alone.
      expect(asked.length).toBeLessThanOrEqual(2 * events.length);
    }),
    { seed: 9, numRuns: 300 },
  );
});
