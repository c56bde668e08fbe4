package widget

// Measures of a matrix.
const (
	matrixLine  float32 = 42
	matrixHead  float32 = 36
	matrixName  float32 = 212 // room for the title before columns become narrower
	matrixLeast float32 = 46  // the narrowest column beside a title
	matrixMost  float32 = 84  // the widest column
	matrixSlim  float32 = 38  // the narrowest column of all
	matrixRing  float32 = 3   // room between a switch and the ring around it

	matrixStack float32 = 150 // with less room for the title it stands above its switches
	matrixTitle float32 = 24  // the height of such a title
	matrixLow   float32 = 38  // the height of the switches below it
)

// matrixGrid is where the parts of a matrix are.
type matrixGrid struct {
	stacked bool
	column  float32 // how wide one is
	from    float32 // where the first begins
	line    float32 // how high a line is
	top     float32 // where in a line the switches begin
}

// gridOf returns where the parts are in a matrix of the given width.
func gridOf(w float32, columns int) matrixGrid {
	n := float32(max(1, columns))
	if w > 0 && w-n*matrixLeast < matrixStack {
		column := min(w/n, matrixMost)
		return matrixGrid{stacked: true, column: column, from: w - column*n, line: matrixTitle + matrixLow, top: matrixTitle}
	}
	column := min(max((w-matrixName)/n, matrixLeast), matrixMost)
	return matrixGrid{column: column, from: w - column*n, line: matrixLine}
}
