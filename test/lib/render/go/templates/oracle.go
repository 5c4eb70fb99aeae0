// Executes templates with Go's text/template and the functions of confd that the grammar uses. Reads a line of JSON with the
// datasets (key to value), then a case per line: [dataset, template]. Writes a line of JSON for each: the text, or what failed.
// Started by record.ts.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"memkv"
	"os"
	"path"
	"sort"
	"strings"
	"text/template"
)

type answer struct {
	Text  *string `json:"text,omitempty"`
	Parse string  `json:"parse,omitempty"`
	Exec  string  `json:"exec,omitempty"`
}

func functions(data map[string]string) template.FuncMap {
	keys := make([]string, 0, len(data))
	for key := range data {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	gets := func(pattern string) (memkv.KVPairs, error) {
		found := memkv.KVPairs{}
		for _, key := range keys {
			ok, err := path.Match(pattern, key)
			if err != nil {
				return nil, err
			}
			if ok {
				found = append(found, memkv.KVPair{key, data[key]})
			}
		}
		return found, nil
	}
	get := func(key string) (memkv.KVPair, error) {
		value, ok := data[key]
		if !ok {
			return memkv.KVPair{}, fmt.Errorf("key does not exist: %s", key)
		}
		return memkv.KVPair{key, value}, nil
	}
	return template.FuncMap{
		"gets": gets,
		"get":  get,
		"getv": func(key string, v ...string) (string, error) {
			pair, err := get(key)
			if err != nil && len(v) > 0 {
				return v[0], nil
			}
			return pair.Value, err
		},
		"exists": func(key string) bool { _, ok := data[key]; return ok },
		"getvs": func(pattern string) ([]string, error) {
			pairs, err := gets(pattern)
			values := make([]string, 0)
			for _, pair := range pairs {
				values = append(values, pair.Value)
			}
			sort.Strings(values)
			return values, err
		},
		"json": func(text string) (map[string]interface{}, error) {
			var ret map[string]interface{}
			err := json.Unmarshal([]byte(text), &ret)
			return ret, err
		},
		"jsonArray": func(text string) ([]interface{}, error) {
			var ret []interface{}
			err := json.Unmarshal([]byte(text), &ret)
			return ret, err
		},
		"base":     path.Base,
		"split":    strings.Split,
		"join":     strings.Join,
		"toUpper":  strings.ToUpper,
		"toLower":  strings.ToLower,
		"contains": strings.Contains,
		"replace":  strings.Replace,
		"add":      func(a, b int) int { return a + b },
		"seq": func(first, last int) []int {
			var ret []int
			for i := first; i <= last; i++ {
				ret = append(ret, i)
			}
			return ret
		},
	}
}

func execute(data map[string]string, text string) (result answer) {
	parsed, err := template.New("t.tmpl").Funcs(functions(data)).Parse(text)
	if err != nil {
		return answer{Parse: err.Error()}
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, nil); err != nil {
		return answer{Exec: err.Error()}
	}
	written := out.String()
	return answer{Text: &written}
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	var datasets []map[string]string
	first, _ := lines.ReadBytes('\n')
	if err := json.Unmarshal(first, &datasets); err != nil {
		panic(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var one struct {
			Data     int
			Template string
		}
		if err := json.Unmarshal(line, &one); err != nil {
			panic(err)
		}
		encoder.Encode(execute(datasets[one.Data], one.Template))
	}
}
