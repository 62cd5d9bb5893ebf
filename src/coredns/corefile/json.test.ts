import { md5 } from '@noble/hashes/legacy.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { expect, test } from 'vitest';
import { kubeadmCorefile } from '../../../test/support/kubeadm.ts';
import { corefileJson } from './json.ts';
import { parseCorefile } from './parser.ts';

function jsonOf(text: string): string {
  const context = { directives: undefined, files: { read: () => undefined, names: () => [] }, environment: {} };
  return corefileJson(parseCorefile({ file: 'Corefile', text }, context, []).blocks, 'Corefile');
}

test('digests are those that the logs of kubeadm clusters show', () => {
  const old = jsonOf(kubeadmCorefile(18));
  const limited = jsonOf(kubeadmCorefile(19));
  expect(bytesToHex(md5(utf8ToBytes(old)))).toBe('4e235fcc3696966e76816bcd9034ebc7');
  expect(bytesToHex(md5(utf8ToBytes(limited)))).toBe('db32ca3650231d74073ff4cf814959a7');
  expect(bytesToHex(sha512(utf8ToBytes(limited)))).toBe(
    '591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908',
  );
});

test('directives are sorted, and <, > and & are escaped, as encoding/json does', () => {
  expect(jsonOf('a.test {\n log\n errors <&>\n}')).toBe(
    '[{"Keys":["a.test"],"Tokens":{"errors":[{"File":"","Line":3,"Text":"errors"},{"File":"","Line":3,"Text":"\\u003c\\u0026\\u003e"}],"log":[{"File":"","Line":2,"Text":"log"}]}}]',
  );
});
