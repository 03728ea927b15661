// An agent's client, made of the official SDK and nothing of ours. Takes commands as lines of JSON and answers each by a line; lines
// with 'told' in them come unasked. Usage: node agent.mjs URL KEY v1|v2
import { createInterface } from 'node:readline';

const [url, key, generation] = process.argv.slice(2);
const say = line => process.stdout.write(JSON.stringify(line) + '\n');

const { Client, StreamableHTTPClientTransport } = generation === 'v1'
    ? { ...await import('@modelcontextprotocol/sdk/client/index.js'), ...await import('@modelcontextprotocol/sdk/client/streamableHttp.js') }
    : await import('@modelcontextprotocol/client');

const changed = list => ({ debounceMs: 0, onChanged: (error, items) => say({ told: list, error: error?.message, names: items?.map(item => item.name) }) });
const client = new Client({ name: 'tests', version: '1' }, {
    listChanged: { tools: changed('tools'), prompts: changed('prompts'), resources: changed('resources') },
    ...(generation === 'v2' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {}),
});
client.onerror = () => {}; // What fails is answered where it was asked for.
let skills;

const commands = {
    connect: async () => {
        await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { 'Coder-Session-Token': key } } }));
        client.autoOpenedSubscription?.closed?.then(why => say({ told: 'closed', why }));
        return { server: client.getServerVersion(), capabilities: client.getServerCapabilities(), instructions: client.getInstructions() };
    },
    listTools: () => client.listTools(),
    callTool: parameters => client.callTool(parameters),
    listPrompts: () => client.listPrompts(),
    getPrompt: parameters => client.getPrompt(parameters),
    listResources: () => client.listResources(),
    listResourceTemplates: () => client.listResourceTemplates(),
    readResource: parameters => client.readResource(parameters),
    complete: parameters => client.complete(parameters),

    // The SDK's own side of the extension, which checks sizes, digests and frontmatter itself.
    listSkills: async () => (await skillsClient()).list(),
    readSkill: async ({ uri }) => {
        const { skill } = await (await skillsClient()).get(uri);
        const { text, verified, frontmatter } = await skills.read(skill);
        return { text, verified, frontmatter };
    },
};

async function skillsClient() {
    const { SkillsClient } = await import('@modelcontextprotocol/client/ext/skills');
    return skills ??= new SkillsClient(client);
}

for await (const line of createInterface({ input: process.stdin })) {
    const { command, parameters } = JSON.parse(line);
    try {
        say({ result: await commands[command](parameters) ?? {} });
    } catch (failure) {
        say({ failure: { code: failure.code ?? null, message: failure.message } });
    }
}

process.exit(0);
