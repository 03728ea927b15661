// Runs scenarios of the protocol's own conformance suite against a server, one after another, and says how each went. The suite
// presents no key, so it speaks to the server through a door of ours that adds one and changes nothing else.
// Usage: node conformance.mjs URL KEY PORT SCENARIO…
import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';

const [url, key, port, ...scenarios] = process.argv.slice(2);
const target = new URL(url);
const door = createServer((incoming, outgoing) => {
    const forwarded = request(target, { method: incoming.method, headers: { ...incoming.headers, 'coder-session-token': key } }, answer => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
});
await new Promise(listening => door.listen(Number(port), listening));

const suite = fileURLToPath(new URL('node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url));
const old = fileURLToPath(new URL('node18.cjs', import.meta.url));
for (const scenario of scenarios) {
    const run = spawn(process.execPath, ['-r', old, suite, 'server', '--url', `http://localhost:${port}${target.pathname}`, '--scenario', scenario]);
    let said = '';
    run.stdout.on('data', text => said += text);
    run.stderr.on('data', text => said += text);
    const code = await new Promise(ended => run.on('close', ended));
    process.stdout.write(JSON.stringify({ scenario, passed: code === 0, said }) + '\n');
}

process.exit(0);
