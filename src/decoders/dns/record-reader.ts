// Reads the record sections of an opened message into a transaction: answers as text, EDNS, addresses. Called by the
// decoder, one instance a thread. Sections that nobody wants to see are only walked, to find OPT and what is wrong.

import type { Anomaly } from '../../record/index.ts';
import { anomalies } from './anomalies.ts';
import { className, RrType, typeName } from './code-points.ts';
import { headerBytes, writeName } from './domain-name.ts';
import type { Edns } from './edns.ts';
import { type MessageReader, Reading } from './message-reader.ts';
import type { DnsOptions } from './options.ts';
import { writeData } from './resource-data.ts';
import { TextWriter } from './text-writer.ts';
import type { Question, ResourceRecord, Transaction } from './transaction.ts';

/** Questions shown of a message that has several. */
const questionsMax = 16;
/** A name in text form; see MessageReader. */
const nameCharactersMax = 1024;

/** The anomaly of a fault that MessageReader answered. */
export function anomalyOf(fault: number): Anomaly {
  if (fault === Reading.bad) return anomalies.bad_name;
  if (fault === Reading.loop) return anomalies.pointer_loop;
  return fault === Reading.shortHeader ? anomalies.short_header : anomalies.truncated_message;
}

export class RecordReader {
  readonly #message: MessageReader;
  readonly #name: TextWriter;
  readonly #data: TextWriter;
  /** Type of the last answer of the message just read. */
  lastAnswerType: number;
  /** The message ended before its last record did. */
  isCut: boolean;
  /** The first thing that was wrong; undefined when nothing was. */
  fault: Anomaly | undefined;

  constructor(message: MessageReader) {
    this.#message = message;
    this.#name = new TextWriter(nameCharactersMax);
    this.#data = new TextWriter(16384);
    this.lastAnswerType = 0;
    this.isCut = false;
    this.fault = undefined;
  }

  /** Walks all sections of a query, for its EDNS and its soundness. */
  readQuery(bytes: Buffer, edns: Edns): void {
    const message = this.#message;
    this.#start();
    const ok =
      this.#skipSection(bytes, message.answerCount) &&
      this.#skipSection(bytes, message.authorityCount) &&
      this.#additional(bytes, undefined, edns, undefined);
    if (ok) this.#finish();
  }

  /** Reads the sections of a response into `t`; its question must be in `t` already. */
  readResponse(bytes: Buffer, t: Transaction, options: DnsOptions): void {
    const message = this.#message;
    this.#start();
    t.answersCount += message.answerCount;
    t.authoritiesCount += message.authorityCount;
    t.additionalsCount += message.additionalCount;
    let ok = true;
    for (let index = 0; index < message.answerCount && ok; index++) {
      ok = this.#next(bytes);
      if (!ok) break;
      this.lastAnswerType = message.type;
      if (t.answers !== undefined && t.answers.length >= options.max_records) continue;
      const record = this.#record(bytes, t, options);
      if (record === undefined) continue;
      if (t.answers === undefined) t.answers = [record];
      else t.answers.push(record);
      if (
        (message.type === RrType.a || message.type === RrType.aaaa) &&
        message.dataEnd - message.dataAt === (message.type === RrType.a ? 4 : 16)
      ) {
        if (t.resolvedIps === undefined) t.resolvedIps = [record.data];
        else if (!t.resolvedIps.includes(record.data)) t.resolvedIps.push(record.data);
      }
    }
    if (ok && options.authorities) {
      for (let index = 0; index < message.authorityCount && ok; index++) {
        ok = this.#next(bytes);
        if (!ok || (t.authorities !== undefined && t.authorities.length >= options.max_records)) continue;
        const record = this.#record(bytes, t, options);
        if (record === undefined) continue;
        if (t.authorities === undefined) t.authorities = [record];
        else t.authorities.push(record);
      }
    } else if (ok) ok = this.#skipSection(bytes, message.authorityCount);
    if (ok && this.#additional(bytes, t, t.responseEdns, options)) this.#finish();
  }

  /** All questions of the opened message, when there are several. */
  questions(bytes: Buffer): Question[] | undefined {
    const message = this.#message;
    if (message.questionCount < 2) return undefined;
    const list: Question[] = [];
    let at = message.start + headerBytes;
    for (let index = 0; index < message.questionCount && index < questionsMax; index++) {
      const text = this.#name;
      text.begin(nameCharactersMax);
      at = writeName(text, bytes, message.start, at, message.end);
      if (at < 0) {
        this.fault = anomalyOf(at);
        break;
      }
      const type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      const rrClass = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
      list.push({ name: text.toString(), type: typeName(type), class: className(rrClass & 0x7fff) });
      at += 4;
    }
    return list;
  }

  #start(): void {
    this.lastAnswerType = 0;
    this.isCut = false;
    this.fault = undefined;
  }

  #finish(): void {
    if (this.#message.bytesLeft > 0) this.fault ??= anomalies.trailing_bytes;
  }

  #next(bytes: Buffer): boolean {
    const reading = this.#message.next(bytes);
    if (reading === Reading.ok) return true;
    if (reading === Reading.end) {
      this.isCut = true;
      this.fault ??= anomalies.bad_count;
    } else {
      this.isCut = reading === Reading.cut;
      this.fault ??= anomalyOf(reading);
    }
    return false;
  }

  #skipSection(bytes: Buffer, count: number): boolean {
    for (let index = 0; index < count; index++) if (!this.#next(bytes)) return false;
    return true;
  }

  #additional(bytes: Buffer, t: Transaction | undefined, edns: Edns, options: DnsOptions | undefined): boolean {
    const message = this.#message;
    for (let index = 0; index < message.additionalCount; index++) {
      if (!this.#next(bytes)) return false;
      if (message.type === RrType.opt) {
        if (edns.present) this.fault ??= anomalies.bad_edns;
        else if (!edns.read(this.#data, message.rawClass, message.ttl, bytes, message.dataAt, message.dataEnd))
          this.fault ??= anomalies.bad_edns;
      } else if (t !== undefined && options?.additionals === true && (t.additionals?.length ?? 0) < options.max_records) {
        const record = this.#record(bytes, t, options);
        if (record === undefined) continue;
        if (t.additionals === undefined) t.additionals = [record];
        else t.additionals.push(record);
      }
    }
    return true;
  }

  /** The record under the cursor; undefined when its name is bad. */
  #record(bytes: Buffer, t: Transaction, options: DnsOptions): ResourceRecord | undefined {
    const message = this.#message;
    const name = this.#ownerName(bytes, t);
    if (name === undefined) return undefined;
    const text = this.#data;
    text.begin(options.max_data_chars);
    if (!writeData(text, message.type, bytes, message.start, message.dataAt, message.dataEnd))
      this.fault ??= anomalies.bad_record_data;
    const data = text.cut ? `${text.toString()}...` : text.toString();
    const type = typeName(message.type);
    if (t.variant !== 'mdns') return { name, type, class: className(message.rawClass), ttl: message.ttl, data };
    const rrClass = className(message.rawClass & 0x7fff);
    if (message.rawClass < 0x8000) return { name, type, class: rrClass, ttl: message.ttl, data };
    return { name, type, class: rrClass, ttl: message.ttl, data, cache_flush: true };
  }

  #ownerName(bytes: Buffer, t: Transaction): string | undefined {
    const message = this.#message;
    const at = message.ownerAt;
    // Most owners are a pointer to the question's name, whose text is at hand.
    if (bytes[at] === 0xc0 && bytes[at + 1] === headerBytes && message.questionCount > 0) return t.questionName;
    const text = this.#name;
    text.begin(nameCharactersMax);
    const end = writeName(text, bytes, message.start, at, message.end);
    if (end < 0) {
      this.fault ??= anomalyOf(end);
      return undefined;
    }
    return text.toString();
  }
}
