import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const path = process.env.CHROMIUM ?? places.find((place) => existsSync(place));

/** A page from a file of its own, and what it did that it must not. */
export interface Opened {
  readonly page: Page;
  /** Messages on the console, errors, dialogs, and requests for anything but the file. */
  readonly complaints: string[];
}

/** A browser with nothing in it, that talks to nobody. */
export class Browser {
  readonly #directory = mkdtempSync(join(tmpdir(), 'dnspath-browser-'));
  #context: BrowserContext | undefined;
  #files = 0;

  async start(): Promise<void> {
    if (path === undefined) {
      throw new Error(
        'These tests need Chromium: apt-get install chromium, or CHROMIUM=/path/to/it npm run test:browser',
      );
    }
    this.#context = await chromium.launchPersistentContext(join(this.#directory, 'profile'), {
      executablePath: path,
      headless: true,
      viewport: { width: 1280, height: 900 },
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }

  /** Opens a text of HTML as a user does, from a file. */
  async open(html: string): Promise<Opened> {
    if (this.#context === undefined) throw new Error('the browser was not started');
    const file = join(this.#directory, `${this.#files++}.html`);
    writeFileSync(file, html);
    const page = await this.#context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== `file://${file}`) complaints.push(`request: ${request.url()}`);
    });
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`file://${file}`);
    return { page, complaints };
  }

  async stop(): Promise<void> {
    await this.#context?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
