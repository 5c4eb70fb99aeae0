package main

// The functions that confd's fork has added and that differ from sprig's of the same name, made from what they do.

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

// words are parts between spaces, hyphens and underscores, and before capitals that begin a word.
func words(text string) []string {
	runes := []rune(text)
	list := []string{}
	start := 0
	flush := func(end int) {
		if end > start {
			list = append(list, string(runes[start:end]))
		}
		start = end
	}
	for i, r := range runes {
		if strings.ContainsRune("_- ", r) {
			flush(i)
			start = i + 1
			continue
		}
		if i > start && unicode.IsUpper(r) {
			begins := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if begins || !unicode.IsUpper(runes[i-1]) {
				flush(i)
			}
		}
	}
	flush(len(runes))
	return list
}

func joinedLower(separator string) func(string) string {
	return func(text string) string {
		list := words(text)
		for i := range list {
			list[i] = strings.ToLower(list[i])
		}
		return strings.Join(list, separator)
	}
}

func camel(text string) string {
	joined := ""
	for i, word := range words(text) {
		if i == 0 {
			joined = strings.ToLower(word)
			continue
		}
		joined += strings.ToUpper(word[:1]) + strings.ToLower(word[1:])
	}
	return joined
}

func indented(spaces int, text string) string {
	if text == "" {
		return ""
	}
	margin := strings.Repeat(" ", spaces)
	return margin + strings.ReplaceAll(text, "\n", "\n"+margin)
}

func forkFunctions() map[string]interface{} {
	return map[string]interface{}{
		"trimPrefix": strings.TrimPrefix,
		"indent":     indented,
		"nindent":    func(spaces int, text string) string { return "\n" + indented(spaces, text) },
		"snakecase":  joinedLower("_"),
		"kebabcase":  joinedLower("-"),
		"camelcase":  camel,
		"nospace": func(text string) string {
			return strings.Join(strings.FieldsFunc(text, unicode.IsSpace), "")
		},
		"dict": newMap,
		"fromJson": func(text string) (value interface{}, err error) {
			err = json.Unmarshal([]byte(text), &value)
			return value, err
		},
		"toJson": func(value interface{}) (string, error) {
			text, err := json.Marshal(value)
			return string(text), err
		},
		"toPrettyJson": func(value interface{}) (string, error) {
			text, err := json.MarshalIndent(value, "", "  ")
			return string(text), err
		},
		"regexMatch": regexp.MatchString,
	}
}
