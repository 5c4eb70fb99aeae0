// Answers calls of functions as Go's text/template does. Reads from its input, a line each, the keys and the environment, and
// then the calls, `["name", [arguments]]`; writes for each call `{"result": …, "text": …}` or `{"error": …}`.
// record.ts runs it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/Masterminds/sprig"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	lines.Scan()
	var data struct{ Keys, Env map[string]string }
	if err := json.Unmarshal(lines.Bytes(), &data); err != nil {
		panic(err)
	}
	os.Clearenv()
	for name := range data.Env {
		os.Setenv(name, data.Env[name])
	}
	functions := template.FuncMap(sprig.TxtFuncMap())
	delete(functions, "slice")
	for name, function := range confdFunctions(data.Keys, data.Env) {
		functions[name] = function
	}
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	for lines.Scan() {
		call := [2]interface{}{}
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		if err := decoder.Decode(&call); err != nil {
			panic(err)
		}
		if err := answers.Encode(answer(functions, call[0].(string), call[1].([]interface{}))); err != nil {
			panic(err)
		}
	}
}

func answer(functions template.FuncMap, name string, args []interface{}) (result object) {
	defer func() {
		if problem := recover(); problem != nil {
			result = object{"error": fmt.Sprint(problem)}
		}
	}()
	var kept interface{}
	functions["argument"] = func(i int) interface{} { return decode(args[i]) }
	functions["keep"] = func(value interface{}) string { kept = value; return "" }
	source := "{{$r := " + name
	for i := range args {
		source += fmt.Sprintf(" (argument %d)", i)
	}
	source += "}}{{$r}}{{keep $r}}"
	parsed, err := template.New("t").Funcs(functions).Parse(source)
	if err != nil {
		return object{"error": err.Error()}
	}
	var text bytes.Buffer
	if err := parsed.Execute(&text, nil); err != nil {
		return object{"error": message(err)}
	}
	if !utf8.Valid(text.Bytes()) {
		return object{"invalid": true}
	}
	result = object{"result": encode(kept)}
	if _, isText := kept.(string); !isText {
		result["text"] = text.String()
	}
	return result
}

// message is what the fault of a function says, without the place of the call.
func message(err error) string {
	_, text, found := strings.Cut(err.Error(), ">: ")
	if !found {
		return err.Error()
	}
	return text
}
