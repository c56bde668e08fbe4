package tray

import (
	"bytes"
	"encoding/binary"
	"image"
)

// ico returns the picture for the Windows taskbar: an .ico with the sizes of
// displays at 100 to 300 percent. Each is drawn for itself rather than scaled.
func ico(f Face, count int) []byte {
	ls := layers(f, count)
	var pictures []*image.NRGBA
	for _, size := range []int{16, 20, 24, 32, 48} {
		pictures = append(pictures, raster(size, ls, smooth))
	}
	return encodeICO(pictures)
}

// encodeICO writes pictures as device-independent bitmaps of 32 bits, which
// every Windows reads at every size, unlike PNG within an .ico. The layout is
// that of ICONDIR, ICONDIRENTRY and BITMAPINFOHEADER.
func encodeICO(pictures []*image.NRGBA) []byte {
	const fileHeader, entry, bitmapHeader = 6, 16, 40
	var directory, bitmaps bytes.Buffer
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(b, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	put(&directory, uint16(0), uint16(1), uint16(len(pictures)))
	for _, m := range pictures {
		side := m.Rect.Dx()
		maskRow := (side + 31) / 32 * 4 // one bit a pixel, in whole words
		length := bitmapHeader + 4*side*side + maskRow*side
		start := fileHeader + entry*len(pictures) + bitmaps.Len()
		put(&directory, uint8(side), uint8(side), uint8(0), uint8(0), uint16(1), uint16(32), uint32(length), uint32(start))
		// The height counts the colours and the mask; rows run upwards.
		put(&bitmaps, uint32(bitmapHeader), int32(side), int32(2*side), uint16(1), uint16(32), [6]uint32{})
		mask := make([]byte, maskRow*side)
		for row := range side {
			for x := range side {
				c := m.NRGBAAt(x, side-1-row)
				bitmaps.Write([]byte{c.B, c.G, c.R, c.A})
				if c.A == 0 {
					mask[row*maskRow+x/8] |= 0x80 >> (x % 8)
				}
			}
		}
		bitmaps.Write(mask)
	}
	return append(directory.Bytes(), bitmaps.Bytes()...)
}
