import { describe, expect, test } from 'vitest';
import { served } from '../../testing/served.ts';
import { parseExpression } from './expression.ts';

const block = (view: string, text: string) =>
  `. {\n${view}\n template ANY ANY {\n answer "{{ .Name }} 60 IN TXT ${text}"\n }\n}\n`;

// corefile-route-view
test.each([
  ["incidr(client_ip(), '10.9.0.1/32')", true],
  ["incidr(client_ip(), '10.9.0.2/32')", false],
  ["type() == 'MX' || name() matches '^odd'", false],
  ["type() == 'TXT' && !(name() matches '^odd')", true],
  ["type() in ['A', 'TXT']", true],
  ["type() not in ['A', 'TXT']", false],
  ['true', true],
])('%s', (expression, chosen) => {
  const corefile = block(` view v {\n expr ${expression}\n }`, 'seen') + block('', 'rest');
  expect(served(corefile).ask('a.test.', 'TXT')?.answer).toEqual([`a.test. 60 IN TXT "${chosen ? 'seen' : 'rest'}"`]);
});

describe('faults', () => {
  // corefile-start-view-bad-expr
  test('an expression that ends too soon', () => {
    expect(parseExpression('client_ip(')).toEqual({
      error: 'unexpected token EOF (1:10)\n | client_ip(\n | .........^',
    });
  });

  // corefile-view-unquoted: the Corefile takes double quotes for its own
  test.each([
    [
      'type() == AAAA || name() startsWith v.',
      `unexpected end of expression (1:38)\n | type() == AAAA || name() startsWith v.\n | ${'.'.repeat(37)}^`,
    ],
    ['nofunc()', 'unknown name nofunc (1:1)\n | nofunc()\n | ^'],
    // corefile-start-words
    ["type() in HTTPS 'MX']", `unexpected token String("MX") (1:17)\n | type() in HTTPS 'MX']\n | ${'.'.repeat(16)}^`],
    ["type() == 'A')", `unexpected token Bracket(")") (1:14)\n | type() == 'A')\n | ${'.'.repeat(13)}^`],
    ['type() 5', `unexpected token Number("5") (1:8)\n | type() 5\n | ${'.'.repeat(7)}^`],
    ['type() type()', `unexpected token Identifier("type") (1:8)\n | type() type()\n | ${'.'.repeat(7)}^`],
  ])('%s', (text, error) => {
    expect(parseExpression(text)).toEqual({ error });
  });
});
