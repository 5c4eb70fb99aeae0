import Handlebars from "handlebars";

/**
 * The texts and tags of a Handlebars template in their order, without the white space that Handlebars removes: each text begins
 * with a quote, and the tags are `value`, `open`, `else` and `close`. Undefined for a text that is no template.
 */
export function outlineOf(text: string): readonly string[] | undefined {
  try {
    return ofProgram(Handlebars.parse(text));
  } catch {
    return undefined;
  }
}

function ofProgram({ body }: hbs.AST.Program): readonly string[] {
  const out: string[] = [];
  for (const part of body.flatMap(ofStatement)) {
    const isText = part.startsWith('"') && out.at(-1)?.startsWith('"');
    out.push(isText ? `${out.pop()}${part.slice(1)}` : part);
  }
  return out;
}

function ofStatement(statement: hbs.AST.Statement): readonly string[] {
  switch (statement.type) {
    case "MustacheStatement":
      return ["value"];
    case "ContentStatement": {
      const { value } = statement as hbs.AST.ContentStatement;
      return value === "" ? [] : [`"${value}`];
    }
    case "BlockStatement": {
      const { program, inverse } = statement as hbs.AST.BlockStatement;
      const body = ["open", ...(program ? ofProgram(program) : [])];
      return [...body, ...(inverse ? ["else", ...ofProgram(inverse)] : []), "close"];
    }
    default:
      return [];
  }
}
