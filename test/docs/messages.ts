// Every message of an error that the sources hold, with `…` for what is put into it.
import { globSync, readFileSync } from "node:fs";
import ts from "typescript";
import { ROOT } from "./pages.ts";

export interface Message {
  /** As `providers/on-host/apply.sh:28`. */
  readonly place: string;
  readonly text: string;
}

export function messagesOfSources(): Message[] {
  return [
    ...messagesOf("providers/on-host/*.sh", fromShell),
    ...messagesOf("{providers,stacks}/**/*.ts", fromTypeScript),
  ];
}

type Extract = (text: string, found: (offset: number, message: string) => void) => void;

function messagesOf(pattern: string, extract: Extract): Message[] {
  return globSync(pattern, { cwd: ROOT })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(`${ROOT}/${file}`, "utf8");
      const messages: Message[] = [];
      extract(text, (offset, message) => {
        const place = `${file}:${text.slice(0, offset).split("\n").length}`;
        messages.push({ place, text: withoutEnds(message) });
      });
      return messages.filter((message) => /\p{L}/u.test(message.text));
    });
}

/** What is put in at the ends tells nothing, and only the first line tells what went wrong. */
export function withoutEnds(message: string): string {
  const [line = ""] = message.split("\n");
  return line.replace(/^(…[:,]? *)+|([:,]? *\(?…\)?)+$/g, "");
}

const WORD = String.raw`(?:\$\((?:[^()"]|"[^"]*")*\)|[^\s'"\\]|'[^']*'|"(?:\\.|\$\((?:[^()"]|"[^"]*")*\)|[^"\\])*")+`;

/** `fail VERB OBJECT CAUSE`, and what is set as a `…_cause` for one. */
const fromShell: Extract = (text, found) => {
  for (const { index, groups } of text.matchAll(
    new RegExp(String.raw`(?:^|[\s{|&])fail (?<verb>${WORD}) (?<object>${WORD}) (?<cause>${WORD})`, "gm"),
  )) {
    const { verb = "", object = "", cause = "" } = groups ?? {};
    if (verb !== "VERB")
      found(index + 1, `could not ${unquoted(verb)} ${unquoted(object)}: ${unquoted(cause)}`);
  }
  for (const { index, groups } of text.matchAll(new RegExp(String.raw`\w+_cause=(?<cause>${WORD})`, "g")))
    found(index, unquoted(groups?.cause ?? ""));
};

function unquoted(word: string): string {
  return word
    .replace(/\$\((?:[^()"]|"[^"]*")*\)|\$\{[^}]*\}|\$\w+/g, "…")
    .replace(/'([^']*)'|"([^"]*)"/g, "$1$2");
}

/** What the sources call that which went wrong. */
const NAMES = ["cause", "causes", "message"];

const fromTypeScript: Extract = (text, found) => {
  const file = ts.createSourceFile("source.ts", text, ts.ScriptTarget.Latest, true);
  const takers = takersOf(file);
  const visit = (node: ts.Node): void => {
    for (const expression of messagesAt(node, takers))
      for (const message of textsOf(expression)) found(expression.getStart(), inFull(expression, message));
    ts.forEachChild(node, visit);
  };
  visit(file);
};

/** What takes a message -> which of its arguments that is. */
function takersOf(file: ts.SourceFile): Map<string, number> {
  const takers = new Map([
    ["Error", 0],
    ["RegistryFailure", 0],
  ]);
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name) {
      const index = node.parameters.findIndex(({ name }) => NAMES.includes(name.getText()));
      if (index >= 0) takers.set(node.name.text, index);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return takers;
}

function messagesAt(node: ts.Node, takers: ReadonlyMap<string, number>): ts.Expression[] {
  if ((ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && node.initializer)
    return NAMES.includes(node.name.getText()) ? [node.initializer] : [];
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
  if (/^console\.(log|error)$/.test(node.expression.getText())) return [...(node.arguments ?? [])];
  const index = takers.get(node.expression.getText());
  const argument = index === undefined ? undefined : node.arguments?.[index];
  return argument ? [argument] : [];
}

/** All that an expression may be, of which only the literal parts are known. */
function textsOf(expression: ts.Expression): string[] {
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isTemplateExpression(expression))
    return [
      expression.head.text + expression.templateSpans.map(({ literal }) => `…${literal.text}`).join(""),
    ];
  if (ts.isConditionalExpression(expression))
    return [...textsOf(expression.whenTrue), ...textsOf(expression.whenFalse)];
  if (
    ts.isBinaryExpression(expression) &&
    expression.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken
  )
    return [...textsOf(expression.left), ...textsOf(expression.right)];
  if (ts.isObjectLiteralExpression(expression))
    return expression.properties.flatMap((each) =>
      ts.isPropertyAssignment(each) ? textsOf(each.initializer) : [],
    );
  return [];
}

/** A cause beside a verb and an object is the end of a sentence. */
function inFull(expression: ts.Expression, cause: string): string {
  const { parent } = expression.parent;
  if (!ts.isObjectLiteralExpression(parent)) return cause;
  const [verb, object] = ["verb", "object"].map((name) => textOf(parent, name));
  return verb === undefined ? cause : `could not ${verb} ${object}: ${cause}`;
}

function textOf(parent: ts.ObjectLiteralExpression, wanted: string): string | undefined {
  const property = parent.properties.find((each) => each.name?.getText() === wanted);
  if (!property) return undefined;
  return (ts.isPropertyAssignment(property) && textsOf(property.initializer)[0]) || "…";
}
