// Which side of an SSH session is the client, told by SSH itself: identification strings are alike, and a session whose first
// packets were not seen begins with whoever spoke first. Asked by the decoder.

import type { DecoderContext, Direction } from '../contract.ts';

/** RFC 4253 section 4.1. */
export const sshPort = 22;

export type Role = 'client' | 'server';

/** What only one side may put into its list of methods: RFC 8308 section 2.1, and draft-ietf-sshm-strict-kex with OpenSSH's older names. */
const marks: ReadonlyMap<string, Role> = new Map([
  ['ext-info-c', 'client'],
  ['kex-strict-c', 'client'],
  ['kex-strict-c-v00@openssh.com', 'client'],
  ['ext-info-s', 'server'],
  ['kex-strict-s', 'server'],
  ['kex-strict-s-v00@openssh.com', 'server'],
]);
/** With these the server begins (RFC 4432 section 4), with all others the client. */
const rsaMethods: readonly string[] = ['rsa1024-sha1', 'rsa2048-sha256'];

/**
 * Numbers that a key exchange begins with, and the first ones that answer: RFC 4253 section 8, RFC 4419 section 5, RFC 5656
 * section 7.1, RFC 4462 section 2.1. The others may come from either side.
 */
const roleOfMessage: ReadonlyMap<number, Role> = new Map([
  [30, 'client'],
  [34, 'client'],
  [31, 'server'],
  [33, 'server'],
]);

export class SshSides {
  readonly #context: DecoderContext;
  #client: Direction | undefined = undefined;
  /** Somebody offers no RSA method, so none will be agreed upon. */
  #isWithoutRsa = false;

  constructor(context: DecoderContext) {
    this.#context = context;
  }

  /** Undefined while nothing has told it. */
  get client(): Direction | undefined {
    return this.#client;
  }

  /** The methods of key exchange that a direction offers, with commas between (RFC 4253 section 7.1). */
  offered(direction: Direction, methods: string): void {
    const names = methods.split(',');
    if (!names.some((name) => rsaMethods.includes(name))) this.#isWithoutRsa = true;
    for (const name of names) this.#tell(direction, marks.get(name));
  }

  /** A message of a key exchange, by its number. */
  exchanged(direction: Direction, type: number): void {
    if (this.#isWithoutRsa) this.#tell(direction, roleOfMessage.get(type));
  }

  /** Nothing more will tell: the well-known port does, else who opened the session. */
  settle(): Direction {
    const { clientPort, serverPort } = this.#context;
    this.#client ??= clientPort === sshPort && serverPort !== sshPort ? 1 : 0;
    return this.#client;
  }

  /** The first word counts. */
  #tell(direction: Direction, role: Role | undefined): void {
    if (role !== undefined) this.#client ??= role === 'client' ? direction : direction === 0 ? 1 : 0;
  }
}
