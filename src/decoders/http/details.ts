// What Arkime's document says of HTTP beyond the transactions: fields by session, from each message as it is read. The decoder has one
// only when somebody wants that document (`context.details`). Its rules are those of Arkime's parser, which stops at what it cannot
// read: a request line with a method or a form that it does not know ends the reading of that direction.

import { hostField, tagsField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import * as fields from './arkime-fields.ts';
import { noteAuthorization } from './authorization.ts';
import { BodyDigest } from './body-digest.ts';
import { noteForwardedFor, noteHeader } from './header-notes.ts';
import type { HttpSettings } from './options.ts';
import { protocolOfPath } from './path-protocols.ts';
import { noteCookies, noteQuery } from './query.ts';

/** Longest URI in the document, in characters. */
const mostUriLength = 4096;

/** What of a message's head waits for its end. */
class Head {
  target: string | undefined = undefined;
  method = '';
  version = '';
  status = 0;
  host: string | undefined = undefined;
  cookies = '';
  authorization = '';
  proxyAuthorization = '';
  upgrade = false;
  /** Nothing more of this direction is read. */
  dead = false;
}

export class HttpDetails {
  readonly #context: DecoderContext;
  readonly #settings: HttpSettings;
  readonly #heads = [new Head(), new Head()] as const;
  readonly #bodies: readonly [BodyDigest, BodyDigest];
  /** The direction whose headers are those of requests: the first sender's, until a request is seen. */
  #requestSide: 0 | 1 = 0;
  #side: 0 | 1 = 0;
  /** Method of a request to upgrade, counted unless the server agrees. */
  #upgrading = '';

  constructor(context: DecoderContext, settings: HttpSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#bodies = [new BodyDigest(context, settings.body), new BodyDigest(context, settings.body)];
  }

  /** What follows is of this direction. */
  turnTo(side: 0 | 1): void {
    this.#side = side;
  }

  startRequest(method: string, bytes: Buffer, from: number, to: number, minorVersion: number): void {
    const head = this.#begin();
    if (head.dead) return;
    if (method === 'RPC_IN_DATA' || method === 'RPC_OUT_DATA' || method === 'RPC_CONNECT') {
      this.#context.protocol('rpc-over-http');
    }
    if (!fields.methodCountFields.has(method)) {
      head.dead = true;
      return;
    }
    let end = from;
    while (end < to && (bytes[end] as number) !== 0x20) end++;
    this.#requestSide = this.#side;
    head.target = textOf(bytes, from, end);
    head.method = method;
    head.version = `1.${minorVersion}`;
    if (end < to) this.#abandon(head);
  }

  startResponse(status: number, minorVersion: number): void {
    const head = this.#begin();
    head.status = status;
    head.version = `1.${minorVersion}`;
  }

  header(bytes: Buffer, nameFrom: number, nameTo: number, valueFrom: number, valueTo: number): void {
    const head = this.#heads[this.#side];
    if (head.dead) return;
    const isRequest = this.#side === this.#requestSide;
    const name = textOf(bytes, nameFrom, nameTo).toLowerCase();
    let value = textOf(bytes, valueFrom, valueTo);
    if (value.endsWith('\r')) value = value.slice(0, -1);
    value = value.replace(/^[ \t]+|[ \t]+$/g, '');
    noteHeader(this.#context, this.#settings, isRequest, name, value);
    if (!isRequest) return;
    switch (name) {
      case 'host':
        head.host ??= value.toLowerCase();
        break;
      case 'user-agent':
        this.#context.note(fields.agentField, value);
        break;
      case 'x-forwarded-for':
        noteForwardedFor(this.#context, value);
        break;
      case 'cookie':
        if (head.cookies === '') head.cookies = value;
        break;
      case 'authorization':
        head.authorization = value;
        break;
      case 'proxy-authorization':
        head.proxyAuthorization = value;
        break;
      case 'upgrade':
        head.upgrade = true;
        break;
    }
  }

  endHead(): void {
    const head = this.#heads[this.#side];
    const context = this.#context;
    if (head.dead) return;
    if (head.status !== 0) {
      context.note(fields.statusCodeField, head.status);
      context.note(fields.serverVersionField, head.version);
      if (head.status >= 200) this.#countUpgrading();
    } else if (head.method !== '') {
      context.note(fields.requestMethodField, head.method);
      context.note(fields.clientVersionField, head.version);
      if (head.upgrade) {
        this.#countUpgrading();
        this.#upgrading = head.method;
      } else this.#count(head.method);
    }
    if (head.cookies !== '') noteCookies(context, head.cookies, this.#settings.cookieValues);
    if (head.authorization !== '') noteAuthorization(context, head.authorization);
    if (head.proxyAuthorization !== '') noteAuthorization(context, head.proxyAuthorization);
    noteTarget(context, this.#settings, head.target, head.host);
    head.target = undefined;
  }

  body(bytes: Buffer, from: number, to: number): void {
    const side = this.#side;
    if (!this.#heads[side].dead) this.#bodies[side].add(side === this.#requestSide, bytes, from, to);
  }

  bodyHole(): void {
    this.#bodies[this.#side].addHole();
  }

  /** The message of this direction is over; `whole`: it was seen to its end. */
  endMessage(whole: boolean): void {
    this.#bodies[this.#side].end(whole);
    this.#flushTarget(this.#heads[this.#side]);
  }

  /** No message can be read where one should begin. */
  unreadable(): void {
    const head = this.#heads[this.#side];
    this.#abandon(head);
  }

  /** The session is over. */
  end(): void {
    for (const side of [0, 1] as const) {
      this.#side = side;
      this.endMessage(false);
    }
    if (this.#upgrading !== '') this.#countUpgrading();
  }

  /** The connection went over to another protocol. */
  upgraded(): void {
    this.#upgrading = '';
  }

  #begin(): Head {
    const head = this.#heads[this.#side];
    head.target = undefined;
    head.method = '';
    head.status = 0;
    head.host = undefined;
    head.cookies = '';
    head.authorization = '';
    head.proxyAuthorization = '';
    head.upgrade = false;
    return head;
  }

  #abandon(head: Head): void {
    head.dead = true;
    this.#flushTarget(head);
  }

  /** The head that the target belongs to never ended. */
  #flushTarget(head: Head): void {
    if (head.target !== undefined) noteTarget(this.#context, this.#settings, head.target, undefined);
    head.target = undefined;
  }

  #countUpgrading(): void {
    this.#count(this.#upgrading);
    this.#upgrading = '';
  }

  #count(method: string): void {
    const field = fields.methodCountFields.get(method);
    if (field !== undefined) this.#context.note(field, 1);
  }
}

/** Notes what a request asked for; both may be missing. `host`: lower case, as sent. */
export function noteTarget(
  context: DecoderContext,
  settings: Pick<HttpSettings, 'queryValues'>,
  target: string | undefined,
  host: string | undefined,
): void {
  if (host !== undefined) {
    context.note(hostField, host);
    context.note(hostField, withoutPort(host));
  }
  if (target === undefined) return;
  let hasControl = false;
  for (let at = 0; at < target.length && !hasControl; at++) hasControl = target.charCodeAt(at) < 0x20;
  if (hasControl) context.note(tagsField, 'http:control-char');
  const name = protocolOfPath(target);
  if (name !== '') context.protocol(name);
  let uri = target;
  if (host !== undefined) {
    const question = target.indexOf('?');
    context.note(fields.pathField, question < 0 ? target : target.slice(0, question));
    if (question >= 0) noteQuery(context, target.slice(question + 1), settings.queryValues);
    if (target.startsWith('/')) uri = host + target;
    else {
      const at = target.indexOf(host);
      if (at < 0 || at > 8) uri = `${host};${target}`;
    }
  }
  if (uri.length > mostUriLength) {
    uri = uri.slice(0, mostUriLength);
    context.note(tagsField, 'http:url-truncated');
  }
  context.note(fields.uriField, uri);
}

/** A host without the port behind it; the brackets of an IPv6 address stay. */
function withoutPort(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : 0;
  const colon = host.indexOf(':', end);
  return colon < 0 ? host : host.slice(0, colon);
}
