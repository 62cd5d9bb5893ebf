import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { checkFiles } from '../../check/check.ts';
import { inMemory } from '../../check/testing/in-memory.ts';
import { columns, plain } from '../terminal.ts';
import { checkJson } from './json.ts';
import { checkSarif } from './sarif.ts';
import { checkText } from './text.ts';

const corefile = `.:53 {
    errors
    loop
    forward . 127.0.0.1
    cache 30 {
        servfail 1m
    }
}
`;
const report = checkFiles(['dir/Core file'], inMemory({ 'dir/Core file': corefile }), {
  kind: 'corefile',
  release: '1.12.1',
});

test('text: place, line, caret, what comes of it, remedy; then a line for each file', () => {
  expect(checkText(report, plain)).toBe(`dir/Core file:4:15: error
  127.0.0.1 is this CoreDNS: the query comes back to this line [forward-loop]
      forward . 127.0.0.1
                ^
  A query comes back to where it started. With \`loop\` CoreDNS sees it at its
  start and exits with code 1 (CrashLoopBackOff); without, each query goes round
  until \`max_concurrent\` refuses it or memory and sockets run out.
  → Forward to the address of another DNS server.

dir/Core file:6:9: warning
  a SERVFAIL is repeated for 60 s [servfail-cached-long]
          servfail 1m
          ^
  One SERVFAIL of an upstream is handed to everybody who asks for that name and
  type until the time is over, although the upstream answers again.
  → Leave \`servfail\` out (5 s), or write \`servfail 0s\` to keep none.

dir/Core file: CoreDNS 1.12.1 starts with this Corefile; 1 error and 1 warning.`);
});

test('text: what comes of it is told once, each remedy once', () => {
  const rules = '*nat\n:A - [0:0]\n-A A --dprt 53 -j RETURN\n-A A --dprt 53 -j RETURN\n-A A --sport 53\nCOMMIT\n';
  const text = checkText(checkFiles(['node.rules'], inMemory({ 'node.rules': rules })), plain);
  const told = text.split('\n').filter((line) => /^ {2}(→|iptables-restore changes|.*\[iptables-mistake)/.test(line));
  expect(told.map((line) => line.trim())).toEqual([
    'the option `--dprt` is not known here [iptables-mistake]',
    'iptables-restore changes nothing in a table with such a line; a scenario with',
    '→ Did you mean --dport?',
    'the option `--dprt` is not known here [iptables-mistake]',
    'the option `--sport` is not known here [iptables-mistake]',
    '→ It needs `-p udp` or `-p tcp` before it.',
  ]);
});

test('text: nothing is wider than a terminal, but for what the user wrote', () => {
  const lines = checkText(report, plain).split('\n');
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

test('json: counts, and each file with its findings', () => {
  expect(checkJson(report)).toMatchObject({
    errors: 1,
    warnings: 1,
    infos: 0,
    unreadable: [],
    files: [
      {
        file: 'dir/Core file',
        kind: 'corefile',
        release: '1.12.1',
        findings: [
          { code: 'forward-loop', severity: 'error', line: 4, column: 15 },
          { code: 'servfail-cached-long', severity: 'warning', line: 6, column: 9 },
        ],
      },
    ],
  });
});

/** What of the schema of SARIF 2.1.0 (OASIS) is about what we write. */
const text = {
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string', minLength: 1 } },
  additionalProperties: false,
};
const level = { enum: ['none', 'note', 'warning', 'error'] };
const closed = (required: readonly string[], properties: object) => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
const rule = closed(['id'], {
  id: { type: 'string' },
  shortDescription: text,
  fullDescription: text,
  help: text,
  defaultConfiguration: closed([], { level }),
});
const region = closed([], { startLine: { type: 'integer', minimum: 1 }, startColumn: { type: 'integer', minimum: 1 } });
const location = closed([], {
  physicalLocation: closed([], {
    artifactLocation: closed([], { uri: { type: 'string', pattern: '^[^ \\\\]*$' } }),
    region,
  }),
});
const result = closed(['message'], {
  ruleId: { type: 'string' },
  ruleIndex: { type: 'integer', minimum: 0 },
  level,
  message: text,
  locations: { type: 'array', items: location },
});
const driver = closed(['name'], {
  name: { type: 'string' },
  version: { type: 'string' },
  semanticVersion: { type: 'string' },
  rules: { type: 'array', uniqueItems: true, items: rule },
});
const sarif = closed(['version', 'runs'], {
  $schema: { type: 'string', format: 'uri' },
  version: { const: '2.1.0' },
  runs: {
    type: 'array',
    items: closed(['tool'], {
      tool: closed(['driver'], { driver }),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      results: { type: 'array', items: result },
    }),
  },
});

describe('sarif', () => {
  const log = JSON.parse(JSON.stringify(checkSarif(report)));

  test('has the shape of 2.1.0', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(sarif);
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('each result points at its rule and its place; a name with a blank is a URI', () => {
    expect(log.runs[0].results).toMatchObject([
      { ruleId: 'forward-loop', level: 'error', ruleIndex: 0 },
      { ruleId: 'servfail-cached-long', level: 'warning', ruleIndex: 1 },
    ]);
    expect(log.runs[0].tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual([
      'forward-loop',
      'servfail-cached-long',
    ]);
    const [{ physicalLocation }] = log.runs[0].results[0].locations;
    expect(physicalLocation).toEqual({
      artifactLocation: { uri: 'dir/Core%20file' },
      region: { startLine: 4, startColumn: 15 },
    });
  });
});
