import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the scenario to start from lies, as seen from here: beside `dist/` in the package, beside `src/` in the sources. */
export function starterDirectory(): string {
  const place = fileURLToPath(new URL('../../starter', import.meta.url));
  if (!existsSync(join(place, 'scenario.yaml'))) throw new Error(`the package is not whole: there is no ${place}`);
  return relative('.', place) || '.';
}
