// Read a published log as anybody would who has never heard of us: with Go's own
// packages for notes and transparency logs, which most public logs run on.
//
//	read_log DIR KEY [PROOF...]
//
// Opens the checkpoint, takes every hash from tiles that are checked against its root,
// proves each entry (where entries are published), each smaller tree to be a beginning
// of the whole one, and each .tlog-proof file given.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Go's paths name the height of a tile; those of C2SP leave out that it is 8.
type folder string

func (dir folder) Height() int                            { return 8 }
func (dir folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}
func (dir folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(string(dir), path))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func open(text []byte, verifiers note.Verifiers) tlog.Tree {
	opened, err := note.Open(text, verifiers)
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

// The entries of tile n: each has its length before it, in two bytes.
func entries(dir string, tree tlog.Tree, n int64) [][]byte {
	tile := tlog.Tile{H: 8, L: 0, N: n, W: 256}
	if rest := tree.N - n*256; rest < 256 {
		tile.W = int(rest)
	}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(dir, path))
	check(err)
	var list [][]byte
	for len(data) > 0 {
		length := int(data[0])<<8 | int(data[1])
		list = append(list, data[2:2+length])
		data = data[2+length:]
	}
	if len(list) != tile.W {
		log.Fatalf("%s has %d entries", path, len(list))
	}
	return list
}

func checkEntries(dir string, tree tlog.Tree, hashes tlog.HashReader) {
	for n := int64(0); n*256 < tree.N; n++ {
		for i, entry := range entries(dir, tree, n) {
			seq := n*256 + int64(i)
			var head struct{ Seq int64 }
			check(json.Unmarshal(entry, &head))
			if head.Seq != seq {
				log.Fatalf("entry %d is record %d", seq, head.Seq)
			}
			if n > 2 && i%64 != 0 { // the first tiles wholly, of the others some
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, seq, hashes)
			check(err)
			check(tlog.CheckRecord(proof, tree.N, tree.Hash, seq, tlog.RecordHash(entry)))
		}
	}
	fmt.Printf("the entries are those of the checkpoint\n")
}

func checkGrowth(tree tlog.Tree, hashes tlog.HashReader) {
	for size := int64(1); size <= tree.N; size += 1 + size/7 {
		root, err := tlog.TreeHash(size, hashes)
		check(err)
		proof, err := tlog.ProveTree(tree.N, size, hashes)
		check(err)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, size, root))
	}
	fmt.Printf("%d records, and every smaller tree is its beginning\n", tree.N)
}

// extra BASE64, index N, hashes, an empty line, the checkpoint.
func checkProof(path string, verifiers note.Verifiers) {
	text, err := os.ReadFile(path)
	check(err)
	parts := bytes.SplitN(text, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	line, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err)
	var record struct{ Head string }
	check(json.Unmarshal(line, &record))
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, text := range lines[3:] {
		hash, err := tlog.ParseHash(text)
		check(err)
		proof = append(proof, hash)
	}
	tree := open(parts[1], verifiers)
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash([]byte(record.Head))))
	fmt.Printf("record %d is one of %d\n", index, tree.N)
}

func main() {
	log.SetFlags(0)
	dir := os.Args[1]
	key, err := os.ReadFile(os.Args[2])
	check(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	check(err)
	verifiers := note.VerifierList(verifier)
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	check(err)
	tree := open(text, verifiers)
	hashes := tlog.TileHashReader(tree, folder(dir))
	checkGrowth(tree, hashes)
	if _, err := os.Stat(filepath.Join(dir, "tile/entries")); err == nil {
		checkEntries(dir, tree, hashes)
	}
	for _, path := range os.Args[3:] {
		checkProof(path, verifiers)
	}
}
