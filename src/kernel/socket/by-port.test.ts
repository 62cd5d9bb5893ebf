import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByPort } from './by-port.ts';

test('few or many, the sockets of a port are those that were added and not removed, in order', () => {
  const port = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(port, fc.boolean()), { maxLength: 60 }), (steps) => {
      const sockets = new ByPort<{ readonly local: { address: number; port: number }; readonly number: number }>();
      let model: { local: { address: number; port: number }; number: number }[] = [];
      for (const [number, [ofPort, adds]] of steps.entries()) {
        const first = model.find(({ local }) => local.port === ofPort);
        if (adds || first === undefined) {
          const socket = { local: { address: 0, port: ofPort }, number };
          sockets.add(socket);
          model.push(socket);
        } else {
          sockets.remove(first);
          model = model.filter((one) => one !== first);
        }
        for (const asked of [1, 2, 3, 4, 5, 6]) {
          const there = (one: { local: { port: number } }) => one.local.port === asked;
          expect(sockets.around(asked).filter(there)).toEqual(model.filter(there));
        }
        expect(sockets.all().sort((a, b) => a.number - b.number)).toEqual(model);
      }
    }),
  );
});
