// SPDX-License-Identifier: Apache-2.0

// The other side: golang.org/x/mod/sumdb knows nothing of our code. "read DIR" opens what we wrote,
// "write DIR" makes a log for us to read.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(elements ...string) []byte {
	data, err := os.ReadFile(filepath.Join(elements...))
	must(err)
	return data
}

func write(data []byte, elements ...string) {
	path := filepath.Join(elements...)
	must(os.MkdirAll(filepath.Dir(path), 0o755))
	must(os.WriteFile(path, data, 0o644))
}

// Paths of tlog-tiles from those of Go's checksum database, which name the height first.
func tilePath(t tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(t.Path(), "tile/8/")
}

type directory string

func (d directory) Height() int                     { return 8 }
func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}
func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(string(d), tilePath(t)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// tlog-cosignature, as a verifier and signer of notes of its own.
type cosigner struct {
	name string
	pub  ed25519.PublicKey
	priv ed25519.PrivateKey
}

func (c *cosigner) Name() string { return c.name }
func (c *cosigner) KeyHash() uint32 {
	h := sha256.Sum256(append([]byte(c.name+"\n\x04"), c.pub...))
	return binary.BigEndian.Uint32(h[:])
}

func cosigned(time uint64, msg []byte) []byte {
	return []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg))
}

func (c *cosigner) Verify(msg, sig []byte) bool {
	return len(sig) == 72 &&
		ed25519.Verify(c.pub, cosigned(binary.BigEndian.Uint64(sig), msg), sig[8:])
}

func (c *cosigner) Sign(msg []byte) ([]byte, error) {
	now := uint64(time.Now().Unix())
	sig := binary.BigEndian.AppendUint64(nil, now)
	return append(sig, ed25519.Sign(c.priv, cosigned(now, msg))...), nil
}

func cosignerOf(vkey string) *cosigner {
	parts := strings.SplitN(strings.TrimSpace(vkey), "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	c := &cosigner{name: parts[0], pub: key[1:]}
	if key[0] != 4 || fmt.Sprintf("%08x", c.KeyHash()) != parts[1] {
		log.Fatal("the witness's vkey is not one")
	}
	return c
}

type checkpoint struct {
	origin string
	tree   tlog.Tree
}

func parseCheckpoint(text string) (c checkpoint) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		log.Fatalf("not three lines: %q", text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := tlog.ParseHash(lines[2])
	must(err)
	return checkpoint{lines[0], tlog.Tree{N: size, Hash: hash}}
}

func open(data []byte, verifiers note.Verifiers, signers int) checkpoint {
	n, err := note.Open(data, verifiers)
	must(err)
	if len(n.Sigs) != signers || len(n.UnverifiedSigs) != 0 {
		log.Fatalf("%d signatures hold, %d are unknown", len(n.Sigs), len(n.UnverifiedSigs))
	}
	return parseCheckpoint(n.Text)
}

func entriesOf(dir string, size int64) (all [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		t := tlog.Tile{H: 8, L: 0, N: n, W: 256}
		if size-n*256 < 256 {
			t.W = int(size - n*256)
		}
		path := strings.Replace(tilePath(t), "tile/0/", "tile/entries/", 1)
		data := read(dir, path)
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	if int64(len(all)) != size {
		log.Fatalf("%d entries instead of %d", len(all), size)
	}
	return all
}

func hashesOf(lines []string) (all []tlog.Hash) {
	for _, line := range lines {
		h, err := tlog.ParseHash(line)
		must(err)
		all = append(all, h)
	}
	return all
}

func checkProof(dir, name string, verifiers note.Verifiers, entries [][]byte) {
	head, rest, _ := bytes.Cut(read(dir, "proofs", name), []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index "+name {
		log.Fatalf("proof %s begins otherwise", name)
	}
	c := open(rest, verifiers, 2)
	index, err := strconv.ParseInt(name, 10, 64)
	must(err)
	must(tlog.CheckRecord(hashesOf(lines[2:]), c.tree.N, c.tree.Hash, index,
		tlog.RecordHash(entries[index])))
}

func readLog(dir string) {
	v, err := note.NewVerifier(strings.TrimSpace(string(read(dir, "log.vkey"))))
	must(err)
	verifiers := note.VerifierList(v, cosignerOf(string(read(dir, "witness.vkey"))))
	c := open(read(dir, "checkpoint"), verifiers, 2)
	if c.origin != v.Name() {
		log.Fatal("the origin is not the name of the key")
	}
	entries := entriesOf(dir, c.tree.N)
	hashes := tlog.TileHashReader(c.tree, directory(dir))
	included := 0
	for i := int64(0); i < c.tree.N; i += 1 + c.tree.N/200 {
		proof, err := tlog.ProveRecord(c.tree.N, i, hashes)
		must(err)
		must(tlog.CheckRecord(proof, c.tree.N, c.tree.Hash, i, tlog.RecordHash(entries[i])))
		included++
	}
	ours, err := os.ReadDir(filepath.Join(dir, "proofs"))
	must(err)
	for _, file := range ours {
		checkProof(dir, file.Name(), verifiers, entries)
	}
	kept, err := os.ReadDir(filepath.Join(dir, "consistency"))
	must(err)
	for _, file := range kept {
		old := open(read(dir, "checkpoints", file.Name()), verifiers, 2)
		text := strings.TrimSuffix(string(read(dir, "consistency", file.Name())), "\n")
		var proof []tlog.Hash
		if text != "" {
			proof = hashesOf(strings.Split(text, "\n"))
		}
		must(tlog.CheckTree(proof, c.tree.N, c.tree.Hash, old.tree.N, old.tree.Hash))
		theirs, err := tlog.ProveTree(c.tree.N, old.tree.N, hashes)
		must(err)
		if fmt.Sprint(theirs) != fmt.Sprint(tlog.TreeProof(proof)) {
			log.Fatalf("another proof than Go's from %d", old.tree.N)
		}
	}
	fmt.Printf("%d entries, %d included, %d proofs, %d consistent\n", c.tree.N, included, len(ours),
		len(kept))
}

// Hashes of the tree in Go's own order of storage.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) (all []tlog.Hash, err error) {
	for _, i := range indexes {
		all = append(all, s[i])
	}
	return all, nil
}

func writeLog(dir string, size int64) {
	var hashes stored
	var entries [][]byte
	for i := int64(0); i < size; i++ {
		entry := fmt.Sprintf(`{"k":"key","n":"%064x","t":%d,"v":1}`, i, time.Now().Unix())
		entries = append(entries, []byte(entry))
		more, err := tlog.StoredHashes(i, []byte(entry), hashes)
		must(err)
		hashes = append(hashes, more...)
	}
	for _, t := range tlog.NewTiles(8, 0, size) {
		data, err := tlog.ReadTileData(t, hashes)
		must(err)
		write(data, dir, tilePath(t))
		if t.L == 0 {
			var bundle []byte
			for i := t.N * 256; i < t.N*256+int64(t.W); i++ {
				bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entries[i])))
				bundle = append(bundle, entries[i]...)
			}
			write(bundle, dir, strings.Replace(tilePath(t), "tile/0/", "tile/entries/", 1))
		}
	}
	root, err := tlog.TreeHash(size, hashes)
	must(err)
	skey, vkey, err := note.GenerateKey(rand.Reader, "go.example/log")
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	witness := &cosigner{"go.example/witness", pub, priv}
	text := fmt.Sprintf("go.example/log\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, signer, witness)
	must(err)
	write(signed, dir, "checkpoint")
	write([]byte(vkey+"\n"), dir, "log.vkey")
	witnessKey := fmt.Sprintf("%s+%08x+%s", witness.name, witness.KeyHash(),
		base64.StdEncoding.EncodeToString(append([]byte{4}, pub...)))
	write([]byte(fmt.Sprintf("log %s\nwitness w %s\nquorum w\n", vkey, witnessKey)), dir, "log.policy")
	index := size * 2 / 3
	proof, err := tlog.ProveRecord(size, index, hashes)
	must(err)
	out := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
	for _, h := range proof {
		out += base64.StdEncoding.EncodeToString(h[:]) + "\n"
	}
	write([]byte(out+"\n"+string(signed)), dir, "proof")
	write(entries[index], dir, "entry")
}

// What a bench published: signed by its log alone, every kept checkpoint a beginning of the last.
func publishedLog(dir string) {
	v, err := note.NewVerifier(strings.TrimSpace(string(read(dir, "log.vkey"))))
	must(err)
	verifiers := note.VerifierList(v)
	c := open(read(dir, "checkpoint"), verifiers, 1)
	if c.origin != v.Name() {
		log.Fatal("the origin is not the name of the key")
	}
	entries := entriesOf(dir, c.tree.N)
	hashes := tlog.TileHashReader(c.tree, directory(dir))
	for i := int64(0); i < c.tree.N; i++ {
		proof, err := tlog.ProveRecord(c.tree.N, i, hashes)
		must(err)
		must(tlog.CheckRecord(proof, c.tree.N, c.tree.Hash, i, tlog.RecordHash(entries[i])))
	}
	kept, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	must(err)
	for _, file := range kept {
		old := open(read(dir, "checkpoints", file.Name()), verifiers, 1)
		proof, err := tlog.ProveTree(c.tree.N, old.tree.N, hashes)
		must(err)
		must(tlog.CheckTree(proof, c.tree.N, c.tree.Hash, old.tree.N, old.tree.Hash))
	}
	fmt.Printf("%s: %d entries, %d checkpoints\n", dir, c.tree.N, len(kept))
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: main read|published|write DIR")
	}
	switch os.Args[1] {
	case "read":
		readLog(os.Args[2])
	case "published":
		publishedLog(os.Args[2])
	case "write":
		writeLog(os.Args[2], 70001)
	default:
		log.Fatal("usage: main read|published|write DIR")
	}
}
