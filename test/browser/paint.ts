/** Milliseconds from the begin of loading to the first thing seen. Runs in the page. */
export function firstPaint(): Promise<number> {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      const [entry] = list.getEntriesByName('first-contentful-paint');
      if (entry !== undefined) resolve(entry.startTime);
    });
    observer.observe({ type: 'paint', buffered: true });
  });
}
