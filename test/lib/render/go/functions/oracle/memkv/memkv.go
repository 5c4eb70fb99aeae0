// Package memkv has the types of entries under the name that confd prints them with.
package memkv

// KVPair is an entry.
type KVPair struct {
	Key   string
	Value string
}

// KVPairs is the result of gets.
type KVPairs []KVPair
