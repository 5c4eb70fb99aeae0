import Handlebars from "handlebars";
import { inserted } from "./instrument.ts";
import { soleName } from "./walk.ts";

/** Makes each `{{#let value as |name|}}` of a verified template the block that lowered templates have. Changes the tree. */
export function bindNames(program: hbs.AST.Program): void {
  new Binder().accept(program);
}

class Binder extends Handlebars.Visitor {
  override BlockStatement(block: hbs.AST.BlockStatement): void {
    if (soleName(block.path) === "let") {
      Object.assign(block.path, { parts: [inserted.let], original: inserted.let });
    }
    super.BlockStatement(block);
  }
}
