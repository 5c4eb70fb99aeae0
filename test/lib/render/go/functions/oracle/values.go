package main

// The values of calls as JSON. What JSON has not is an object with one member, whose name is the type:
// f float64, l int64, b uint8, s []string, i []int, c [][]interface{}, m map, t map[string]string, e entry, k entries of gets,
// p []KVPair, g another type, as text.

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"./memkv"
)

func decode(value interface{}) interface{} {
	switch v := value.(type) {
	case json.Number:
		number, _ := strconv.Atoi(string(v))
		return number
	case []interface{}:
		list := make([]interface{}, len(v))
		for i, item := range v {
			list[i] = decode(item)
		}
		return list
	case map[string]interface{}:
		for tag, inner := range v {
			return tagged(tag, inner)
		}
	}
	return value
}

func tagged(tag string, value interface{}) interface{} {
	switch tag {
	case "f":
		number, _ := strconv.ParseFloat(fmt.Sprint(value), 64)
		return number
	case "l":
		number, _ := value.(json.Number).Int64()
		return number
	case "b":
		number, _ := value.(json.Number).Int64()
		return uint8(number)
	case "s":
		list := []string{}
		for _, item := range value.([]interface{}) {
			list = append(list, item.(string))
		}
		return list
	case "i":
		list := []int{}
		for _, item := range value.([]interface{}) {
			list = append(list, decode(item).(int))
		}
		return list
	case "m":
		members := map[string]interface{}{}
		for key, member := range value.(map[string]interface{}) {
			members[key] = decode(member)
		}
		return members
	case "t":
		members := map[string]string{}
		for key, member := range value.(map[string]interface{}) {
			members[key] = member.(string)
		}
		return members
	case "e":
		pair := value.([]interface{})
		return memkv.KVPair{pair[0].(string), pair[1].(string)}
	}
	pairs := []memkv.KVPair{}
	for _, item := range value.([]interface{}) {
		pair := item.([]interface{})
		pairs = append(pairs, memkv.KVPair{pair[0].(string), pair[1].(string)})
	}
	if tag == "k" {
		return memkv.KVPairs(pairs)
	}
	return pairs
}

type object map[string]interface{}

func encode(value interface{}) interface{} {
	switch v := value.(type) {
	case nil, string, bool, int:
		return v
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) || (v == 0 && math.Signbit(v)) {
			return object{"f": strconv.FormatFloat(v, 'g', -1, 64)}
		}
		return object{"f": v}
	case int64:
		return object{"l": v}
	case uint8:
		return object{"b": v}
	case []string:
		return object{"s": append([]string{}, v...)}
	case []int:
		return object{"i": append([]int{}, v...)}
	case []interface{}:
		return encodeList(v)
	case [][]interface{}:
		lists := []interface{}{}
		for _, list := range v {
			lists = append(lists, encodeList(list))
		}
		return object{"c": lists}
	case map[string]interface{}:
		members := object{}
		for key, member := range v {
			members[key] = encode(member)
		}
		return object{"m": members}
	case map[string]string:
		return object{"t": v}
	case memkv.KVPair:
		return object{"e": [2]string{v.Key, v.Value}}
	case memkv.KVPairs:
		return object{"k": encodePairs(v)}
	case []memkv.KVPair:
		return object{"p": encodePairs(v)}
	}
	return object{"g": fmt.Sprint(value)}
}

func encodeList(list []interface{}) []interface{} {
	items := []interface{}{}
	for _, item := range list {
		items = append(items, encode(item))
	}
	return items
}

func encodePairs(list []memkv.KVPair) [][2]string {
	items := [][2]string{}
	for _, pair := range list {
		items = append(items, [2]string{pair.Key, pair.Value})
	}
	return items
}
