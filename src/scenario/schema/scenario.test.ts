import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scenarioJsonSchema } from './scenario.ts';

const root = new URL('../../../', import.meta.url);
const schema: unknown = JSON.parse(readFileSync(new URL('schema/scenario.schema.json', root), 'utf8'));

test('the published schema is that of this source (npm run schema writes it)', () => {
  expect(schema).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
});

describe('the bundled scenarios are valid for an editor', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(scenarioJsonSchema());
  test.each(readdirSync(new URL('scenarios/', root)))('%s', (name) => {
    validate(parse(readFileSync(new URL(`scenarios/${name}/scenario.yaml`, root), 'utf8')));
    expect(validate.errors ?? []).toEqual([]);
  });
});
