// Mode `ecs`: every record into the data stream of its type, under an id made of its bytes. So a record that is sent again, by
// this run or the next one, is found to be there already.

import { hash } from 'node:crypto';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { Batch } from '../../src/plugin/index.ts';
import type { Bulk } from './bulk.ts';
import { requestError } from './cluster.ts';
import type { DocumentMode, ModeParts, Readiness } from './document-mode.ts';
import { ecsTemplate } from './ecs-template.ts';
import { typePlaceholder } from './options.ts';

/** Base64url digits of 160 bits. */
const idBytes = 27;
const idDigest = 'sha1';
const afterId = '"}}\n';
const newline = 10;

export class EcsMode implements DocumentMode {
  readonly #parts: ModeParts;
  /** Action line up to the id, by record type. */
  readonly #heads = new Map<string, string>();

  constructor(parts: ModeParts) {
    this.#parts = parts;
  }

  async prepare(): Promise<Readiness> {
    const { cluster, options, context } = this.#parts;
    const reply = await cluster.request({ method: 'GET', path: `/_index_template/${options.template}` });
    if (reply.status === 0 || reply.status === 429 || reply.status >= 500) return { ready: false, reason: reply.reason };
    if (reply.status === 404) {
      throw new SensorError(errorCodes.output, `the cluster has no index template ${options.template}`, {
        hint: 'ringtap setup elasticsearch -c FILE makes it',
      });
    }
    if (reply.status === 403) {
      context.log.info(`whether there is an index template ${options.template} cannot be seen: ${reply.reason}`);
      return { ready: true };
    }
    if (reply.status !== 200) throw requestError('index template', reply);
    const { index_templates: templates } = reply.body as TemplateReply;
    const made = templates?.[0]?.index_template?._meta?.fields;
    if (context.sensor !== undefined && made !== ecsTemplate(context.sensor.fields, options, '')._meta.fields)
      context.log.warn(`index template ${options.template} is of another version; ringtap setup elasticsearch renews it`);
    return { ready: true };
  }

  async before(): Promise<void> {}

  add(batch: Batch, index: number, bulk: Bulk): boolean {
    const type = batch.type(index);
    const record = batch.record(index);
    if (record.indexOf(newline) !== record.length - 1) return false;
    const head = this.#headOf(type);
    bulk.add(head.length + idBytes + afterId.length, record.length);
    const { memory, actionAt, documentAt } = bulk;
    record.copy(memory, documentAt);
    const id = hash(idDigest, memory.subarray(documentAt, documentAt + record.length), 'base64url');
    memory.write(head + id + afterId, actionAt, 'latin1');
    return true;
  }

  #headOf(type: string): string {
    let head = this.#heads.get(type);
    if (head === undefined) {
      const index = this.#parts.options.data_stream.replaceAll(typePlaceholder, type);
      head = `{"create":{"_index":${JSON.stringify(index)},"_id":"`;
      this.#heads.set(type, head);
    }
    return head;
  }
}

interface TemplateReply {
  readonly index_templates?: readonly { readonly index_template?: { readonly _meta?: { readonly fields?: string } } }[];
}
