// Executes the templates of a set-up with Go's text/template and confd's functions, which are those of
// test/lib/render/go/functions/oracle/confd.go. Reads a line of JSON for each template and writes its text. Started by record.ts.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"text/template"
)

func main() {
	input, output := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for input.More() {
		var one struct {
			Template string
			Keys     map[string]string
			Env      map[string]string
		}
		if err := input.Decode(&one); err != nil {
			panic(err)
		}
		parsed, err := template.New("t").Funcs(confdFunctions(one.Keys, one.Env)).Parse(one.Template)
		if err != nil {
			panic(err)
		}
		var text bytes.Buffer
		if err := parsed.Execute(&text, nil); err != nil {
			panic(err)
		}
		output.Encode(text.String())
	}
}
