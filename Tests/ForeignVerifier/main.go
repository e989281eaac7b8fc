// Checks an exported log or a proof with the packages of Go's checksum database, and nothing of invite-mirror.
//
//	main KEY tiles DIR [CHECKPOINT]   every entry against the tiles, the tiles against the signed checkpoint,
//	                                  and, if one is given, the tree against a checkpoint that was kept
//	main KEY proof FILE               one entry against the signed checkpoint in the proof
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: main KEY tiles DIR [CHECKPOINT] | main KEY proof FILE")
		os.Exit(64)
	}
	verdict, err := check(os.Args[1], os.Args[2], os.Args[3], os.Args[4:])
	if err != nil {
		fmt.Println("REFUSED:", err)
		os.Exit(1)
	}
	fmt.Println("holds:", verdict)
}

func check(key, what, path string, kept []string) (string, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return "", err
	}
	if what == "proof" {
		return checkProof(verifier, path)
	}
	return checkTiles(verifier, path, kept)
}

// openCheckpoint reads a signed checkpoint: origin, size, root.
func openCheckpoint(data []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("bad signature: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("no checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func checkProof(verifier note.Verifier, path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	head, checkpoint, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("no tlog-proof")
	}
	tree, err := openCheckpoint(checkpoint, verifier)
	if err != nil {
		return "", err
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return "", err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return "", err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return "", err
		}
		proof = append(proof, hash)
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return "", err
	}
	return fmt.Sprintf("entry %d of %d", index, tree.N), nil
}

// tiles reads C2SP tiles, which stand in tile/<level> where Go's stand in tile/8/<level>.
type tiles struct{ directory string }

func (t tiles) Height() int                                { return 8 }
func (t tiles) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (t tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range list {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(t.directory, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func checkTiles(verifier note.Verifier, directory string, kept []string) (string, error) {
	data, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return "", err
	}
	tree, err := openCheckpoint(data, verifier)
	if err != nil {
		return "", err
	}
	// The reader checks each tile against the signed root before it gives a hash away.
	reader := tlog.TileHashReader(tree, tiles{directory})
	for first := int64(0); first < tree.N; first += 256 {
		width := int64(256)
		if tree.N-first < width {
			width = tree.N - first
		}
		if err := checkBundle(reader, directory, first, width); err != nil {
			return "", err
		}
	}
	for _, path := range kept {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		old, err := openCheckpoint(data, verifier)
		if err != nil {
			return "", err
		}
		if old.N > tree.N {
			return "", fmt.Errorf("rolled back: %d entries were signed before, now there are %d", old.N, tree.N)
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return "", fmt.Errorf("rewritten: the kept checkpoint is not of this tree: %w", err)
		}
	}
	return fmt.Sprintf("%d entries", tree.N), nil
}

func checkBundle(reader tlog.HashReader, directory string, first, width int64) error {
	tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: int(width)}
	name := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/0/")
	bundle, err := os.ReadFile(filepath.Join(directory, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	var indexes []int64
	for index := first; index < first+width; index++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, index))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for place, hash := range hashes {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return fmt.Errorf("the bundle of entry %d is cut off", first+int64(place))
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if tlog.RecordHash(bundle[2:2+length]) != hash {
			return fmt.Errorf("entry %d is not what was signed", first+int64(place))
		}
		bundle = bundle[2+length:]
	}
	if len(bundle) != 0 {
		return errors.New("more entries than were signed")
	}
	return nil
}
