// Verifies ledgers that Sanad published with the packages that verify Go's checksum database: every checkpoint with
// sumdb/note; roots, inclusion and consistency with sumdb/tlog, over the published tiles. It also makes the same proofs
// itself and compares them, and signs a note of its own for Sanad to read.
package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error, doing string, more ...interface{}) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", fmt.Sprintf(doing, more...), err)
		os.Exit(1)
	}
}

// tiles reads published tiles: tlog's tile/8/L/N is tile/L/N there.
type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if errors.Is(err, os.ErrNotExist) {
			// A partial tile may be taken down once the full one is there.
			path, _, _ = strings.Cut(path, ".p/")
			data, err = os.ReadFile(filepath.Join(t.folder, path))
		}
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is too short", path)
		}
		found = append(found, data[:tile.W*tlog.HashSize])
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// kept remembers the hashes that were read and verified before.
func kept(from tlog.HashReader) tlog.HashReader {
	memory := make(map[int64]tlog.Hash)
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var missing []int64
		for _, index := range indexes {
			if _, ok := memory[index]; !ok {
				missing = append(missing, index)
			}
		}
		if len(missing) > 0 {
			hashes, err := from.ReadHashes(missing)
			if err != nil {
				return nil, err
			}
			for i, index := range missing {
				memory[index] = hashes[i]
			}
		}
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = memory[index]
		}
		return found, nil
	})
}

// each gives every line of a file of JSON values to take.
func each(path string, take func(data []byte)) int {
	file, err := os.Open(path)
	check(err, "opening %s", path)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	count := 0
	for lines.Scan() {
		take(lines.Bytes())
		count++
	}
	check(lines.Err(), "reading %s", path)
	return count
}

// checkpoint opens a note and gives the tree that it speaks of.
func checkpoint(data string, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open([]byte(data), note.VerifierList(verifier))
	check(err, "opening a checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		check(errors.New(opened.Text), "reading a checkpoint's text")
	}
	var size int64
	_, err = fmt.Sscanf(lines[1], "%d", &size)
	check(err, "reading a checkpoint's size")
	root, err := tlog.ParseHash(lines[2])
	check(err, "reading a checkpoint's root")
	return tlog.Tree{N: size, Hash: root}
}

func parsed(texts []string) []tlog.Hash {
	var hashes []tlog.Hash
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		check(err, "reading a proof")
		hashes = append(hashes, hash)
	}
	return hashes
}

func same(ours, theirs []tlog.Hash) error {
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		return fmt.Errorf("Go makes the proof %v", theirs)
	}
	return nil
}

// entries gives every record's hash, from the published bundles.
func entries(folder string, size int64) []tlog.Hash {
	var hashes []tlog.Hash
	for index := int64(0); int64(len(hashes)) < size; index++ {
		tile := tlog.Tile{H: 8, L: 0, N: index, W: 256}
		if size-index*256 < 256 {
			tile.W = int(size - index*256)
		}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(folder, path))
		check(err, "reading a bundle")
		for i := 0; i < tile.W; i++ {
			length := int(binary.BigEndian.Uint16(data))
			hashes = append(hashes, tlog.RecordHash(data[2:2+length]))
			data = data[2+length:]
		}
		if len(data) > 0 {
			check(errors.New("bytes are left"), "reading %s", path)
		}
	}
	return hashes
}

func ledger(folder string) {
	var keys struct{ Log string }
	each(filepath.Join(folder, "keys.json"), func(data []byte) { check(json.Unmarshal(data, &keys), "reading keys") })
	verifier, err := note.NewVerifier(keys.Log)
	check(err, "reading the log's key")
	published := filepath.Join(folder, "published")
	data, err := os.ReadFile(filepath.Join(published, "checkpoint"))
	check(err, "reading the checkpoint")
	latest := checkpoint(string(data), verifier)
	reader := kept(tlog.TileHashReader(latest, tiles{published}))

	var roots []tlog.Hash
	sizes := each(filepath.Join(folder, "sizes.jsonl"), func(data []byte) {
		var told struct{ Note string }
		check(json.Unmarshal(data, &told), "reading a checkpoint")
		tree := checkpoint(told.Note, verifier)
		root := tree.Hash // tlog has no tree without records.
		if tree.N > 0 {
			root, err = tlog.TreeHash(tree.N, reader)
			check(err, "hashing the tree of size %d", tree.N)
		}
		if tree.N != int64(len(roots)) || root != tree.Hash {
			check(fmt.Errorf("Go's is %v", root), "comparing the root of size %d", tree.N)
		}
		roots = append(roots, root)
	})
	leaves := entries(published, latest.N)
	inclusions := each(filepath.Join(folder, "inclusion.jsonl"), func(data []byte) {
		var told struct {
			Index, Size int64
			Hashes      []string
		}
		check(json.Unmarshal(data, &told), "reading an inclusion proof")
		proof := parsed(told.Hashes)
		err := tlog.CheckRecord(proof, told.Size, roots[told.Size], told.Index, leaves[told.Index])
		check(err, "checking that record %d is in size %d", told.Index, told.Size)
		theirs, err := tlog.ProveRecord(told.Size, told.Index, reader)
		check(err, "proving record %d in size %d", told.Index, told.Size)
		check(same(proof, theirs), "comparing the proof of record %d in size %d", told.Index, told.Size)
	})
	consistencies := each(filepath.Join(folder, "consistency.jsonl"), func(data []byte) {
		var told struct {
			Old, Size int64
			Hashes    []string
		}
		check(json.Unmarshal(data, &told), "reading a consistency proof")
		proof := parsed(told.Hashes)
		if told.Old == 0 { // tlog proves nothing from the empty tree on, and there is nothing to prove.
			check(same(proof, nil), "looking at the proof from 0 to %d", told.Size)
			return
		}
		err := tlog.CheckTree(proof, told.Size, roots[told.Size], told.Old, roots[told.Old])
		check(err, "checking that size %d extends %d", told.Size, told.Old)
		theirs, err := tlog.ProveTree(told.Size, told.Old, reader)
		check(err, "proving that size %d extends %d", told.Size, told.Old)
		check(same(proof, theirs), "comparing the proof from %d to %d", told.Old, told.Size)
	})
	signed(folder, verifier.Name(), latest)
	fmt.Printf("go: %d entries: %d checkpoints, %d inclusion and %d consistency proofs hold\n",
		latest.N, sizes, inclusions, consistencies)
}

// signed writes the latest checkpoint as Go signs it, and the key, for Sanad to read.
func signed(folder, name string, latest tlog.Tree) {
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	key, err := note.NewEd25519VerifierKey(name, private.Public().(ed25519.PublicKey))
	check(err, "writing a key")
	verifier, err := note.NewVerifier(key)
	check(err, "reading a key")
	seed := base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...))
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, verifier.KeyHash(), seed))
	check(err, "reading a private key")
	text := fmt.Sprintf("%s\n%d\n%v\n", name, latest.N, latest.Hash)
	data, err := note.Sign(&note.Note{Text: text}, signer)
	check(err, "signing")
	check(os.WriteFile(filepath.Join(folder, "go.key"), []byte(key+"\n"), 0o644), "writing a key")
	check(os.WriteFile(filepath.Join(folder, "go.checkpoint"), data, 0o644), "writing a checkpoint")
}

func main() {
	for _, folder := range os.Args[1:] {
		ledger(folder)
	}
}
