// SPDX-License-Identifier: Apache-2.0
// The page in a real Chromium, by the WebDriver protocol: no library, no network but this machine's.
import {spawn} from 'node:child_process';
import {createReadStream, existsSync, statSync} from 'node:fs';
import {createServer} from 'node:http';
import {extname, join, normalize} from 'node:path';

const TYPES = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml'};
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

// A plain file server, as any that somebody may host the page with; ASKED notes every path.
export async function serve(root) {
    const asked = [];
    const server = createServer((request, response) => {
        const path = normalize(new URL(request.url, 'http://x').pathname), file = join(root, path === '/' ? 'index.html' : path);
        asked.push(path);
        if (!existsSync(file) || !statSync(file).isFile()) {
            response.writeHead(404).end();
            return;
        }
        response.writeHead(200, {'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-store'});
        createReadStream(file).pipe(response);
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return {url: `http://127.0.0.1:${server.address().port}/`, asked, close: () => server.close()};
}

export class Browser {
    // CAMERA: a Y4M file that it shows.
    static async start({width, height, language = 'en-US', camera}) {
        const out = new Browser(), port = 20000 + process.pid % 20000;
        out.driver = spawn('chromedriver', [`--port=${port}`], {stdio: ['ignore', 'pipe', 'inherit']});
        await new Promise((resolve, reject) => {
            out.driver.on('error', reject);
            out.driver.on('exit', () => reject(new Error('chromedriver ended')));
            out.driver.stdout.on('data', (text) => String(text).includes('successfully') && resolve());
        });
        out.base = `http://127.0.0.1:${port}`;
        const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', `--lang=${language}`,
            ...(camera ? ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`] : []),
            `--window-size=${width},${height}`, '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'];
        const {sessionId} = await out.call('POST', '/session', {capabilities: {alwaysMatch: {browserName: 'chrome', 'goog:loggingPrefs': {browser: 'ALL'},
            'goog:chromeOptions': {args, prefs: {'intl.accept_languages': language}}}}});
        out.base += `/session/${sessionId}`;
        // Smaller than a window may be, as phones are.
        await out.cdp('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 2, mobile: width < 600});
        return out;
    }

    async call(method, path, body) {
        const response = await fetch(this.base + path, {method, body: body && JSON.stringify(body)});
        const {value} = await response.json();
        if (value?.error)
            throw new Error(`${value.error}: ${value.message}`);
        return value;
    }

    cdp(cmd, params) {
        return this.call('POST', '/goog/cdp/execute', {cmd, params});
    }

    open(url) {
        return this.call('POST', '/url', {url});
    }

    run(script, ...args) {
        return this.call('POST', '/execute/sync', {script, args});
    }

    async element(selector) {
        return (await this.call('POST', '/element', {using: 'css selector', value: selector}))[ELEMENT];
    }

    async type(selector, text) {
        return this.call('POST', `/element/${await this.element(selector)}/value`, {text});
    }

    async click(selector) {
        return this.call('POST', `/element/${await this.element(selector)}/click`, {});
    }

    // Until SCRIPT (a function's body) gives something; its value.
    async until(script, what) {
        for (const end = Date.now() + 15000; Date.now() < end;) {
            const value = await this.run(script).catch(() => null);
            if (value)
                return value;
            await new Promise((resolve) => { setTimeout(resolve, 50); });
        }
        throw new Error(`never: ${what}`);
    }

    log() {
        return this.call('POST', '/se/log', {type: 'browser'});
    }

    async screenshot(whole = true) {
        const {data} = await this.cdp('Page.captureScreenshot', {format: 'png', captureBeyondViewport: whole});
        return Buffer.from(data, 'base64');
    }

    async end() {
        await this.call('DELETE', '').catch(() => {});
        this.driver.removeAllListeners('exit');
        this.driver.kill();
    }
}
