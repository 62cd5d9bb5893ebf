import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the scenario to start from lies, as seen from here: beside `dist/` in the package, beside `src/` in the sources. */
export function starterDirectory(): string {
  // The built command is no module: it knows its place only as the file that Node was told to run.
  const own = [process.argv[1] ?? '', fileURLToPath(import.meta.url)];
  const places = own.filter(existsSync).map((file) => join(dirname(realpathSync(file)), '../../starter'));
  const place = places.find((directory) => existsSync(join(directory, 'scenario.yaml')));
  if (place === undefined)
    throw new Error(`the package is not whole: there is no starter/ beside ${places.join(' or ')}`);
  return relative('.', place) || '.';
}
