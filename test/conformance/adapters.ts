import { observe as coredns } from './coredns.ts';
import type { Family } from './find.ts';
import { observe as kernel } from './kernel.ts';
import { observe as nodelocal } from './nodelocal.ts';
import { observe as path } from './path.ts';
import { observe as recursor } from './recursor.ts';
import { observe as resolver } from './resolver.ts';

/** Runs a recording and gives what was observed in the recording's own shape; undefined, or an error: it cannot be run. */
export type Adapter = (path: string, recording: unknown) => unknown;

export const adapters: Partial<Record<Family, Adapter>> = {
  kernel: (file, recording) => kernel(file, recording),
  resolver: (file, recording) => resolver(file, recording),
  'coredns/cache': (file, recording) => coredns(file, recording),
  'coredns/forward': (file, recording) => coredns(file, recording),
  'coredns/size': (file, recording) => coredns(file, recording),
  'coredns/corefile': (file, recording) => coredns(file, recording),
  nodelocal: (file, recording) => nodelocal(file, recording),
  recursor: (file, recording) => recursor(file, recording),
  path: (file, recording) => path(file, recording),
};
