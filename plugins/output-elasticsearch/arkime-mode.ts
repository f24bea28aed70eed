// Mode `arkime`: sessions into Arkime's own indices, with the documents that its viewer needs beside them (fields, files, sequence,
// stats, dstats). The indices themselves are Arkime's to make: `db.pl init`.

import { dirname } from 'node:path';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { Batch } from '../../src/plugin/index.ts';
import { arkimeFieldDocuments } from './arkime-fields.ts';
import { addFile, type FileRecord } from './arkime-files.ts';
import { ArkimeStats, type StatsRecord } from './arkime-stats.ts';
import { Bulk } from './bulk.ts';
import type { Outcome } from './bulk-sender.ts';
import { requestError } from './cluster.ts';
import type { DocumentMode, ModeParts, Readiness } from './document-mode.ts';
import { arkimePrefix } from './options.ts';

/** Of the session template; older ones lack fields that documents have. */
const leastVersion = 83;

/** What the encoder writes before the name of the index. */
const actionHead = Buffer.from('{"index":{"_index":"');
const newline = 10;

export class ArkimeMode implements DocumentMode {
  readonly #parts: ModeParts;
  readonly #prefix: string;
  /** `actionHead` with the prefix behind it. */
  readonly #head: Buffer;
  readonly #stats: ArkimeStats;

  constructor(parts: ModeParts) {
    this.#parts = parts;
    this.#prefix = arkimePrefix(parts.options);
    this.#head = Buffer.concat([actionHead, Buffer.from(this.#prefix)]);
    this.#stats = new ArkimeStats(this.#prefix, parts);
  }

  async prepare(): Promise<Readiness> {
    const reason = (await this.#checkTemplate()) ?? (await this.#checkIndices());
    if (reason !== undefined) return { ready: false, reason };
    try {
      await this.#defineFields();
      await this.#stats.begin();
    } catch (error) {
      return { ready: false, reason: (error as Error).message };
    }
    return { ready: true };
  }

  /** The template in either of its two forms, which differ in where they keep the mappings. Returns why there was no answer. */
  async #checkTemplate(): Promise<string | undefined> {
    const name = `${this.#prefix}sessions3_template`;
    for (const kind of ['_template', '_index_template']) {
      const reply = await this.#parts.cluster.request({ method: 'GET', path: `/${kind}/${name}` });
      if (isAway(reply.status)) return reply.reason;
      if (reply.status === 404) continue;
      if (reply.status !== 200) throw requestError(`template ${name}`, reply);
      const version = databaseVersion(reply.body);
      if (version >= leastVersion) return undefined;
      throw new SensorError(errorCodes.output, `Arkime's indices are of version ${version}; at least ${leastVersion} is needed`, {
        hint: `run Arkime's db.pl ${this.#parts.options.nodes[0]} upgrade`,
      });
    }
    throw this.#notInitialised(`there is no template ${name}`);
  }

  async #checkIndices(): Promise<string | undefined> {
    const names = ['sequence', 'files', 'stats', 'dstats', 'fields'].map((name) => this.#prefix + name);
    const reply = await this.#parts.cluster.request({ method: 'GET', path: `/${names.join(',')}/_count` });
    if (isAway(reply.status)) return reply.reason;
    if (reply.status === 404) throw this.#notInitialised(reply.reason);
    if (reply.status !== 200) throw requestError(names.join(', '), reply);
    return undefined;
  }

  #notInitialised(why: string): SensorError {
    return new SensorError(errorCodes.output, `the cluster is not prepared for Arkime: ${why}`, {
      hint: `run Arkime's db.pl ${this.#parts.options.nodes[0]} init first, with the same prefix ("${this.#prefix}")`,
    });
  }

  /** Adds the definitions that are not there; those that are stay, as people may have renamed fields in them. */
  async #defineFields(): Promise<void> {
    const { sender, context } = this.#parts;
    const bulk = new Bulk();
    for (const [expression, document] of arkimeFieldDocuments(context.sensor?.noted ?? []))
      bulk.addJson({ create: { _index: `${this.#prefix}fields`, _id: expression } }, document);
    const outcome: Outcome = { indexed: 0, existing: 0, refused: [] };
    await sender.send(bulk, outcome);
    if (outcome.indexed > 0) context.log.info(`${outcome.indexed} fields were new to Arkime`);
    for (const { reason, action } of outcome.refused.slice(0, 1)) context.log.warn(`field definition ${action}: ${reason}`);
  }

  /** Files are there before the sessions that point into them; so Arkime has it, and its viewer relies on it. */
  async before(batch: Batch, outcome: Outcome): Promise<void> {
    const files = new Bulk();
    const sequence = new Bulk();
    const stats = new Bulk();
    for (let index = 0; index < batch.count; index++) {
      const type = batch.type(index);
      if (type === 'file') {
        const record = JSON.parse(batch.record(index).toString()) as FileRecord;
        if (record.pcap?.state === 'open') await this.#lookForOther(record);
        addFile(files, sequence, this.#prefix, record);
        if (record.file?.path !== undefined) this.#stats.capturesIn(dirname(record.file.path));
      } else if (type === 'stats') await this.#stats.add(stats, JSON.parse(batch.record(index).toString()) as StatsRecord);
    }
    // Not a document of the batch: that the cluster is further already is what is hoped for.
    if (sequence.count > 0) await this.#parts.sender.send(sequence, { indexed: 0, existing: 0, refused: [] });
    if (files.count > 0) await this.#parts.sender.send(files, outcome, { refresh: 'true' });
    if (stats.count === 0) return;
    // A figure of the moment that could not be written is worth nothing later.
    const own: Outcome = { indexed: 0, existing: 0, refused: [] };
    try {
      await this.#parts.sender.send(stats, own);
      this.#stats.sent(own);
    } catch (error) {
      this.#parts.context.log.debug(`stats: ${(error as Error).message}`);
    }
  }

  /** Numbers of files are the sensor's own; an Arkime capture of the same name may have had this one. */
  async #lookForOther({ file, pcap }: FileRecord): Promise<void> {
    const { cluster, context } = this.#parts;
    const path = `/${this.#prefix}files/_doc/${encodeURIComponent(`${pcap?.node}-${pcap?.num}`)}`;
    const { status, body } = await cluster.request({ method: 'GET', path });
    const other = status === 200 ? (body as { _source?: { name?: string } })._source?.name : undefined;
    if (other === undefined || other === file?.path) return;
    context.log.warn(
      `capture file ${pcap?.num} of ${pcap?.node} was ${other} and is ${file?.path} now; give this sensor a name of its own (arkime.node)`,
    );
  }

  add(batch: Batch, index: number, bulk: Bulk): boolean {
    const type = batch.type(index);
    if (type === 'file' || type === 'stats') return true;
    const record = batch.record(index);
    const actionEnd = record.indexOf(newline) + 1;
    if (actionEnd === 0 || actionEnd === record.length || !startsWith(record, actionHead)) return false;
    bulk.add(actionEnd + this.#head.length - actionHead.length, record.length - actionEnd);
    const { memory, actionAt, documentAt } = bulk;
    this.#head.copy(memory, actionAt);
    record.copy(memory, actionAt + this.#head.length, actionHead.length, actionEnd);
    record.copy(memory, documentAt, actionEnd);
    return true;
  }
}

function isAway(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function startsWith(bytes: Buffer, head: Buffer): boolean {
  return bytes.length > head.length && bytes.compare(head, 0, head.length, 0, head.length) === 0;
}

/** `molochDbVersion` of the mappings, in whatever form the template comes; 0: not said. */
function databaseVersion(body: unknown): number {
  if (typeof body !== 'object' || body === null) return 0;
  const { molochDbVersion: version } = body as { molochDbVersion?: unknown };
  if (version !== undefined) return Number(version) || 0;
  return Math.max(0, ...Object.values(body).map(databaseVersion));
}
