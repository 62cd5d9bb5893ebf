import { mkdirSync, writeFileSync } from 'node:fs';
import { scenarioJsonSchema } from '../src/scenario/schema/scenario.ts';

// Writes the schema that editors check scenario files against.
mkdirSync('schema', { recursive: true });
writeFileSync('schema/scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
