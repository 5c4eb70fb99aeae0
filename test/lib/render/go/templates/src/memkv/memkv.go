// Package memkv declares the pairs of confd by the names that it has for them, since templates can print these.
package memkv

type KVPair struct{ Key, Value string }
type KVPairs []KVPair
