// What Arkime's document says of HTTP beyond the transactions: fields by session, from each message as it is read. The decoder has one
// only when somebody wants that document (`context.details`). Its rules are those of Arkime's parser, which stops at what it cannot
// read: a request line with a method or a form that it does not know ends the reading of that direction.

import type { DecoderContext } from '../contract.ts';
import * as http from '../http-details/index.ts';
import { textOf } from '../wire-text.ts';
import type { HttpSettings } from './options.ts';

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

const carriageReturn = 0x0d;

export class HttpDetails {
  readonly #context: DecoderContext;
  readonly #settings: HttpSettings;
  readonly #heads = [new Head(), new Head()] as const;
  readonly #bodies: readonly [http.BodyDigest, http.BodyDigest];
  /** The direction whose headers are those of requests: the first sender's, until a request is seen. */
  #requestSide: 0 | 1 = 0;
  #side: 0 | 1 = 0;
  /** Method of a request to upgrade, counted unless the server agrees. */
  #upgrading = '';

  constructor(context: DecoderContext, settings: HttpSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#bodies = [new http.BodyDigest(context, settings.details.body), new http.BodyDigest(context, settings.details.body)];
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
    if (!http.methodCountFields.has(method)) {
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

  /** Nothing more is read of the direction at hand. */
  get isDead(): boolean {
    return this.#heads[this.#side].dead;
  }

  header(bytes: Buffer, nameFrom: number, nameTo: number, valueFrom: number, valueTo: number): void {
    const head = this.#heads[this.#side];
    if (head.dead) return;
    const isRequest = this.#side === this.#requestSide;
    const name = textOf(bytes, nameFrom, nameTo).toLowerCase();
    let from = valueFrom;
    let to = valueTo;
    while (from < to && isBlank(bytes[from] as number)) from++;
    // Its end may still have the line's CR.
    while (to > from && (isBlank(bytes[to - 1] as number) || bytes[to - 1] === carriageReturn)) to--;
    const value = textOf(bytes, from, to);
    http.noteHeader(this.#context, this.#settings.details, isRequest, name, value);
    if (!isRequest) return;
    switch (name) {
      case 'host':
        head.host ??= value.toLowerCase();
        break;
      case 'user-agent':
        this.#context.note(http.agentField, value);
        break;
      case 'x-forwarded-for':
        http.noteForwardedFor(this.#context, value);
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
      context.note(http.statusCodeField, head.status);
      context.note(http.serverVersionField, head.version);
      if (head.status >= 200) this.#countUpgrading();
    } else if (head.method !== '') {
      context.note(http.requestMethodField, head.method);
      context.note(http.clientVersionField, head.version);
      if (head.upgrade) {
        this.#countUpgrading();
        this.#upgrading = head.method;
      } else this.#count(head.method);
    }
    if (head.cookies !== '') http.noteCookies(context, head.cookies, this.#settings.details.cookieValues);
    if (head.authorization !== '') http.noteAuthorization(context, head.authorization);
    if (head.proxyAuthorization !== '') http.noteAuthorization(context, head.proxyAuthorization);
    http.noteTarget(context, this.#settings.details, head.target, head.host);
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
    if (head.target !== undefined) http.noteTarget(this.#context, this.#settings.details, head.target, undefined);
    head.target = undefined;
  }

  #countUpgrading(): void {
    this.#count(this.#upgrading);
    this.#upgrading = '';
  }

  #count(method: string): void {
    const field = http.methodCountFields.get(method);
    if (field !== undefined) this.#context.note(field, 1);
  }
}

/** Optional white space around a value (RFC 9110 section 5.6.3). */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
