// What a message of HTTP/2 says in Arkime's document, header by header. Promised requests (RFC 9113 section 8.4) count with
// the direction that sends them. Called by the decoder for each header, on packet workers.

import type { DecoderContext } from '../contract.ts';
import * as http from '../http-details/index.ts';

export class MessageNotes {
  readonly #context: DecoderContext;
  readonly #settings: http.DetailSettings;

  constructor(context: DecoderContext, settings: http.DetailSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** The preface is a request line to a parser of HTTP/1. */
  preface(): void {
    const context = this.#context;
    if (!context.details) return;
    context.note(http.requestMethodField, 'PRI');
    context.note(http.clientVersionField, '2.0');
    context.note(http.uriField, '*');
  }

  header(isRequest: boolean, name: string, value: string): void {
    if (name.startsWith(':')) this.#pseudo(name, value);
    else {
      http.noteHeader(this.#context, this.#settings, isRequest, name.toLowerCase(), value);
      if (isRequest) this.#requestHeader(name.toLowerCase(), value);
    }
  }

  /** RFC 9113 section 8.3. */
  #pseudo(name: string, value: string): void {
    const context = this.#context;
    switch (name) {
      case ':method':
        if (value !== '') context.note(http.requestMethodField, value);
        return;
      case ':path':
        http.notePath(context, this.#settings, value);
        return;
      case ':authority':
        if (value !== '') http.noteHost(context, value.toLowerCase());
        return;
      case ':status':
        if (/^\d{3}$/.test(value)) context.note(http.statusCodeField, Number(value));
        return;
    }
  }

  #requestHeader(name: string, value: string): void {
    const context = this.#context;
    switch (name) {
      case 'host':
        http.noteHost(context, value.toLowerCase());
        return;
      case 'user-agent':
        context.note(http.agentField, value);
        return;
      case 'x-forwarded-for':
        http.noteForwardedFor(context, value);
        return;
      case 'cookie':
        http.noteCookies(context, value, this.#settings.cookieValues);
        return;
      case 'authorization':
      case 'proxy-authorization':
        http.noteAuthorization(context, value);
        return;
    }
  }
}
