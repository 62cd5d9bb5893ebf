import { describe, expect, it } from 'vitest';
import { ColumnStore } from '../../../../src/engine/columns.ts';
import { Recorder } from '../../../../src/engine/recorder.ts';
import { Simulation } from '../../../../src/engine/simulation.ts';
import { builtins } from './builtins.ts';
import { Interpreter } from './interpreter.ts';
import { modulesFor } from './modules.ts';
import { parseScript } from './parse.ts';
import { display, native, type Value } from './values.ts';

/** What a script says by `say(…)`. */
function said(script: string): string[] {
  const simulation = new Simulation('script', new Recorder(new ColumnStore()));
  const lines: string[] = [];
  const fail = (error: unknown) => {
    throw error;
  };
  const common = builtins();
  const say = (values: readonly Value[]) => {
    lines.push(values.map(display).join(' '));
    return null;
  };
  common.set('say', native('say', say));
  const calls = () => interpreter;
  const interpreter = new Interpreter(common, modulesFor({ simulation, kernel: '6.18', calls, failed: fail }));
  simulation.spawn(interpreter.run(parseScript(script)));
  simulation.run(1e9);
  return lines;
}

describe('what is read of Python', () => {
  it.each([
    ['say(7 // 2, -7 // 2, -7 % 3, 2 ** 3, 1 / 4, 0x10, 1 << 4)', '3 -4 2 8 0.25 16 16'],
    ['say(1 < 2 < 3, 1 in (1, 2), "b" not in "abc", None is None, not [])', 'True True False True True'],
    ['say("%d:%s %05.1f|%-4s|%r" % (7, "x", 2.25, "ab", "q"))', "7:x 002.3|ab  |'q'"],
    ["x = 3; say(f\"{x}-{x + 1:03d}-{1 / 3:.2f}-{{}}-{'a' + 'b'!r}\")", "3-004-0.33-{}-'ab'"],
    ['say([i * j for i in range(3) if i for j in (1, 10)], {k: v for k, v in (("a", 1),)})', "[1, 10, 2, 20] {'a': 1}"],
    ['a, (b, *c) = 1, (2, 3, 4); a += 1; say(a, b, c, [5, 6, 7][-1], "hello"[1:3])', '2 2 [3, 4] 7 el'],
    [
      'say(", ".join(x for x in ["b", "a"] if x), sorted((3, 1)), max(1, 2), min([4, 3]), sum(range(4)))',
      'b, a [1, 3] 2 3 6',
    ],
    ['say((lambda x, y=2, *z, **k: (x, y, z, k))(1, 5, 6, q=7))', "(1, 5, (6,), {'q': 7})"],
    [
      'say(len({1, 2} | {2, 3}), {"a": 1}.get("b", 9), dict(a=1), list(enumerate("ab", 1)))',
      "3 9 {'a': 1} [(1, 'a'), (2, 'b')]",
    ],
  ])('%s', (script, expected) => {
    expect(said(script)).toEqual([expected]);
  });

  it('functions, classes and names of other scopes', () => {
    const script = `
total = 0
class Base:
    kind = "base"
    def __init__(self, n): self.n = n
    def twice(self): return self.n * 2
class Child(Base):
    def twice(self):
        return "child %d" % self.n
def outer():
    count = 0
    def inner():
        nonlocal count
        global total
        count += 1; total += 10
        return count
    inner(); return inner()
say(Base(4).twice(), Child(5).twice(), Child.kind, outer(), total)
`;
    expect(said(script)).toEqual(['8 child 5 base 2 20']);
  });

  it('exceptions, and what is done in any case', () => {
    const script = `
def check(n):
    try:
        if n == 0: raise ValueError("none")
        if n == 1: return {}["k"]
        return "fine"
    except (KeyError, IndexError) as e: return "lookup"
    except ValueError as e: return "value %s" % e
    finally: say("done", n)
for n in range(3): say(check(n))
`;
    expect(said(script)).toEqual(['done 0', 'value none', 'done 1', 'lookup', 'done 2', 'fine']);
  });

  it('octets as struct has them', () => {
    const script =
      'import struct\nb = struct.pack(">HB2s" if False else ">HBx", 258, 3)\nsay(len(b), struct.unpack(">HH", b), b + b"\\x01")';
    expect(said(script)).toEqual(["4 (258, 768) b'\x01\x02\x03\x00\x01'"]);
  });

  it('threads run while others sleep', () => {
    const script = `
import threading, time
begin = time.time()
def work(name, span):
    for i in range(2): time.sleep(span); say(name, round(time.time() - begin, 3))
th = threading.Thread(target=work, args=("a", 0.3)); th.start()
work("b", 0.2); th.join(); say("end", round(time.time() - begin, 1))
`;
    expect(said(script)).toEqual(['b 0.2', 'a 0.3', 'b 0.4', 'a 0.6', 'end 0.6']);
  });

  it.each([
    ['import os\nos.fork()', 'line 2: .fork of module os'],
    ['say(unknown)', 'line 1: unknown'],
    ['while True: pass', 'line 1: a loop without end'],
    ['yield 3', 'line 1: not understood: 3'],
    ['x = "%d" % "a"', "%d of 'a'"],
  ])('what is not understood is named: %s', (script, message) => {
    expect(() => said(script)).toThrow(message);
  });
});
