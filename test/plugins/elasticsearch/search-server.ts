// A real Elasticsearch or OpenSearch on loopback: its distribution comes from Maven Central into a folder that later runs use again, it
// runs as a user of its own with a small heap, and it can be killed as a power cut would. Where that cannot be had, `server`
// says why, for a test to skip with.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type Engine = 'elasticsearch' | 'opensearch';

interface Distribution {
  readonly group: string;
  readonly version: string;
  readonly environment: (folder: string, java: string) => Record<string, string>;
}

/** The distributions that plugin authors test with: the server and what it cannot do without. */
const distributions: Readonly<Record<Engine, Distribution>> = {
  elasticsearch: {
    group: 'org.elasticsearch.distribution.integ-test-zip',
    version: '8.19.0',
    environment: (folder, java) => ({
      ES_PATH_CONF: join(folder, 'config'),
      ES_JAVA_HOME: java,
      ES_JAVA_OPTS: heap,
      ES_TMPDIR: join(folder, 'tmp'),
      LIBFFI_TMPDIR: join(folder, 'tmp'),
    }),
  },
  opensearch: {
    group: 'org.opensearch.distribution.integ-test-zip',
    version: '2.19.0',
    environment: (folder, java) => ({
      OPENSEARCH_PATH_CONF: join(folder, 'config'),
      OPENSEARCH_JAVA_HOME: java,
      OPENSEARCH_JAVA_OPTS: heap,
      OPENSEARCH_TMPDIR: join(folder, 'tmp'),
    }),
  },
};

/** What is particular to one server: settings, and files beside its config. */
export interface ServerExtras {
  readonly settings: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Header of the test's own requests. */
  readonly authorization: string;
}

const heap = '-Xms384m -Xmx384m';
/** Beside the temporary folders of single runs; the unpacked distributions in it take some 300 MB. */
const cache = '/var/tmp/ringtap-test-servers';
const downloadMs = 240_000;
const startMs = 120_000;
/** The servers refuse to run as root. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;

/** The folder of a distribution, or why it cannot be had. */
function distribution(engine: Engine): { readonly folder: string } | { readonly lack: string } {
  const { group, version } = distributions[engine];
  const folder = join(cache, `${engine}-${version}`);
  if (existsSync(folder)) return { folder };
  try {
    mkdirSync(cache, { recursive: true });
    const unpacked = mkdtempSync(join(cache, 'unpacking-'));
    const repository = join(unpacked, 'maven');
    const artifact = `${group}:${engine}:${version}:zip`;
    const get = [
      '-q',
      '-B',
      `-Dmaven.repo.local=${repository}`,
      'dependency:get',
      `-Dartifact=${artifact}`,
      '-Dtransitive=false',
    ];
    execFileSync('mvn', get, { timeout: downloadMs, stdio: 'pipe' });
    const zip = join(repository, ...group.split('.'), engine, version, `${engine}-${version}.zip`);
    execFileSync('jar', ['xf', zip], { cwd: unpacked, timeout: 60_000, stdio: 'pipe' });
    rmSync(repository, { recursive: true });
    execFileSync('chmod', ['-R', 'a+rX', unpacked]);
    renameSync(join(unpacked, `${engine}-${version}`), folder);
    rmSync(unpacked, { recursive: true });
    return { folder };
  } catch (error) {
    return { lack: `${engine} ${version} cannot be had from Maven Central: ${(error as Error).message.split('\n')[0]}` };
  }
}

function javaHome(): string | undefined {
  try {
    const java = execFileSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' }).trim();
    return dirname(dirname(realpathSync(java)));
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export class SearchServer {
  readonly url: string;
  readonly #authorization: string;
  readonly #folder: string;
  readonly #home: string;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;

  private constructor(authorization: string, url: string, folder: string, home: string, environment: Record<string, string>) {
    this.#authorization = authorization;
    this.url = url;
    this.#folder = folder;
    this.#home = home;
    this.#environment = environment;
  }

  /** A running server with an empty folder of data, or why there is none. */
  static async start(engine: Engine, extras: ServerExtras = open(engine)): Promise<SearchServer | string> {
    const java = javaHome();
    if (java === undefined) return 'there is no java';
    const found = distribution(engine);
    if ('lack' in found) return found.lack;
    const folder = mkdtempSync(join(cache, 'run-'));
    const conf = join(folder, 'config');
    cpSync(join(found.folder, 'config'), conf, { recursive: true });
    // Its paths lead into the distribution, which belongs to somebody else.
    const options = readFileSync(join(conf, 'jvm.options'), 'utf8').split('\n');
    writeFileSync(join(conf, 'jvm.options'), options.filter((line) => !/logs\/|HeapDumpPath/.test(line)).join('\n'));
    const port = await freePort();
    const settings = [
      'cluster.name: ringtap-test',
      'node.name: test',
      `path.data: ${join(folder, 'data')}`,
      `path.logs: ${join(folder, 'logs')}`,
      'network.host: 127.0.0.1',
      `http.port: ${port}`,
      `transport.port: ${await freePort()}`,
      'discovery.type: single-node',
      // A full disk of the machine is not what is tested.
      'cluster.routing.allocation.disk.threshold_enabled: false',
      ...extras.settings,
    ];
    writeFileSync(join(conf, `${engine}.yml`), `${settings.join('\n')}\n`);
    for (const [name, text] of Object.entries(extras.files)) writeFileSync(join(conf, name), text);
    mkdirSync(join(folder, 'tmp'));
    if (isRoot) ownAll(folder);
    const scheme = extras.settings.some((line) => line.startsWith('xpack.security.http.ssl.key:')) ? 'https' : 'http';
    const server = new SearchServer(
      extras.authorization,
      `${scheme}://127.0.0.1:${port}`,
      folder,
      found.folder,
      distributions[engine].environment(folder, java),
    );
    const lack = await server.run(engine);
    if (lack === undefined) return server;
    server.remove();
    return lack;
  }

  /** Starts it, with the data that it has. Returns why it did not come up. */
  async run(engine: Engine): Promise<string | undefined> {
    let output = '';
    const user = isRoot ? { uid: nobody, gid: nobody } : {};
    // A group of its own: the launcher and the server itself die together.
    const child = spawn('bash', [join(this.#home, 'bin', engine)], {
      ...user,
      detached: true,
      cwd: this.#folder,
      env: { PATH: process.env.PATH, HOME: this.#folder, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output = (output + text).slice(-2000);
      });
    this.#child = child;
    for (const deadline = Date.now() + startMs; Date.now() < deadline; await pause(250)) {
      if (child.exitCode !== null) return `${engine} ended at once: ${output}`;
      const healthy = await this.#request('GET', '/_cluster/health?wait_for_status=yellow&timeout=1s').then(
        ({ status }) => status === 200,
        () => false,
      );
      if (healthy) return undefined;
    }
    this.kill();
    return `${engine} did not come up in ${startMs / 1000} s: ${output}`;
  }

  /** `kill -9` of all of it. */
  kill(): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    this.#child = undefined;
  }

  remove(): void {
    this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** A request of the test's own; the answer as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are documents whose members the tests name.
  async ask(method: string, path: string, body?: object): Promise<any> {
    return JSON.parse((await this.#request(method, path, body)).text);
  }

  #request(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly text: string }> {
    const headers = { 'content-type': 'application/json', ...(this.#authorization && { authorization: this.#authorization }) };
    const request = this.url.startsWith('https:') ? secureRequest : plainRequest;
    return new Promise((resolve, reject) => {
      // Whether the certificate is believed is what the sensor is tested for, not this.
      const asked = request(this.url + path, { method, headers, rejectUnauthorized: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Documents that have been written to an index since it started, whether they can be found yet or not. */
  async written(index: string): Promise<number> {
    return (await this.ask('GET', `/${index}/_stats/indexing`))._all?.primaries?.indexing?.index_total ?? 0;
  }

  /** Documents of indices, all that were taken; 0 when there are no such indices. */
  async count(indices: string): Promise<number> {
    await this.#request('POST', `/${indices}/_refresh?ignore_unavailable=true`);
    return (await this.ask('GET', `/${indices}/_count?ignore_unavailable=true`)).count ?? 0;
  }
}

function ownAll(path: string): void {
  chownSync(path, nobody, nobody);
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true }))
    chownSync(join(entry.parentPath, entry.name), nobody, nobody);
}

function open(engine: Engine): ServerExtras {
  return { settings: engine === 'elasticsearch' ? ['xpack.security.enabled: false'] : [], files: {}, authorization: '' };
}

/**
 * Elasticsearch with TLS and two users, `admin` with all rights and `sensor` with those of `rights`, a role as in roles.yml. `tls`: texts
 * of the certificate chain and its key.
 */
export function secured(tls: { readonly cert: string; readonly key: string }, password: string, rights: object): ServerExtras {
  const salt = randomBytes(32);
  const rounds = 10_000;
  const digest = pbkdf2Sync(password, salt, rounds, 32, 'sha512');
  const stored = `{PBKDF2}${rounds}$${salt.toString('base64')}$${digest.toString('base64')}`;
  return {
    settings: [
      'xpack.security.enabled: true',
      'xpack.security.http.ssl.enabled: true',
      'xpack.security.http.ssl.key: node.key',
      'xpack.security.http.ssl.certificate: chain.pem',
      // One node has nobody to talk to in private.
      'xpack.security.transport.ssl.enabled: false',
    ],
    files: {
      'node.key': tls.key,
      'chain.pem': tls.cert,
      users: `admin:${stored}\nsensor:${stored}\n`,
      users_roles: 'superuser:admin\nringtap:sensor\n',
      // JSON is YAML.
      'roles.yml': JSON.stringify({ ringtap: rights }),
    },
    authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
  };
}
