package store

import (
	"encoding/binary"
	"errors"
	"iter"
	"maps"
	"math/bits"
	"slices"

	"bellhop/app"
)

// A block is 16384 consecutive ids. The size is a compromise: a removal rewrites
// a block (2 KB at most), clearing a million moves 62 of them.
const (
	blockShift = 14
	blockSize  = 1 << blockShift
	blockWords = blockSize / 64
)

// block is the set of the ids of one block, by their offset.
type block [blockWords]uint64

// idSet is a set of alert ids, by block number. Blocks may be empty.
type idSet map[int64]*block

func blockOf(id app.AlertID) int64 { return int64(id) >> blockShift }

func (b *block) len() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b *block) has(offset int) bool { return b[offset>>6]&(1<<(offset&63)) != 0 }

// below returns the highest offset in b below limit, or -1.
func (b *block) below(limit int) int {
	for w := (limit - 1) >> 6; w >= 0; w-- {
		word := b[w]
		if w == limit>>6 {
			word &= 1<<(limit&63) - 1
		}
		if word != 0 {
			return w<<6 + 63 - bits.LeadingZeros64(word)
		}
	}
	return -1
}

// encode returns b as it is stored: little-endian, two bytes for each offset
// where that is shorter, else all the bits.
func (b *block) encode() []byte {
	n := b.len()
	if n < blockSize/16 {
		out := make([]byte, 0, 2*n)
		for w, word := range b {
			for ; word != 0; word &= word - 1 {
				out = binary.LittleEndian.AppendUint16(out, uint16(w<<6+bits.TrailingZeros64(word)))
			}
		}
		return out
	}
	out := make([]byte, 0, blockSize/8)
	for _, word := range b {
		out = binary.LittleEndian.AppendUint64(out, word)
	}
	return out
}

// errBlock says that a stored block is not of the form that encode makes.
var errBlock = errors.New("a block of ids has no valid form")

// decodeBlock is the reverse of encode.
func decodeBlock(raw []byte) (*block, error) {
	b := new(block)
	if len(raw) == blockSize/8 {
		for w := range b {
			b[w] = binary.LittleEndian.Uint64(raw[w*8:])
		}
		return b, nil
	}
	if len(raw)%2 != 0 || len(raw) > blockSize/8 {
		return nil, errors.Join(errDamaged, errBlock)
	}
	for ; len(raw) > 0; raw = raw[2:] {
		offset := binary.LittleEndian.Uint16(raw)
		if offset >= blockSize {
			return nil, errors.Join(errDamaged, errBlock)
		}
		b[offset>>6] |= 1 << (offset & 63)
	}
	return b, nil
}

func newIDSet(ids ...app.AlertID) idSet {
	s := make(idSet)
	for _, id := range ids {
		s.add(id)
	}
	return s
}

func (s idSet) add(id app.AlertID) {
	b := s[blockOf(id)]
	if b == nil {
		b = new(block)
		s[blockOf(id)] = b
	}
	offset := int(id) & (blockSize - 1)
	b[offset>>6] |= 1 << (offset & 63)
}

func (s idSet) has(id app.AlertID) bool {
	b := s[blockOf(id)]
	return b != nil && b.has(int(id)&(blockSize-1))
}

func (s idSet) len() int {
	n := 0
	for _, b := range s {
		n += b.len()
	}
	return n
}

// union adds o's ids to s.
func (s idSet) union(o idSet) {
	for n, ob := range o {
		b := s[n]
		if b == nil {
			b = new(block)
			s[n] = b
		}
		for w := range b {
			b[w] |= ob[w]
		}
	}
}

// minus returns the ids of s that are not in o.
func (s idSet) minus(o idSet) idSet {
	out := make(idSet)
	for n, b := range s {
		c := *b
		if ob := o[n]; ob != nil {
			for w := range c {
				c[w] &^= ob[w]
			}
		}
		if c != (block{}) {
			out[n] = &c
		}
	}
	return out
}

// and returns the ids in both s and o.
func (s idSet) and(o idSet) idSet {
	out := make(idSet)
	for n, b := range s {
		ob := o[n]
		if ob == nil {
			continue
		}
		c := *b
		for w := range c {
			c[w] &= ob[w]
		}
		if c != (block{}) {
			out[n] = &c
		}
	}
	return out
}

// blocks returns the numbers of the blocks, ascending.
func (s idSet) blocks() []int64 { return slices.Sorted(maps.Keys(s)) }

// desc yields the ids from the highest down.
func (s idSet) desc() iter.Seq[app.AlertID] {
	return func(yield func(app.AlertID) bool) {
		for _, n := range slices.Backward(s.blocks()) {
			for offset := s[n].below(blockSize); offset >= 0; offset = s[n].below(offset) {
				if !yield(app.AlertID(n<<blockShift + int64(offset))) {
					return
				}
			}
		}
	}
}

// ids returns the ids, ascending.
func (s idSet) ids() []app.AlertID {
	out := make([]app.AlertID, 0, s.len())
	for id := range s.desc() {
		out = append(out, id)
	}
	slices.Reverse(out)
	return out
}

// first returns the lowest n ids, ascending.
func (s idSet) first(n int) []app.AlertID {
	var out []app.AlertID
	for _, number := range s.blocks() {
		out = append(out, (idSet{number: s[number]}).ids()...)
		if len(out) >= n {
			return out[:n]
		}
	}
	return out
}

// blockUpTo returns the ids of the block of id, up to and with id.
func blockUpTo(id app.AlertID) idSet {
	out := make(idSet)
	for offset := range id&(blockSize-1) + 1 {
		out.add(id&^(blockSize-1) + offset)
	}
	return out
}
