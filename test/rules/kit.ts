// An engine under the rules of a text, with a decoder that notes what a test wants, for the tests of rules.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type DecoderContext, Recognizer } from '../../src/decoders/index.ts';
import { assetField, FieldNames, JsonText, type SessionField, tagsField, userField } from '../../src/record/index.ts';
import { CompiledRules, type RuleProblem, type RuleValues, readRuleFiles } from '../../src/rules/index.ts';
import { arkimeSessionDefaults, DropTable, defaultSessionConfig, SessionTracker } from '../../src/session/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { engineKit, type Kit, scripted } from '../session/engine-kit.ts';
import type { PacketWords } from '../session/ring-feeder.ts';

const field = (name: string, type: SessionField['type'], more: Partial<SessionField> = {}): SessionField => ({
  name,
  type,
  many: true,
  meaning: name,
  ...more,
});

/** What the decoder notes of a conversation. */
export const noted = {
  host: field('acme.host', 'keyword', { arkime: { path: 'acme.hostName', expression: 'host.acme', kind: 'lotermfield' } }),
  code: field('acme.code', 'long'),
  size: field('acme.size', 'long', { many: false }),
  sum: field('acme.sum', 'long', { many: false, sum: true }),
  ip: field('acme.ip', 'ip'),
  cert: field('acme.cert', 'object', { arkime: { path: 'cert', expression: 'cert', kind: 'termfield' } }),
  tags: tagsField,
  user: userField,
  asset: assetField,
};
export const names = new FieldNames(Object.values(noted));

function note(context: DecoderContext, text: string): void {
  const [name, value] = text.split('=') as [keyof typeof noted, string];
  if (name === 'cert') context.note(noted.cert, JsonText.of(JSON.parse(value)));
  else context.note(noted[name], ['code', 'size', 'sum'].includes(name) ? Number(value) : value);
}

export function writeRules(context: TestContext, text: string, ending = 'yaml'): string {
  const path = join(temporaryFolder(context), `rules.${ending}`);
  writeFileSync(path, text);
  return path;
}

/** Problems of a rules file, with `rules.yaml:3` for its place. */
export function problemsOf(context: TestContext, text: string, values: RuleValues = {}, ending = 'yaml'): string[] {
  const problems: RuleProblem[] = [];
  const rules = readRuleFiles([writeRules(context, text, ending)], values, problems);
  const all = [...problems, ...new CompiledRules(rules, { names, firstMark: 0, log: () => {} }).problems];
  return all.map(({ where, message }) => `${where.replace(/^.*\//, '')}: ${message}`);
}

export interface Ruled extends Kit {
  readonly log: string[];
  readonly tracker: SessionTracker;
  send(...packets: readonly PacketWords[]): void;
  /** The records at the end: `[tags, users, sizes, protocols]` of each. */
  end(): { tags: string[]; user: string[]; size: number[]; code: number[]; protocols: string[]; source: string; end: string }[];
}

/** An engine under rules. Its decoder knows TCP payload of lines `name=value`, which it notes. */
export function ruled(context: TestContext, text: string, config: object = {}): Ruled {
  const problems: RuleProblem[] = [];
  const log: string[] = [];
  const rules = new CompiledRules(readRuleFiles([writeRules(context, text)], {}, problems), {
    names,
    firstMark: 0,
    log: (line) => log.push(line.replace(/\(.*\/rules/, '(rules')),
  });
  problems.push(...rules.problems);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const decoder = scripted([], {
    name: 'acme',
    data: (_, lines, flow) => {
      for (const line of lines.split('\n')) if (line.includes('=')) note(flow, line);
      return 0;
    },
  });
  const tracker = SessionTracker.of(defaultSessionConfig(arkimeSessionDefaults), new Recognizer([]));
  const kit = engineKit(config, [decoder], {
    fields: Object.values(noted),
    engine: { rules: { current: () => rules, drops: new DropTable(DropTable.memory()) }, observer: tracker },
  });
  const order = Object.keys(noted);
  const valuesOf = (notes: readonly unknown[][], name: string): never[] => (notes[order.indexOf(name)] ?? []) as never[];
  return {
    ...kit,
    log,
    tracker,
    send: (...packets) => {
      for (const packet of packets) kit.engine.packet(kit.feed.packet(packet));
    },
    end: () => {
      kit.engine.finish();
      return kit.sessions.map(({ notes, protocols, source, end }) => ({
        tags: valuesOf(notes, 'tags'),
        user: valuesOf(notes, 'user'),
        size: valuesOf(notes, 'size'),
        code: valuesOf(notes, 'code'),
        protocols: [...protocols],
        source,
        end,
      }));
    },
  };
}

/** A rule in YAML. */
export function rule(when: string, fields: string, ops: string, more = ''): string {
  return `  - name: "${when}"\n    when: ${when}\n${more}    fields: ${fields}\n    ops: ${ops}\n`;
}

export const head = 'version: 1\nrules:\n';
