package main

// The functions of confd for templates, made from the description of what they do, on the keys and the environment of
// data.json. Nothing here asks a name server.

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"

	"./memkv"
)

type store map[string]string

func (s store) sorted() []string {
	keys := make([]string, 0, len(s))
	for key := range s {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func (s store) get(key string) (memkv.KVPair, error) {
	value, found := s[key]
	if !found {
		return memkv.KVPair{}, fmt.Errorf("key does not exist: %s", key)
	}
	return memkv.KVPair{key, value}, nil
}

func (s store) getv(key string, fallback ...string) (string, error) {
	value, found := s[key]
	if found {
		return value, nil
	}
	if len(fallback) > 0 {
		return fallback[0], nil
	}
	return "", fmt.Errorf("key does not exist: %s", key)
}

func (s store) gets(pattern string) (memkv.KVPairs, error) {
	pairs := memkv.KVPairs{}
	for _, key := range s.sorted() {
		matched, err := path.Match(pattern, key)
		if err != nil {
			return nil, err
		}
		if matched {
			pairs = append(pairs, memkv.KVPair{key, s[key]})
		}
	}
	return pairs, nil
}

func (s store) getvs(pattern string) ([]string, error) {
	pairs, err := s.gets(pattern)
	values := []string{}
	for _, pair := range pairs {
		values = append(values, pair.Value)
	}
	sort.Strings(values)
	return values, err
}

// names gives what is one level below a folder: a key, or a folder if deeper is set. The root has no folders.
func (s store) names(folder string, leaves bool) []string {
	found := map[string]bool{}
	terms := strings.Split(path.Clean(folder), "/")
	for key := range s {
		if leaves && key == folder {
			found[path.Base(key)] = true
			continue
		}
		parts := strings.Split(path.Clean(path.Dir(key)), "/")
		if !strings.HasPrefix(key, folder) || len(parts) < len(terms) {
			continue
		}
		same := true
		for i, term := range terms {
			same = same && parts[i] == term
		}
		if same && leaves {
			rest := strings.TrimPrefix(strings.TrimPrefix(key, folder), "/")
			found[strings.Split(rest, "/")[0]] = true
		} else if same && len(parts) > len(terms) {
			found[parts[len(terms)]] = true
		}
	}
	list := []string{}
	for name := range found {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

type byKeyLength []memkv.KVPair

func (s byKeyLength) Len() int           { return len(s) }
func (s byKeyLength) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s byKeyLength) Less(i, j int) bool { return len(s[i].Key) < len(s[j].Key) }

func reversed(list interface{}) interface{} {
	switch v := list.(type) {
	case []string:
		turned := make([]string, 0, len(v))
		for i := len(v) - 1; i >= 0; i-- {
			turned = append(turned, v[i])
		}
		return turned
	case []memkv.KVPair:
		turned := make([]memkv.KVPair, 0, len(v))
		for i := len(v) - 1; i >= 0; i-- {
			turned = append(turned, v[i])
		}
		return turned
	}
	return list
}

func newMap(pairs ...interface{}) (map[string]interface{}, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("invalid map call")
	}
	members := map[string]interface{}{}
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("map keys must be strings")
		}
		members[key] = pairs[i+1]
	}
	return members, nil
}

func confdFunctions(keys store, env map[string]string) map[string]interface{} {
	return map[string]interface{}{
		"exists": func(key string) bool { _, found := keys[key]; return found },
		"get":    keys.get,
		"gets":   keys.gets,
		"getv":   keys.getv,
		"getvs":  keys.getvs,
		"ls":     func(folder string) []string { return keys.names(folder, true) },
		"lsdir":  func(folder string) []string { return keys.names(folder, false) },
		"getenv": func(name string, fallback ...string) string {
			if env[name] == "" && len(fallback) > 0 {
				return fallback[0]
			}
			return env[name]
		},
		"base":       path.Base,
		"dir":        path.Dir,
		"split":      strings.Split,
		"join":       strings.Join,
		"toUpper":    strings.ToUpper,
		"toLower":    strings.ToLower,
		"contains":   strings.Contains,
		"replace":    strings.Replace,
		"trimSuffix": strings.TrimSuffix,
		"base64Encode": func(text string) string {
			return base64.StdEncoding.EncodeToString([]byte(text))
		},
		"base64Decode": func(text string) (string, error) {
			data, err := base64.StdEncoding.DecodeString(text)
			return string(data), err
		},
		"json": func(text string) (map[string]interface{}, error) {
			var object map[string]interface{}
			err := json.Unmarshal([]byte(text), &object)
			return object, err
		},
		"jsonArray": func(text string) ([]interface{}, error) {
			var list []interface{}
			err := json.Unmarshal([]byte(text), &list)
			return list, err
		},
		"map":       newMap,
		"parseBool": strconv.ParseBool,
		"atoi":      strconv.Atoi,
		"add":       func(a, b int) int { return a + b },
		"sub":       func(a, b int) int { return a - b },
		"mul":       func(a, b int) int { return a * b },
		"div":       func(a, b int) int { return a / b },
		"mod":       func(a, b int) int { return a % b },
		"seq": func(first, last int) []int {
			list := []int{}
			for i := first; i <= last; i++ {
				list = append(list, i)
			}
			return list
		},
		"reverse": reversed,
		"sortByLength": func(list []string) []string {
			sorted := append([]string{}, list...)
			sort.SliceStable(sorted, func(i, j int) bool { return len(sorted[i]) < len(sorted[j]) })
			return sorted
		},
		"sortKVByLength": func(list []memkv.KVPair) []memkv.KVPair {
			sorted := append([]memkv.KVPair{}, list...)
			sort.Stable(byKeyLength(sorted))
			return sorted
		},
	}
}
