import { expect, test } from 'vitest';
import { parseAddress } from '../../../network/address.ts';
import { Dispenser } from '../../corefile/dispenser.ts';
import { lex } from '../../corefile/lexer.ts';
import { findRelease, type ReleaseName } from '../../releases.ts';
import { decide, parseRules } from './rules.ts';

function rulesOf(text: string, name: ReleaseName) {
  const release = findRelease(name);
  if (release === undefined) throw new Error(`no release ${name}`);
  return parseRules(new Dispenser(lex({ file: 'Corefile', text }), 'Corefile'), release, ['.']);
}

/** corefile-acl-actions */
const policies = `acl a.test {
  allow net 10.9.0.3/32
  block type MX net 10.9.0.0/24
  filter type AAAA
  block net 10.9.0.2
  block net fd00:9::/32 2001:db8::1
}`;

test.each([
  ['A', '10.9.0.1', undefined],
  ['MX', '10.9.0.1', 'block'],
  ['AAAA', '10.9.0.1', 'filter'],
  ['A', '10.9.0.2', 'block'],
  ['MX', '10.9.0.3', 'allow'],
  ['A', 'fd00:9:1::1', 'block'],
  ['A', 'fd00:a::1', undefined],
  ['A', '2001:db8::1', 'block'],
])('%s from %s: %s', (type, client, action) => {
  const [rule] = rulesOf(policies, '1.11.1');
  expect(rule && decide(rule, type, parseAddress(client) ?? 0)).toBe(action);
});

const at = 'Corefile:2 - Error during parsing:';

test.each([
  ['deny net 10.0.0.0/8', '1.8.6', `${at} unexpected token "deny"; expect 'allow', 'block', or 'filter'`],
  ['deny net 10.0.0.0/8', '1.11.1', `${at} unexpected token "deny"; expect 'allow', 'block', 'filter' or 'drop'`],
  ['drop net 192.0.2.0/24', '1.10.0', `${at} unexpected token "drop"; expect 'allow', 'block', or 'filter'`],
  ['block net 10.0.0.0/33', '1.8.6', `${at} illegal CIDR notation "10.0.0.0/33"`],
  ['block type AAA net *', '1.15.0', `${at} unexpected token "AAA"; expect legal QTYPE`],
  ['block from *', '1.15.0', `${at} unexpected token "from"; expect 'type | net'`],
  ['block type net *', '1.15.0', `${at} no token specified in "type" section`],
] as const)('%s is refused by %s', (line, release, message) => {
  expect(() => rulesOf(`acl {\n${line}\n}`, release)).toThrow(message);
});
