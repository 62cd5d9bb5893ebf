import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the script and style that are committed are those of client/ (npm run build writes them)', async () => {
  const { clientBundle } = await import(new URL('../../../scripts/client.mjs', import.meta.url).href);
  expect(readFileSync('src/report/html/client-bundle.ts', 'utf8')).toBe(await clientBundle());
});
