import { type Roots, systemRoots } from '../../../transport/tls/certificate.ts';
import { authoritiesIn } from '../../../transport/tls/pem.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { inRelease, since } from '../../history.ts';
import { inRoot } from '../root/root.ts';
import type { ParseContext } from './parse.ts';

const heedsRoot = since('1.11.4');

/** `tls [CA]` or `tls CERTIFICATE KEY [CA]`: whom the upstreams' certificates must be from (`pkg/tls` NewTLSConfigFromArgs). */
export function parseTls(words: Dispenser, context: ParseContext): Roots {
  const at = words.token;
  const rooted = inRelease(heedsRoot, context.release.name);
  const args = words.remainingArguments().map((path) => (rooted ? inRoot(path, context.block) : path));
  if (args.length > 3) throw words.argumentError();
  const read = (path: string, error: (why: string) => string): string => {
    const text = context.files.read(path);
    if (text !== undefined) return text;
    if (!path.startsWith('/')) throw words.plainError(error(`open ${path}: no such file or directory`));
    context.notModelled(
      `the file ${path} of \`tls\`, which is not given,`,
      at,
      'name it under `files:` in the scenario',
    );
    return '';
  };
  const [certificate, key] = args.length > 1 ? args : [];
  if (certificate !== undefined && key !== undefined) {
    const unloaded = (why: string) => `could not load TLS cert: ${why}`;
    const own = [certificate, key].map((path) => read(path, unloaded));
    for (const [i, kind] of (['certificate', 'key'] as const).entries()) {
      if (own[i] !== '' && own[i]?.includes('-----BEGIN ') === false)
        throw words.plainError(unloaded(`tls: failed to find any PEM data in ${kind} input`));
    }
  }
  const authority = args.length === 2 ? undefined : args.at(-1);
  if (authority === undefined) return systemRoots;
  const text = read(authority, (why) => `error reading ${authority}: ${why}`);
  const roots = authoritiesIn(text);
  if (roots.length === 0 && text !== '') throw words.plainError('could not read root certs: %!s(<nil>)');
  return new Set(roots);
}
