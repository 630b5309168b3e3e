// The page of the reference: a section for each class, its arguments and the types in them.
import { acceptedValue } from "./accepted.ts";
import type { Entry, Member } from "./read-door.ts";

const HEAD = `# Reference

Written by \`npm run reference\` from the doc comments in \`providers/\`; change it there. What is imported from \`rundock\`
comes first, then the types that these name. Messages about arguments that cannot be are in [errors](errors.md).
`;

export function referencePage(entries: readonly Entry[]): string {
  const names = new Set(entries.map(({ name }) => name));
  return `${[HEAD, ...entries.map((entry) => section(entry, names))].join("\n")}`;
}

function section(entry: Entry, names: ReadonlySet<string>): string {
  const { name, text, throws, signature, members } = entry;
  return [
    `## ${name}\n`,
    ...(text === "" ? [] : [`${prose(text)}\n`]),
    ...(signature === "" ? [] : [`\`\`\`\n${signature}\n\`\`\`\n`]),
    ...throws.map((when) => `Throws ${prose(when)}\n`),
    ...(members.length === 0 ? [] : [table(entry, names)]),
  ].join("\n");
}

interface Column {
  readonly head: string;
  readonly cellOf: (member: Member) => string;
}

function table(entry: Entry, names: ReadonlySet<string>): string {
  const { members } = entry;
  const columns = columnsOf(entry, names).filter(({ cellOf }) =>
    members.some((member) => cellOf(member) !== ""),
  );
  const rows = [columns.map(({ head }) => head), columns.map(() => "---")];
  const lines = [...rows, ...members.map((member) => columns.map(({ cellOf }) => cellOf(member)))];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function columnsOf({ name, kind }: Entry, names: ReadonlySet<string>): Column[] {
  const isClass = kind === "class";
  return [
    { head: isClass ? "property" : "argument", cellOf: (member) => `\`${member.name}\`` },
    { head: "type", cellOf: (member) => typeCell(member, names) },
    { head: "meaning", cellOf: ({ text }) => cell(prose(text)) },
    { head: "must be", cellOf: (member) => cell(acceptedValue(name, member.name)) },
    { head: "default", cellOf: isClass ? () => "" : defaultCell },
  ];
}

function typeCell({ type }: Member, names: ReadonlySet<string>): string {
  const named = [...new Set(type.match(/\b[A-Z]\w+/g) ?? [])].filter((name) => names.has(name));
  const [only] = named;
  if (only !== undefined && only === type) return `[\`${type}\`](${anchor(type)})`;
  const links = named.map((name) => `[${name}](${anchor(name)})`);
  // A type may hold backticks itself.
  const code = type.includes("`") ? `\`\` ${cell(type)} \`\`` : `\`${cell(type)}\``;
  return [code, ...links].join(" ");
}

function anchor(name: string): string {
  return `#${name.toLowerCase()}`;
}

function defaultCell({ isOptional, defaultText }: Member): string {
  if (defaultText === "") return isOptional ? "" : "must be given";
  return cell(prose(/^("[^"]*"|[\d.]+|true|false)$/.test(defaultText) ? `\`${defaultText}\`` : defaultText));
}

/** Lines of a comment are cut by its width; a blank line is a new paragraph. */
function prose(text: string): string {
  const paragraphs = text.split("\n\n").map((paragraph) => paragraph.replace(/\s+/g, " ").trim());
  return paragraphs
    .join("\n\n")
    .replace(/\{@link (\w+) ?\}/g, (_, name: string) => `[${name}](${anchor(name)})`);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
}
