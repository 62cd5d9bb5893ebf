import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { observe } from './coredns.ts';
import { recordings } from './find.ts';

const handshake = z.looseObject({
  server_name: z.string().nullable(),
  version: z.string().optional(),
  resumed: z.boolean().optional(),
});
const connection = z.looseObject({
  server: z.string(),
  opened: z.number(),
  handshake: handshake.nullish(),
  closed: z.number().nullish(),
});
const observed = z.looseObject({ release: z.string(), connections: z.array(connection) });
const recorded = z.looseObject({ observed: z.array(observed) });

type Connection = z.infer<typeof connection>;

const more = process.env.MORE ?? join(recordings, 'coredns/more');
/** Where it matters when connections are opened. */
const files =
  'reuse blocked-in-use expire tls12 tls13 bursts closes-idle silent-one silent-after-handshake stalls-one stalls-first recovers'.split(
    ' ',
  );

/** Which ticket comes first is chance there. */
const racing = ['bursts', 'silent-after-handshake'];

/** When each was opened over TLS, to whom, and what came of the handshake; those in whose midst a recording ended are left out. */
function handshakes(
  connections: readonly Connection[],
  name: string,
): { readonly what: string; readonly opened: number }[] {
  return connections
    .filter(({ handshake: end, closed }) => end !== undefined && (end !== null || closed !== null))
    .map(({ server, opened, handshake: end }) => {
      const resumed = end?.resumed === true && !racing.includes(name) ? ' resumed' : '';
      const what = end?.version === undefined ? 'failed' : `${end.version} ${end.server_name}${resumed}`;
      return { what: `${server} ${what}`, opened };
    })
    .sort((a, b) => (a.what === b.what ? a.opened - b.opened : a.what < b.what ? -1 : 1));
}

test.each(files)('connections of forward-tls-%s', (name) => {
  const file = `forward-tls-${name}.json`;
  const json: unknown = JSON.parse(readFileSync(join(more, file), 'utf8'));
  const theirs = recorded.parse(json).observed;
  const ours = recorded.parse(observe(file, json)).observed;
  for (const [i, { release, connections }] of theirs.entries()) {
    const [mine, real] = [handshakes(ours[i]?.connections ?? [], name), handshakes(connections, name)];
    expect(
      mine.map(({ what }) => what),
      release,
    ).toEqual(real.map(({ what }) => what));
    for (const [k, { opened }] of real.entries()) expect(Math.abs((mine[k]?.opened ?? 0) - opened)).toBeLessThan(0.5);
  }
});
