/** Actions of Go templates that Handlebars has not: keywords without `#`, declarations, `{{.Key}}` and trim markers. */
const actions =
  /\{\{-?\s*(?:(?:range|if|with|else if|define|template|block)\s+[^}]|end\s*-?\}\}|\$\w*\s*:?=|\.[A-Z]\w*\b)|\{\{- | -\}\}/;

/** Advice to append to a mistake in a Handlebars template whose text has actions of Go; else an empty string. */
export function adviceForGo(text: string): string {
  return actions.test(text)
    ? ". It looks like a template of Go or confd: the name of such a file must end in .tmpl"
    : "";
}
