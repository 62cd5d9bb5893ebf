import { expect, test } from 'vitest';
import { served } from '../../testing/served.ts';

// golden.json: autopath; the second of the path fails unwritten and is passed over.
test('walks the search path and leads to what was found by a CNAME', () => {
  const corefile = `. {
    autopath search.conf
    template IN A {
      match ^b\\.com\\.$
      answer "{{ .Name }} 3600 IN A 192.0.2.1"
      fallthrough
    }
    template IN A {
      match ^b\\.example\\.com\\.$
      rcode SERVFAIL
      fallthrough
    }
    template ANY ANY {
      rcode NXDOMAIN
    }
  }`;
  const { ask } = served(corefile, { files: { 'search.conf': 'search example.org example.com com\n' } });
  expect(ask('b.example.org.', 'A')).toMatchObject({
    rcode: 'NOERROR',
    answer: ['b.example.org. 3600 IN CNAME b.com.', 'b.com. 3600 IN A 192.0.2.1'],
  });
  expect(ask('c.example.org.', 'A')?.rcode).toBe('NXDOMAIN');
});
