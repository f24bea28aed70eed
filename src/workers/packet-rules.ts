// The signatures and rules of a packet worker: compiled from what the supervisor sent, and again when it sends other rules.

import { decoderDefinitions, NameMatcher, signatureOf, signatures } from '../decoders/index.ts';
import { FieldNames, fieldValueOf, type RecordRegistry } from '../record/index.ts';
import { CompiledRules } from '../rules/index.ts';
import { DropTable, type SessionEngineOptions } from '../session/index.ts';
import type { PacketWorkerData, RulesMessage } from './protocol.ts';

export class PacketRules {
  /** Compiled from the sensor's own signatures and those of the config. */
  readonly names: NameMatcher;
  /** For the session engine; undefined without rules. */
  readonly rules: SessionEngineOptions['rules'];
  /** Rules ask for what only Arkime's documents have. */
  readonly needsDetails: boolean;
  readonly #data: PacketWorkerData;
  readonly #registry: RecordRegistry;
  #fields: FieldNames | undefined;
  readonly #log: (line: string) => void;
  #compiled: CompiledRules | undefined;

  constructor(data: PacketWorkerData, registry: RecordRegistry, log: (line: string) => void) {
    this.#data = data;
    this.#log = log;
    this.#registry = registry;
    this.names = new NameMatcher([...builtIn(data), ...this.#configured()]);
    this.#compiled = data.rules.length === 0 ? undefined : this.#compile(data.rules);
    this.needsDetails = this.#compiled?.needsDetails === true;
    const drops = data.drops === undefined ? undefined : new DropTable(data.drops);
    this.rules = this.#compiled === undefined ? undefined : { current: () => this.#compiled as CompiledRules, drops };
  }

  /** The supervisor has signalled that it has sent rules; `next` gives its messages. The last ones count. */
  renew(next: () => RulesMessage | undefined): void {
    for (let message = next(); message !== undefined; message = next()) {
      if (this.#compiled !== undefined) this.#compiled = this.#compile(message.rules);
    }
  }

  #compile(rules: PacketWorkerData['rules']): CompiledRules {
    return new CompiledRules(rules, {
      names: this.#fieldNames(),
      firstMark: this.#data.session.keep_packets.length,
      log: this.#log,
    });
  }

  /** Few runs have rules or signatures of their own, so it is made when one wants it. */
  #fieldNames(): FieldNames {
    if (this.#fields === undefined) {
      // The registry has one field of each name; decoders that share one may have objects of their own.
      const ofDecoders = decoderDefinitions.flatMap(({ sessionFields }) => sessionFields);
      this.#fields = new FieldNames([...this.#registry.noted, ...ofDecoders]);
    }
    return this.#fields;
  }

  #configured(): ReturnType<typeof signatureOf>[] {
    return this.#data.signatures.map((configured) => {
      const [field] = this.#fieldNames().find(configured.field);
      const value = field === undefined ? undefined : fieldValueOf(field, configured.value);
      return signatureOf(configured, field === undefined || value === undefined ? undefined : { field, value });
    });
  }
}

function builtIn({ names }: PacketWorkerData): typeof signatures {
  if (names.off.length === 0) return signatures;
  return names.off.includes('*') ? [] : signatures.filter(({ name }) => !names.off.includes(name));
}
